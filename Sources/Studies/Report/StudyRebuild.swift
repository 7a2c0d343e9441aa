import Dynamics
import Files
import Foundation
import Publishing
import Reporting

extension StudyRunner {
  /// What a report that is made again would change, one file a line: nothing where tables, figures and
  /// site follow from the stored results. Writes nothing into the study.
  ///
  /// What may differ between two runs, the provenance, is not compared.
  package func reportDifferences() throws -> [String] {
    let results = try storedResults()
    // Everything is made once more: what is kept from earlier reports is looked at as well.
    let made = try StudyReport(self, reusing: false).analysed(results)
    var differences = try tableDifferences(results, made.analysis)
    var drawn = try made.report.drawn(results: folders.results, lanes: options.threads)
    differences += try drawn.figureDifferences(from: folders.figures).map { "figures/" + $0 }
    let changed = try drawn.site(lanes: options.threads).differences(from: folders.site)
    differences += changed.filter { !$0.path.string.hasPrefix("provenance/") }
      .map { "site/\($0)" }
    return differences
  }

  /// Writes the tables into a folder of their own and compares them with those that are there.
  private func tableDifferences(
    _ results: StudyResults, _ analysis: AnalysisResult
  ) throws -> [String] {
    let folder = NSTemporaryDirectory() + "tend-check-" + UUID().uuidString
    defer { unlinkFolder(folder) }
    try Folder.make(folder)
    let fresh = ResultsFolder(path: folder)
    if study.measurements != nil {
      try fresh.write(results)
      try fresh.writeForPrograms(results)
    }
    try fresh.write(analysis, of: results)
    return try Folder.names(in: folder).compactMap { name in
      let there = folders.results + "/" + name
      guard Folder.kind(of: there) == .file else { return "results/\(name): is missing" }
      let same =
        try FileReader(there).readAll() == FileReader(folder + "/" + name).readAll()
      return same ? nil : "results/\(name): differs"
    }
  }

  private func unlinkFolder(_ folder: String) {
    // Its own files in the system's temporary folder; what stays is swept there.
    do { try FileManager.default.removeItem(atPath: folder) } catch { return }
  }
}
