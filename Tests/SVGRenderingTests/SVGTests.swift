import Foundation
import Plotting
import SVGRendering
import Testing

@Suite struct SVGTests {
  private let fonts: FontSet

  init() throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("assets/fonts")
    func bytes(_ face: String) throws -> [UInt8] {
      [UInt8](try Data(contentsOf: folder.appendingPathComponent("tend-sans-\(face).ttf")))
    }
    fonts = try FontSet(
      regular: bytes("regular"), semibold: bytes("semibold"), bold: bytes("bold"),
      italic: bytes("italic"))
  }

  /// Two panels of 27 checkpoints × 32 layers whose cells all differ.
  private func heatmap(id: String = "heat", description: String = "A heatmap.") -> Figure {
    let steps =
      [0.0] + (0..<10).map { Foundation.exp2(Double($0)) }
      + (0..<16).map { 1000 + 9000 * Double($0) }
    let layers = (0..<32).map(Double.init)
    let values = (0..<(27 * 32)).map { Double(($0 * 7919) % 1009) / 1009 }
    return Figure(
      id: id, title: "Heat", description: description, x: .steps(.even), y: .layers(),
      color: .sequential(0...1, title: "CKA"),
      panels: ["MLP", "OV"].map {
        Panel($0, marks: [.tiles(x: steps, y: layers, values: values, emptyLast: true)])
      })
  }

  private func svg(_ figure: Figure, _ target: Target = .wide, _ theme: Theme = .light) throws
    -> String
  {
    String(
      decoding: try SVGRenderer(fonts: fonts).render(
        figure.scene(for: target, theme: theme, fonts: fonts)), as: UTF8.self)
  }

  private func ids(_ text: String) -> [String] {
    text.matches(of: /\sid="([^"]*)"/).map { String($0.output.1) }
  }

  @Test(arguments: [Target.wide, .medium, .narrow])
  func aHeatmapOfRandomCellsStaysBelow200Kilobytes(target: Target) throws {
    #expect(try svg(heatmap(), target).utf8.count < 200_000)
  }

  @Test func noTwoFiguresShareAnId() throws {
    var all: [String] = []
    for id in ["a", "b"] {
      for target in [Target.wide, .medium, .narrow] {
        for theme in [Theme.light, .dark] { all += ids(try svg(heatmap(id: id), target, theme)) }
      }
    }
    #expect(all.count > 100)
    #expect(Set(all).count == all.count)
  }

  @Test func everyReferenceIsDefinedInTheSameFile() throws {
    let text = try svg(heatmap())
    let defined = Set(ids(text))
    for match in text.matches(of: /(?:href="#|url\(#)([^")]*)/) {
      #expect(defined.contains(String(match.output.1)))
    }
  }

  @Test func theSameSceneGivesTheSameText() throws {
    #expect(try svg(heatmap()) == svg(heatmap()))
  }

  @Test func wordsFromOutsideAreEscapedAndTheFileIsWellFormed() throws {
    let text = try svg(
      heatmap(description: "<script>\"&'\u{1}\u{ffff}]]> \u{202e}層"), .narrow, .dark)
    #expect(!text.contains("<script"))
    #expect(text.contains("aria-label=\"&lt;script&gt;&quot;&amp;'"))
    let parser = XMLDocumentCheck(text)
    #expect(parser.problem == nil)
    #expect(!text.contains("style="))
    #expect(!text.contains("@"))
  }

  @Test func cellsLieOnWholePixels() throws {
    let text = try svg(heatmap())
    let cells = text.matches(of: /<path d="([^"]*)"[^>]*crispEdges/)
    #expect(cells.count >= 64)
    for cell in cells { #expect(!cell.output.1.contains("."), "\(cell.output.1.prefix(40))") }
  }

  /// A name in a script that the faces lack is not silently blank.
  @Test func missingCharactersAreDrawn() throws {
    func uses(_ name: String) throws -> Int {
      var figure = heatmap()
      figure.panels[0].name = name
      return try svg(figure).components(separatedBy: "<use ").count
    }
    #expect(try uses("層模型") == uses("MLP"))
  }
}
