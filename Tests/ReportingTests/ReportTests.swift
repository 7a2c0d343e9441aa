import Dynamics
import Foundation
import Reporting
import Testing

@Suite struct ReportTests {
  @Test func theSameRowsGiveTheSameBytesWhateverTheirOrderAndTheLanes() throws {
    let study = SyntheticStudy()
    let (first, second) = (try TemporaryFolder(), try TemporaryFolder())
    _ = try first.write(study.report())
    let shuffled = try MeasurementTable(try study.table.rows.reversed())
    _ = try second.write(study.report(table: shuffled), lanes: 2)
    for folder in ["figures", "site"] {
      let (a, b) = (try first.files(folder), try second.files(folder))
      #expect(a.count > 50)
      #expect(Set(a.keys) == Set(b.keys))
      for (name, bytes) in a where b[name] != bytes { Issue.record("\(folder)/\(name) differs") }
    }
    let again = try first.write(study.report())
    #expect(again.filesWritten == 0)
  }

  @Test func everyFigureHasAllItsFiles() throws {
    let folder = try TemporaryFolder()
    let report = try SyntheticStudy().report()
    _ = try folder.write(report)
    let names = Set(try folder.files("figures").keys)
    #expect(report.figures.count > 8)
    for id in report.figures {
      for suffix in [".svg", ".dark.svg", ".pdf", ".png", "@2x.png", ".csv"] {
        #expect(names.contains(id + suffix), "\(id)\(suffix)")
      }
    }
  }

  @Test func thePagesOfTheContractAreThere() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write(SyntheticStudy().report())
    let names = Set(try folder.files("site").keys)
    for page in [
      "index.html", "runs/small/index.html", "runs/huge/index.html", "claims/c1/index.html",
      "methods/index.html", "data/index.html",
    ] { #expect(names.contains(page), "\(page)") }
  }

  @Test func whatAStudyLacksIsLeftOutAndSaid() throws {
    var study = SyntheticStudy()
    study.hasWeights = false
    let report = try study.report()
    #expect(!report.figures.contains { $0.contains("per-heads") })
    #expect(report.absent.contains { $0.needs.contains("PER") || $0.needs.contains("weights") })
    let folder = try TemporaryFolder()
    _ = try folder.write(report)
    #expect(try !folder.files("figures").keys.contains { $0.hasPrefix("per-heads") })
  }

  @Test func aTableWithoutTheDebiasedEstimatorSaysSo() throws {
    var study = SyntheticStudy()
    study.isDebiased = false
    let folder = try TemporaryFolder()
    _ = try folder.write(study.report())
    let front = String(decoding: try folder.files("site")["index.html"] ?? Data(), as: UTF8.self)
    #expect(front.contains("biased CKA"))
    #expect(!front.contains("Debiased CKA of each layer"))
  }

  @Test func failedUnitsStandOnTheFrontPage() throws {
    var study = SyntheticStudy()
    study.failures = [
      FailedUnit(run: "small", step: 7, message: "step7/model.safetensors: truncated at byte 99")
    ]
    let folder = try TemporaryFolder()
    _ = try folder.write(study.report())
    let front = String(decoding: try folder.files("site")["index.html"] ?? Data(), as: UTF8.self)
    #expect(front.contains("truncated at byte 99"))
  }

  @Test func namesAreInert() throws {
    var study = SyntheticStudy()
    study.runs = [
      "<script>alert(1)</script>", "\"><img src=x onerror=alert(2)>", "../../outside",
      "=cmd|'/c calc'!A1 \u{1B}[31mred",
    ]
    let folder = try TemporaryFolder()
    _ = try folder.write(study.report(title: "<script>alert(3)</script>"))
    let parent = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(Set(parent) == ["results", "figures", "site"])
    for (name, bytes) in try folder.files("site") {
      #expect(!name.contains(".."))
      guard name.hasSuffix(".html") else { continue }
      let page = String(decoding: bytes, as: UTF8.self)
      #expect(!page.contains("<script>alert"), "\(name)")
      #expect(!page.contains("<img src=x"), "\(name)")
      #expect(!page.contains("\u{1B}"), "\(name)")
    }
    for (name, bytes) in try folder.files("figures") where name.hasSuffix(".csv") {
      let rows = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
      #expect(!rows.contains { $0.hasPrefix("=") }, "\(name)")
    }
  }

  @Test func smallAndLargeStudiesAreDrawn() throws {
    for (runs, layers, steps) in [(1, 1, 2), (1, 4, 3), (2, 12, 5), (12, 2, 6)] {
      var study = SyntheticStudy()
      study.runs = (0..<runs).map { "run-\($0)" }
      study.layers = layers
      study.steps = Array(SyntheticStudy().steps.suffix(steps))
      let folder = try TemporaryFolder()
      let summary = try folder.write(study.report())
      #expect(summary.pages > 8)
    }
  }

  @Test func figuresForAVenueComeWithTheirTeX() throws {
    let folder = try TemporaryFolder()
    let files = try SyntheticStudy().report().write(
      for: PaperTargets("acl"), into: folder.path + "/figures/acl")
    #expect(files.contains("figures.tex") && files.contains("references.bib"))
    let text = String(
      decoding: try folder.files("figures")["acl/figures.tex"] ?? Data(), as: UTF8.self)
    #expect(
      text.contains("\\includegraphics") && text.contains("\\caption") && text.contains("\\label"))
  }
}
