import Foundation
import Publishing
import Testing
import Yams

@testable import Studies

/// Report, comparison, archive and publication of a study that is a table.
@Suite struct StudyPublicationTests {
  private final class Folder {
    let path = NSTemporaryDirectory() + "tend-publication-" + UUID().uuidString
    init() throws {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
    deinit { try? FileManager.default.removeItem(atPath: path) }

    func put(_ text: String, at name: String) throws {
      try Data(text.utf8).write(to: URL(fileURLWithPath: path + "/" + name))
    }

    func text(_ name: String) throws -> String {
      try String(contentsOfFile: path + "/" + name, encoding: .utf8)
    }

    func exists(_ name: String) -> Bool {
      FileManager.default.fileExists(atPath: path + "/" + name)
    }
  }

  private static func study() throws -> Folder {
    let folder = try Folder()
    var table =
      "run,step,layer,head,component,object,metric,variant,rows,probe,value,lower,upper,n\n"
    for step in [0, 100, 200, 500, 1000] {
      for layer in 0..<2 {
        let value = step == 1000 ? 1 : 0.1 + 0.0008 * Double(step) + 0.01 * Double(layer)
        table += "r,\(step),\(layer),,mlp,activations,cka_debiased,default,last,a,\(value),,,64\n"
      }
    }
    try folder.put(table, at: "table.csv")
    try folder.put("name: A b\nmeasurements: table.csv\n", at: "study.yaml")
    return folder
  }

  private static func runner(_ folder: Folder) throws -> StudyRunner {
    try StudyRunner(
      file: folder.path + "/study.yaml", options: StudyOptions(threads: 2, command: "test"),
      events: { _ in })
  }

  @Test func aReportMadeAgainDiffersInNothingAndAChangeIsNamed() throws {
    let folder = try Self.study()
    _ = try Self.runner(folder).report()
    #expect(try Self.runner(folder).reportDifferences() == [])
    try folder.put("changed", at: "figures/cka-median.csv")
    try folder.put("changed", at: "results/claims.json")
    try folder.put("changed", at: "site/index.html")
    try FileManager.default.removeItem(atPath: folder.path + "/site/404.html")
    let differences = try Self.runner(folder).reportDifferences()
    try folder.put("a stranger", at: "site/added.html")
    #expect(
      Set(try Self.runner(folder).reportDifferences())
        == Set(differences + ["site/added.html: is not part of the site"]))
    for name in [
      "figures/cka-median.csv: differs", "results/claims.json: differs", "site/index.html: differs",
      "site/404.html: is missing",
    ] { #expect(differences.contains(name), "\(name)") }
    // The comparison itself changes nothing.
    #expect(try folder.text("results/claims.json") == "changed")
    #expect(!folder.exists("site/404.html"))
  }

  @Test func aSiteIsPublishedAndArchivedAsItStands() throws {
    let folder = try Self.study()
    let file = folder.path + "/study.yaml"
    let error = #expect(throws: StudyError.self) { try StudyPublication(file: file) }
    #expect(error?.exitCode == .invalid)
    _ = try Self.runner(folder).report()
    let publication = try StudyPublication(file: file)
    let target = folder.path + "/public"
    _ = try publication.publish(to: target)
    try folder.put("report.example", at: "public/CNAME")
    #expect(try publication.publish(to: target).contains(" 0 files written"))
    #expect(try folder.text("public/CNAME") == "report.example")
    #expect(try folder.text("public/index.html") == folder.text("site/index.html"))
    _ = try publication.publishSpace(to: nil, license: "mit")
    #expect(try folder.text("space/README.md").contains("\nsdk: static\n"))
    let archive = try publication.archive()
    #expect(archive.hasPrefix(folder.path + "/a-b-") && archive.hasSuffix(".zip"))
    for place in ["site", "site/inner", "./site/", "", "figures", "results"] {
      #expect(throws: StudyError.self) { try publication.publish(to: folder.path + "/" + place) }
    }
    #expect(throws: StudyError.self) {
      try publication.publish(branch: "gh-pages", remote: "origin", push: false)
    }
  }

  @Test func aPreviewFollowsPagesAndStudy() throws {
    let folder = try Self.study()
    let preview = StudyPreview(
      file: folder.path + "/study.yaml", options: StudyOptions(threads: 2, command: "test"),
      events: { _ in })
    let first = try preview.rebuildAll()
    try FileManager.default.createDirectory(
      atPath: folder.path + "/pages", withIntermediateDirectories: true)
    try folder.put("# Notes\n\nWord.\n", at: "pages/notes.md")
    let second = try preview.rebuildPages()
    let added = Set(second.paths.map(\.string)).subtracting(first.paths.map(\.string))
    #expect(added == ["pages/notes/index.html"])
    try preview.keep(second)
    #expect(try folder.text("site/pages/notes/index.html").contains("Word."))
    try folder.put("# Notes\n\n{{nonsense}}\n", at: "pages/notes.md")
    #expect(throws: (any Error).self) { try preview.rebuildPages() }
    try folder.put("# Notes\n\nMended.\n", at: "pages/notes.md")
    try preview.keep(try preview.rebuildPages())
    #expect(try folder.text("site/pages/notes/index.html").contains("Mended."))
    #expect(preview.sources.contains(folder.path + "/table.csv"))
    // What a preview leaves is what a report makes.
    #expect(try Self.runner(folder).reportDifferences() == [])
  }

  @Test(arguments: ["study.yaml", "a/b c/study.yaml", "it's/study.yaml", "${{ x }}/study.yaml"])
  func theWorkflowNamesTheStudy(path: String) throws {
    let text = try WorkflowTemplate.text(for: path)
    let workflow = try #require(try Yams.load(yaml: text) as? [String: Any])
    let study = try #require((workflow["env"] as? [String: Any])?["STUDY"] as? String)
    #expect(study == path.replacing("${{", with: "$ {{"))
    let jobs = try #require(workflow["jobs"] as? [String: Any])
    #expect(Set(jobs.keys) == ["build", "publish"])
    #expect(!text.contains("@S"))
  }

  @Test(arguments: ["/abs/study.yaml", "../study.yaml", "a/../../study.yaml", "a\nb.yaml"])
  func aWorkflowStaysInTheRepository(path: String) {
    #expect(throws: StudyError.self) { try WorkflowTemplate.write(for: path) }
  }
}
