import Foundation
import Testing

@testable import Studies

/// The analysis and the figures are found where they were made before, and give the same bytes.
@Suite struct ReportReuseTests {
  private func write(_ study: StudyFolder, title: String, value: Double = 0.5) throws {
    var text =
      "run,step,layer,head,component,object,metric,variant,rows,probe,value,lower,upper,n\n"
    for run in ["a", "b"] {
      for step in [0, 100, 500, 800, 900, 1000] {
        for layer in 0..<4 {
          let shown = value * Double(step * (layer + 1)) / 4000
          text +=
            "\(run),\(step),\(layer),,mlp,activations,cka,default,last,p,\(step == 1000 ? 1 : shown),,,8\n"
          text += "\(run),\(step),\(layer),,mlp,weights,per,default,,,\(0.9 - shown / 2),,,\n"
        }
      }
    }
    try text.write(
      to: study.folder.appending(path: "table.csv"), atomically: true, encoding: .utf8)
    try study.write("name: t\ntitle: \(title)\nmeasurements: table.csv\n")
  }

  /// Every file of the outputs but what may differ between two runs.
  private func outputs(_ study: StudyFolder) throws -> [String: Data] {
    var files: [String: Data] = [:]
    for folder in ["results", "figures", "site"] {
      let base = study.folder.appending(path: folder)
      for name in try FileManager.default.subpathsOfDirectory(atPath: base.path) {
        let file = base.appending(path: name)
        guard !name.hasPrefix("provenance"), !name.hasSuffix("provenance.json"),
          try file.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile ?? false
        else { continue }
        files["\(folder)/\(name)"] = try Data(contentsOf: file)
      }
    }
    return files
  }

  private func fresh(_ folder: URL, title: String, value: Double = 0.5) throws -> [String: Data] {
    let other = folder.appending(path: "fresh-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: other, withIntermediateDirectories: true)
    let study = StudyFolder(other)
    try write(study, title: title, value: value)
    #expect(try study.runner().run().exitCode == .done)
    return try outputs(study)
  }

  @Test func aTitleRedrawsNothingAndAnalysesNothing() throws {
    try Places.withFolder { folder in
      let study = StudyFolder(folder.appending(path: "s"))
      try FileManager.default.createDirectory(at: study.folder, withIntermediateDirectories: true)
      try write(study, title: "One")
      #expect(try study.runner().run().exitCode == .done)
      let kept = try study.artifacts("analysis") + study.artifacts("figure")
      let figures = try study.artifacts("figure").count
      #expect(figures > 5 && kept.count == figures + 1)
      func states() throws -> [String] {
        try study.snapshot().filter {
          $0.key.hasPrefix(".tend/") && !$0.key.contains("log")
            && ![".tend/finished", ".tend/tables"].contains($0.key)
        }.map { "\($0) \($1)" }.sorted()
      }
      let before = try states()

      try write(study, title: "Two")
      let check = try study.runner().check()
      #expect(check.report == ["study.yaml"])
      #expect(
        check.reportStages == [
          StudyCheck.Stage(stage: .analysis, done: 1),
          StudyCheck.Stage(stage: .figures, done: figures),
        ])
      #expect(check.reportPending.isEmpty)
      #expect(try study.runner().run().exitCode == .done)
      // Nothing was made: no artifact was written again.
      #expect(try states() == before)
      #expect(try outputs(study) == fresh(folder, title: "Two"))
      #expect(try study.runner().clean().items.isEmpty)
    }
  }

  /// Tables that follow from the same inputs are left alone only where they are as they were written.
  @Test(arguments: ["associations.csv", "measurements.json", "study.sqlite"])
  func aTableThatWasTouchedIsWrittenAgain(name: String) throws {
    try Places.withFolder { folder in
      let study = StudyFolder(folder.appending(path: "s"))
      try FileManager.default.createDirectory(at: study.folder, withIntermediateDirectories: true)
      try write(study, title: "One")
      #expect(try study.runner().run().exitCode == .done)
      let table = study.folder.appending(path: "results/\(name)")
      try Data("no table".utf8).write(to: table)
      try write(study, title: "Two")
      #expect(try study.runner().run().exitCode == .done)
      try FileManager.default.removeItem(at: table)
      try write(study, title: "Three")
      #expect(try study.runner().report().exitCode == .done)
      #expect(try outputs(study) == fresh(folder, title: "Three"))
    }
  }

  @Test func anotherTableMakesThemStaleAndSaysWhy() throws {
    try Places.withFolder { folder in
      let study = StudyFolder(folder.appending(path: "s"))
      try FileManager.default.createDirectory(at: study.folder, withIntermediateDirectories: true)
      try write(study, title: "One")
      #expect(try study.runner().run().exitCode == .done)
      let old = Set(try (study.artifacts("analysis") + study.artifacts("figure")).map(\.path))
      try write(study, title: "One", value: 0.25)
      let check = try study.runner().check()
      #expect(
        check.reportPending == [
          StudyCheck.Pending(
            stage: .analysis, unit: "analysis", changed: ["measurements.csv"])
        ])
      #expect(
        check.lines().contains(
          "  analysing: 0 done, 1 to do, 1 of them stale: measurements.csv changed"))
      #expect(try study.runner().run().exitCode == .done)
      #expect(try outputs(study) == fresh(folder, title: "One", value: 0.25))
      // What the last report does not refer to may go, and nothing else.
      let clean = try study.runner().clean()
      let now = Set(try (study.artifacts("analysis") + study.artifacts("figure")).map(\.path))
      #expect(!clean.items.isEmpty && clean.items.allSatisfy { old.contains($0.path) })
      try clean.remove()
      #expect(try study.runner().check().report == nil)
      #expect(
        Set(try (study.artifacts("analysis") + study.artifacts("figure")).map(\.path))
          == now.subtracting(clean.items.map(\.path)))
    }
  }

  @Test func aDamagedOneIsMadeAgainAndTold() throws {
    try Places.withFolder { folder in
      let study = StudyFolder(folder.appending(path: "s"))
      try FileManager.default.createDirectory(at: study.folder, withIntermediateDirectories: true)
      try write(study, title: "One")
      #expect(try study.runner().run().exitCode == .done)
      for kind in ["analysis", "figure"] {
        let file = try #require(try study.artifacts(kind).first)
        var bytes = try Data(contentsOf: file)
        bytes[bytes.count / 3] ^= 0x10
        try bytes.write(to: file)
      }
      try write(study, title: "Two")
      #expect(try study.runner().run().exitCode == .done)
      let notes = study.notes().filter { $0.contains("is damaged") }
      #expect(notes.contains { $0.hasSuffix("analysis is analysed again") })
      #expect(notes.contains { $0.hasSuffix("is drawn again") } && notes.count == 2)
      #expect(try outputs(study) == fresh(folder, title: "Two"))
    }
  }

  @Test func provenanceNamesTheAnalysisAndTheFigures() throws {
    try Places.withFolder { folder in
      let study = StudyFolder(folder)
      try write(study, title: "One")
      #expect(try study.runner().run().exitCode == .done)
      let json = try #require(
        JSONSerialization.jsonObject(
          with: Data(contentsOf: folder.appending(path: "results/provenance.json")))
          as? [String: Any])
      let report = try #require(json["report"] as? [[String: Any]])
      let keys = Set(report.compactMap { $0["key"] as? String })
      let stored = try (study.artifacts("analysis") + study.artifacts("figure")).map {
        $0.pathComponents.suffix(2).joined(separator: "/")
      }
      #expect(keys == Set(stored))
      let analysis = try #require(report.first { $0["unit"] as? String == "analysis" })
      let inputs = try #require(analysis["inputs"] as? [String: String])
      #expect(inputs["measurements.csv"]?.count == 64 && inputs["method"] == "1")
      #expect(analysis["date"] as? String != nil && analysis["environment"] as? Int != nil)
      let page = try String(
        contentsOf: folder.appending(path: "site/provenance/index.html"), encoding: .utf8)
      #expect(page.contains("id=\"analysis\""))
    }
  }
}
