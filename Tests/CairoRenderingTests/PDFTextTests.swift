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
}
