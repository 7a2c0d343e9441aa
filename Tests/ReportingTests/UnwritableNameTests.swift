import Dynamics
import Foundation
import Plotting
import Publishing
import Testing

@testable import Reporting

/// Names in scripts that the faces of figures lack.
@Suite struct UnwritableNameTests {
  private static let names = ["層ごと", "модель", "🚀 large", "plain"]

  private func input(labels: [String: String] = [:]) throws -> ReportInput {
    var input = try CatalogueStudy(runs: Self.names, layers: 2, steps: CatalogueStudy.steps(6))
      .input()
    input.labels = labels
    return input
  }

  @Test func theNameTheCharactersAndTheWayOutAreSaid() throws {
    let found = try FigureNames().unwritable(
      runs: [("plain", nil), ("層a", nil), ("b", "型")], others: [(.arm, "ب"), (.probe, "ok")])
    #expect(found.map(\.kind) == [.run, .run, .arm])
    #expect(
      found[0].sentence
        == "figures show a box for 層 (U+5C64) in the name of run 層a: their faces have Latin and "
        + "Greek letters alone; give the run a `label:` that figures write instead")
    #expect(found[1].sentence.contains("型 (U+578B) in the label 型 of run b"))
    #expect(found[2].sentence.contains("in the name of arm ب"))
    #expect(try FigureNames().unwritable(runs: [("層a", "layer a")], others: []) == [])
  }

  @Test func manyNamesAreCounted() throws {
    let notes = try FigureNames().unwritable(
      runs: (0..<14).map { ("層\($0)", nil) }, others: []
    ).notes
    #expect(notes.count == 11)
    #expect(notes.last == "figures show boxes in 4 other names too")
    let many = try FigureNames().unwritable(runs: [("一二三四五六七", nil)], others: [])
    #expect(many[0].sentence.contains("四 (U+56DB) and 3 other characters in"))
  }

  /// Every character that any figure draws as a box belongs to a name that is warned of.
  @Test func noFigureHasABoxThatNothingSpeaksOf() throws {
    let fonts = try FigureDrawing.faces()
    let study = StudyView(try input())
    let said = Set(try FigureNames().unwritable(in: study).flatMap(\.missing))
    #expect(said == Set("層ごとмодель🚀"))
    var drawn: Set<Character> = []
    for figure in FigureCatalogue(study).drawn {
      for target in [Target.wide, .venue(.acl, .column)] {
        let scene = try figure.figure.scene(for: target, theme: .print, fonts: fonts)
        for run in scene.textRuns { drawn.formUnion(fonts.missing(in: run.text)) }
      }
    }
    #expect(!drawn.isEmpty)
    #expect(drawn.isSubset(of: said))
  }

  /// With labels no figure, caption or snippet holds such a character, while tables keep the names.
  @Test func labelsStandInFiguresAndNamesInTables() throws {
    let labels = ["層ごと": "by layer", "модель": "model", "🚀 large": "large"]
    let fonts = try FigureDrawing.faces()
    let study = StudyView(try input(labels: labels))
    #expect(try FigureNames().unwritable(in: study) == [])
    let figures = FigureCatalogue(study).drawn
    #expect(figures.count > 20)
    for figure in figures {
      let scene = try figure.figure.scene(for: .wide, theme: .light, fonts: fonts)
      #expect(scene.textRuns.allSatisfy { fonts.missing(in: $0.text).isEmpty }, "\(figure.id)")
      #expect(scene.audit() == [], "\(figure.id)")
      let tex = TeX.figure(figure, path: "x.pdf")
      #expect(!tex.contains("[U+") && tex.unicodeScalars.allSatisfy(\.isASCII), "\(figure.id)")
    }
    let bySize = try #require(figures.first { $0.id == "cka-by-size" })
    #expect(bySize.rows.csv.contains("層ごと") && bySize.caption.contains("by layer"))
    let scene = try bySize.figure.scene(for: .wide, theme: .light, fonts: fonts)
    #expect(scene.textRuns.contains { $0.text == "by layer" })
  }

  @Test func theSiteAndTheSummarySayIt() throws {
    let folder = try TemporaryFolder()
    let summary = try folder.write(Report(try input()))
    #expect(summary.warnings.contains { $0.contains("name of run 層ごと") })
    let front = try #require(try folder.files("site")["index.html"])
    let page = String(decoding: front, as: UTF8.self)
    #expect(page.contains("Characters in figures.") && page.contains("層 (U+5C64)"))
    let labelled = try folder.write(
      Report(try input(labels: ["層ごと": "by layer", "модель": "model", "🚀 large": "large"])))
    #expect(!labelled.warnings.contains { $0.contains("figures show") })
    let run = try #require(
      try folder.files("site").first {
        $0.key.hasPrefix("runs/large") && $0.key.hasSuffix("index.html")
      })
    #expect(String(decoding: run.value, as: UTF8.self).contains("In figures"))
  }

  @Test func aSnippetSaysWhatItSpellsByCode() throws {
    let figure = try #require(
      FigureCatalogue(StudyView(try input())).drawn.first { $0.id == "cka-by-size" })
    let tex = TeX.figure(figure, path: "cka-by-size.pdf")
    let lines = tex.split(separator: "\n")
    #expect(lines.contains { $0.hasPrefix("% ") && $0.contains("[U+5C64] for 層") })
    #expect(tex.contains("LuaLaTeX"))
    // What is not a comment compiles in any engine.
    for line in lines where !line.hasPrefix("%") {
      #expect(line.unicodeScalars.allSatisfy { $0.value < 0x180 }, "\(line)")
    }
  }
}
