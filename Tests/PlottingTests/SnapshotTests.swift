import Foundation
import Plotting
import Testing

/// What stands where, as text: a change of layout shows as a difference that a reviewer can read.
/// `RECORD_SNAPSHOTS=1` writes the files anew, and fails so that nobody leaves it on.
@Suite struct SnapshotTests {
  private let fonts: FontSet

  init() throws { fonts = try FigureFonts.load() }

  private static let folder = FigureFonts.root.appendingPathComponent("Tests/Fixtures/figures")

  @Test(arguments: [Target.wide, .narrow, .venue(.acl, .column)])
  func layoutIsAsRecorded(target: Target) throws {
    let recording = ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] == "1"
    for figure in SampleFigures().all {
      let theme: Theme = target.unit == .pixel ? .light : .print
      let text = summary(try figure.scene(for: target, theme: theme, fonts: fonts))
      let file = Self.folder.appendingPathComponent("\(figure.id).\(target.name).txt")
      if recording {
        try FileManager.default.createDirectory(
          at: Self.folder, withIntermediateDirectories: true)
        try text.write(to: file, atomically: true, encoding: .utf8)
        Issue.record("recorded \(file.lastPathComponent)")
        continue
      }
      let expected = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
      let found = text.split(separator: "\n")
      let different = zip(expected, found).first { $0 != $1 }
      #expect(
        different == nil && expected.count == found.count,
        "\(file.lastPathComponent): expected \(different?.0 ?? "as many lines"), found \(different?.1 ?? "others")"
      )
    }
  }

  private func number(_ v: Double) -> String { fixed(v, 1) }

  private func summary(_ scene: Scene) -> String {
    var lines = ["\(number(scene.width)) × \(number(scene.height)), \(scene.unit)"]
    func box(_ item: SceneItem) -> String {
      guard let b = item.bounds else { return "nothing" }
      return "\(number(b.x)) \(number(b.y)) \(number(b.right)) \(number(b.bottom))"
    }
    func visit(_ items: [SceneItem], _ indent: String) {
      for item in items {
        switch item {
        case .text(let run):
          lines.append(
            "\(indent)text \(number(run.x)) \(number(run.y)) \(run.face) \(run.size) \(run.colour) \(run.text)"
          )
        case .rectangles(let rects, let fill, _):
          lines.append("\(indent)\(rects.count) rectangles \(fill.colour) \(box(item))")
        case .cells(let cells, _): lines.append("\(indent)\(cells.count) cells \(box(item))")
        case .path(let path, let fill, let stroke):
          let points = path.lines.map { String($0.count) }.joined(separator: "+")
          let colour = (fill?.colour ?? stroke?.paint.colour).map { "\($0)" } ?? "none"
          lines.append("\(indent)path \(points) \(colour) \(box(item))")
        case .circle(_, _, let fill, _):
          lines.append("\(indent)circle \(fill.map { "\($0.colour)" } ?? "open") \(box(item))")
        case .group(_, let inner):
          lines.append("\(indent)group \(box(item))")
          visit(inner, indent + "  ")
        }
      }
    }
    visit(scene.items, "")
    return lines.joined(separator: "\n") + "\n"
  }
}
