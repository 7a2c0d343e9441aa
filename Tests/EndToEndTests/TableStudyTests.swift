import Foundation
import Testing

@testable import Studies

/// A study whose numbers were measured elsewhere is analysed and drawn only where something changed.
@Suite struct TableStudyTests {
  private func table(_ value: Double) -> String {
    var text =
      "run,step,layer,head,component,object,metric,variant,rows,probe,value,lower,upper,n\n"
    for run in ["a", "b"] {
      for step in [0, 100, 1000] {
        for layer in 0..<3 {
          let shown = step == 1000 ? 1 : value * Double(layer + 1) / 4
          text += "\(run),\(step),\(layer),,mlp,activations,cka,default,last,p,\(shown),,,8\n"
        }
      }
    }
    return text
  }

  @Test func mistakesInPagesAreToldBeforeTheAnalysis() throws {
    try Places.withFolder { folder in
      let study = StudyFolder(folder)
      try table(0.5).write(
        to: folder.appending(path: "table.csv"), atomically: true, encoding: .utf8)
      let pages = folder.appending(path: "pages")
      try FileManager.default.createDirectory(at: pages, withIntermediateDirectories: true)
      try "# A\n\n{{at_0.2 nobody mlp}}\n".write(
        to: pages.appending(path: "a.md"), atomically: true, encoding: .utf8)
      try study.write("name: t\nmeasurements: table.csv\n")
      let error = #expect(throws: StudyError.self) { try study.runner().run() }
      #expect(error?.exitCode == .invalid)
      #expect(error?.description.hasPrefix("pages/a.md:3: {{at_0.2 nobody mlp}}") ?? false)
      for name in ["results", "site", ".tend"] {
        #expect(!FileManager.default.fileExists(atPath: folder.appending(path: name).path))
      }
    }
  }

  @Test(
    arguments: [
      (nil, "cannot open"), ("run,step,value\na,0,1\n", "expected the header run,step,name,value"),
      ("run,step,name,value\na,0,x,1\na,0,x,2\n", "each run, step and name once"),
      ("run,step,name,value\na,0,x,good\n", "expected a number"),
    ] as [(String?, String)])
  func mistakesInEvaluationsAreToldBeforeTheAnalysis(content: String?, says: String) throws {
    try Places.withFolder { folder in
      let study = StudyFolder(folder)
      try table(0.5).write(
        to: folder.appending(path: "table.csv"), atomically: true, encoding: .utf8)
      try content?.write(
        to: folder.appending(path: "scores.csv"), atomically: true, encoding: .utf8)
      try study.write(
        "name: t\nmeasurements: table.csv\nanalysis: {evaluations: scores.csv}\n")
      let error = #expect(throws: StudyError.self) { try study.runner().run() }
      #expect(error?.exitCode == .invalid)
      #expect(error?.description.contains("analysis.evaluations") ?? false)
      #expect(error?.description.contains(says) ?? false)
      #expect(throws: StudyError.self) { try study.runner().check() }
      #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "results").path))
    }
  }

  /// A name that figures cannot write is said before, while and after they are drawn; a label mends it.
  @Test func namesThatFiguresCannotWriteAreSaid() throws {
    try Places.withFolder { folder in
      let study = StudyFolder(folder)
      let file = folder.appending(path: "table.csv")
      let text = table(0.5).replacingOccurrences(of: "\na,", with: "\n層,")
      try text.write(to: file, atomically: true, encoding: .utf8)
      try study.write("name: t\nmeasurements: table.csv\n")
      func isSaid(_ notes: [String]) -> Bool {
        notes.contains { $0.contains("層 (U+5C64) in the name of run 層") && $0.contains("label") }
      }
      #expect(isSaid(try study.runner().check().notes))
      #expect(try study.runner().run().exitCode == .done)
      #expect(isSaid(study.notes()))
      _ = study.unitsDone()
      _ = try study.runner().figures(for: ["acl"], text: nil)
      #expect(isSaid(study.notes()))
      _ = study.unitsDone()
      try study.write("name: t\nmeasurements: table.csv\nruns: [{name: 層, label: layered}]\n")
      #expect(!isSaid(try study.runner().check().notes))
      #expect(try study.runner().run().exitCode == .done)
      #expect(!isSaid(study.notes()))
      try study.write("name: t\nmeasurements: table.csv\nruns: [{name: 層, label: b}]\n")
      #expect(throws: StudyError.self) { try study.runner().check() }
    }
  }

  @Test func anUnchangedTableIsLeftAlone() throws {
    try Places.withFolder { folder in
      let study = StudyFolder(folder)
      let file = folder.appending(path: "table.csv")
      try table(0.5).write(to: file, atomically: true, encoding: .utf8)
      try study.write("name: t\nmeasurements: table.csv\n")
      #expect(try study.runner().check().report == [])
      #expect(try study.runner().run().exitCode == .done)
      #expect(try study.runner().check().report == nil)
      let page = folder.appending(path: "site/index.html")
      let before = try Data(contentsOf: page)
      func isUpToDate() throws -> Bool {
        _ = try study.runner().run()
        defer { _ = study.unitsDone() }
        return study.notes().contains { $0.contains("up to date") }
      }
      #expect(try isUpToDate())
      // A page that somebody removed is made again, the same.
      try FileManager.default.removeItem(at: page)
      #expect(try study.runner().check().report == ["site/"])
      #expect(try !isUpToDate())
      #expect(try Data(contentsOf: page) == before)
      try table(0.6).write(to: file, atomically: true, encoding: .utf8)
      #expect(try study.runner().check().report == ["table"])
      #expect(try !isUpToDate())
      #expect(try isUpToDate())
    }
  }
}
