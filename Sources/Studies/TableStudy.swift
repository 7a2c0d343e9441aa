import Dynamics
import Files

/// A study whose numbers were measured elsewhere: `measurements: table.csv`.
struct TableStudy {
  private let study: Study
  private let shown: String

  init(_ study: Study, shownAs shown: String) {
    self.study = study
    self.shown = shown
  }

  /// The table as results; every mistake in it as `StudyError.invalid`.
  func results() throws -> StudyResults {
    var findings = OutputFolders(study).findings
    var results: StudyResults?
    do {
      results = StudyResults(table: try readTable())
    } catch {
      findings.append(study.finding(at: "measurements", "\(error)"))
    }
    if let table = results?.table {
      if table.rows.isEmpty {
        findings.append(study.finding(at: "measurements", "the table has no rows"))
      }
      let known = Set(table.runs)
      for (index, run) in study.runs.enumerated() where !known.contains(run.name) {
        let near = Spelling.nearest(run.name, among: table.runs).map { "; did you mean \($0)?" }
        findings.append(
          study.finding(
            at: "runs[\(index)].name",
            "the table has no run \(Spelling.quoted(run.name))\(near ?? "")"))
      }
      findings += study.labelFindings(among: table.runs)
      results?.runs = table.runs.map { description($0, in: table) }
    }
    guard let results, findings.isEmpty else {
      throw StudyError.invalid(file: shown, findings)
    }
    return results
  }

  /// Largest table that is read.
  private static let largestTable = 2 << 30

  private func readTable() throws -> MeasurementTable {
    let path = study.measurements ?? ""
    let reader = try FileReader(path)
    guard reader.size <= Self.largestTable else {
      throw FileError.notRegular(path: path, kind: "\(reader.size) bytes, more than a table has")
    }
    return try MeasurementTable(csv: reader.readAll(), file: path)
  }

  /// What study.yaml and the table itself tell of a run.
  private func description(_ name: String, in table: MeasurementTable) -> RunDescription {
    let run = study.runs.first { $0.name == name }
    let rows = table.rows.filter { $0.run == name }
    return RunDescription(
      run: name, parameters: run?.parameters,
      layers: rows.compactMap(\.layer).max().map { $0 + 1 },
      heads: rows.compactMap(\.head).max().map { $0 + 1 },
      steps: Set(rows.map(\.step)).count, finalStep: run?.final ?? rows.map(\.step).max(),
      group: run?.group ?? "", arm: run?.arm ?? "")
  }
}
