import Foundation
import Plotting

enum RenderingFonts {
  static func load() throws -> FontSet {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("assets/fonts")
    func bytes(_ face: String) throws -> [UInt8] {
      [UInt8](try Data(contentsOf: folder.appendingPathComponent("tend-sans-\(face).ttf")))
    }
    return try FontSet(
      regular: bytes("regular"), semibold: bytes("semibold"), bold: bytes("bold"),
      italic: bytes("italic"))
  }

  /// Lines with bands, a key, a rule and the final circle, in two panels.
  static func figure() -> Figure {
    let steps = [0.0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1000, 3000]
    let inner = Array(steps.dropLast())
    let names = ["layer 0", "layer 1", "layer 2"]
    var figure = Figure(
      id: "sample", title: "A sample", description: "Curves of three layers over 13 checkpoints.",
      note: "Debiased CKA to step 3,000", x: .steps(.log2), y: .linear(0...1), series: .depth(names)
    )
    for panel in ["MLP output", "OV activation"] {
      var marks: [Mark] = [.rule(x: 600, label: "20 % of training"), .finalPoint(x: 3000)]
      for (i, name) in names.enumerated() {
        let y = inner.map { 1 - exp(-$0 / (100 * Double(i + 1))) }
        marks.append(
          .band(
            x: inner, lower: y.map { $0 - 0.05 }, upper: y.map { $0 + 0.05 }, style: .interval(name)
          ))
        marks.append(.line(x: inner, y: y, series: name))
      }
      figure.panels.append(Panel(panel, marks: marks))
    }
    return figure
  }
}
