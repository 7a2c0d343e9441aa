import Foundation
import Plotting
import Testing

@testable import CairoRendering

@Suite struct PDFTextTests {
  private let fonts: FontSet

  init() throws { fonts = try RenderingFonts.load() }

  private func pdf(_ target: Target) throws -> (scene: Scene, bytes: [UInt8]) {
    let scene = try RenderingFonts.figure().scene(for: target, theme: .print, fonts: fonts)
    return (scene, try PDFRenderer(fonts: fonts).render(scene))
  }

  @Test func theTitleAndTheAlternativeTextAreInTheFile() throws {
    let (scene, bytes) = try pdf(.venue(.acl, .column))
    let text = String(decoding: bytes, as: UTF8.self)
    #expect(text.contains("/Title (\(scene.title))"))
    #expect(text.contains("/Subject (\(scene.description))"))
    #expect(text.contains("(20240101000000Z)"))
  }

  @Test(.enabled(if: Tool.pdffonts != nil, "pdffonts (poppler-utils) is not installed"))
  func everyFontIsEmbeddedSubsetAndMappedToUnicode() throws {
    for target in [Target.wide, .venue(.acl, .column), .venue(.nature, .text)] {
      let program = try #require(Tool.pdffonts)
      let output = try Tool.output(program, ["FILE"], pdf: try pdf(target).bytes)
      let lines = String(decoding: output, as: UTF8.self).split(separator: "\n").dropFirst(2)
      #expect(!lines.isEmpty)
      for line in lines {
        #expect(line.contains("+TendSans-"), "\(line)")
        #expect(!line.contains("Type 3"), "\(line)")
        let flags = line.split(separator: " ").suffix(5).prefix(3)
        #expect(flags.allSatisfy { $0 == "yes" }, "\(line)")
      }
    }
  }

  @Test(.enabled(if: Tool.pdftotext != nil, "pdftotext (poppler-utils) is not installed"))
  func wordsCanBeSearchedInThePDF() throws {
    let program = try #require(Tool.pdftotext)
    let (scene, bytes) = try pdf(.venue(.neurips, .text))
    let text = String(decoding: try Tool.output(program, ["FILE", "-"], pdf: bytes), as: UTF8.self)
    let plain = text.split { $0.isWhitespace }.joined(separator: " ")
    for run in scene.textRuns where run.text.count > 4 {
      let words = run.text.split { $0.isWhitespace }.joined(separator: " ")
      #expect(plain.contains(words), "\(words)")
    }
  }

  /// Names in scripts that the faces lack: the replacement glyph is a glyph of the embedded subset like any other.
  @Test func missingCharactersAreDrawnInThePDFAndInThePNG() throws {
    var figure = RenderingFonts.figure()
    figure.panels[0].name = "層模型型"
    for (target, scale) in [(Target.wide, 4.0), (.venue(.acl, .text), 4.0)] {
      let scene = try figure.scene(for: target, theme: .print, fonts: fonts)
      let name = try #require(scene.textRuns.first { $0.text == "層模型型" })
      var rasters = [try PNGRenderer(fonts: fonts).pixels(scene, scale: scale)]
      if let drawn = try Tool.rasterised(
        try PDFRenderer(fonts: fonts).render(scene), resolution: Int(96 * scale))
      {
        let height = drawn.bytes.count / 3 / drawn.width
        rasters.append((0..<height).map { y in (0..<drawn.width).map { drawn.pixel($0, y) } })
      }
      let unit = scene.unit.pixels * scale
      for raster in rasters {
        for place in 0..<4 {
          let left = Int((name.x + name.width * Double(place) / 4) * unit)
          let right = Int((name.x + name.width * Double(place + 1) / 4) * unit)
          let rows = raster[Int(name.box.y * unit)..<Int(name.y * unit)]
          let ink = rows.reduce(0) { $0 + $1[left..<right].count { $0 != scene.background } }
          #expect(ink > rows.count, "place \(place), \(target.name)")
        }
      }
    }
  }

  @Test(.enabled(if: Tool.pdftotext != nil, "pdftotext (poppler-utils) is not installed"))
  func missingCharactersCanStillBeSearched() throws {
    let program = try #require(Tool.pdftotext)
    var figure = RenderingFonts.figure()
    figure.panels[0].name = "層模型型"
    let scene = try figure.scene(for: .wide, theme: .print, fonts: fonts)
    let bytes = try PDFRenderer(fonts: fonts).render(scene)
    let text = String(decoding: try Tool.output(program, ["FILE", "-"], pdf: bytes), as: UTF8.self)
    #expect(text.contains("層模型型"))
  }
}
