import Dynamics
import Files
import Tensors

/// The tables in `results/`, written by the gather step alone.
struct ResultsFolder {
  let path: String

  /// What a report reads: the measured tables, and the provenance that its page shows.
  static let inputs = [
    "measurements.csv", "runs.csv", "audit.csv", "study.json", "halves.npy", "provenance.json",
  ]

  /// Writes what was measured, as `read` reads it; files that hold the same bytes already are left alone.
  func write(_ results: StudyResults) throws(FileError) {
    try Folder.make(path)
    try DurableWrite.sweep(path)
    for table in Self.analysedTables(of: results) { try put(table.name, table.bytes) }
    try put("study.json", results.notes)
    try putWhereThere("spectra.csv", results.spectra)
    try putWhereThere("layer_similarity.csv", results.layerSimilarities)
  }

  /// Writes the same tables once more in the form that programs like.
  func writeForPrograms(_ results: StudyResults) throws(FileError) {
    try put("measurements.json", results.table.json())
    try put("runs.json", TableWriter.json(results.runs))
    try put("audit.json", TableWriter.json(results.audit))
  }

  /// What an analysis is made from.
  private static func analysedTables(
    of results: StudyResults
  ) -> [(name: String, bytes: [UInt8])] {
    [
      ("measurements.csv", Array(results.table.csv().utf8)),
      ("runs.csv", Array(TableWriter.csv(results.runs).utf8)),
      ("audit.csv", Array(TableWriter.csv(results.audit).utf8)),
      ("halves.npy", HalvesFile.bytes(results)),
    ]
  }

  /// Writes what the analysis of `results` found, and all tables once more as a database.
  func write(_ analysis: AnalysisResult, of results: StudyResults) throws {
    try put("convergence.csv", TableWriter.csv(analysis.convergence))
    try put("convergence.json", TableWriter.json(analysis.convergence))
    try put("associations.csv", TableWriter.csv(analysis.associations))
    try put("associations.json", TableWriter.json(analysis.associations))
    try put("claims.json", Claim.json(analysis.claims))
    if !analysis.evaluationAssociations.isEmpty {
      try put("evaluation_associations.csv", TableWriter.csv(analysis.evaluationAssociations))
    }
    try put("study.sqlite", StudyDatabase.bytes(results, analysis))
  }

  /// The SHA-256 of the tables that an analysis is made from, as `results` would be written.
  static func digests(of results: StudyResults) -> [(table: String, sha256: String)] {
    analysedTables(of: results).map { ($0.name, SHA256Digest(of: $0.bytes).hex) }
  }

  /// The SHA-256 of the tables that an analysis is made from, as they lie there.
  func digests() throws(FileError) -> [(table: String, sha256: String)] {
    try digests(of: ["measurements.csv", "runs.csv", "audit.csv", "halves.npy"])
  }

  /// The same of the tables that the database holds besides.
  func digestsOfOthers() throws(FileError) -> [(table: String, sha256: String)] {
    try digests(of: ["spectra.csv", "layer_similarity.csv"])
  }

  private func digests(
    of names: [String]
  ) throws(FileError) -> [(table: String, sha256: String)] {
    var digests: [(table: String, sha256: String)] = []
    for name in names {
      let file = "\(path)/\(name)"
      guard Folder.kind(of: file) == .file else { continue }
      digests.append((name, SHA256Digest(of: try FileReader(file).readAll()).hex))
    }
    return digests
  }

  func put(_ name: String, _ text: String) throws(FileError) {
    try put(name, Array(text.utf8))
  }

  /// A table that a study may lack: no file for no rows, unless one of an earlier run lies there.
  private func putWhereThere<Row: TableRow>(_ name: String, _ rows: [Row]) throws(FileError) {
    guard !rows.isEmpty || Folder.kind(of: "\(path)/\(name)") == .file else { return }
    try put(name, TableWriter.csv(rows))
  }

  private func put(_ name: String, _ bytes: [UInt8]) throws(FileError) {
    try DurableWrite.writeIfChanged(bytes, to: "\(path)/\(name)")
  }

  /// What was measured, read back; `StudyError.invalid` where the folder holds no results.
  func read(study: String) throws -> StudyResults {
    let table = "\(path)/measurements.csv"
    guard Folder.kind(of: table) == .file else {
      throw StudyError.invalid(
        file: study,
        [StudyFinding("\(table) is not there; `tend run \(study)` measures and writes it")])
    }
    func bytes(_ name: String) throws -> [UInt8]? {
      let file = "\(path)/\(name)"
      guard Folder.kind(of: file) == .file else { return nil }
      return try FileReader(file).readAll()
    }
    do {
      var results = StudyResults(
        table: try MeasurementTable(csv: try FileReader(table).readAll(), file: table))
      if let runs = try bytes("runs.csv") {
        results.runs = try RunDescription.read(csv: runs, file: "\(path)/runs.csv")
      }
      if let audit = try bytes("audit.csv") {
        results.audit = try AuditFinding.read(csv: audit, file: "\(path)/audit.csv")
      }
      if let spectra = try bytes("spectra.csv") {
        results.spectra = try SpectrumRow.read(csv: spectra, file: "\(path)/spectra.csv")
      }
      if let pairs = try bytes("layer_similarity.csv") {
        results.layerSimilarities = try LayerSimilarityRow.read(
          csv: pairs, file: "\(path)/layer_similarity.csv")
      }
      if let notes = try bytes("study.json") {
        results.readNotes(try JSONReader.read(notes))
      }
      if Folder.kind(of: "\(path)/halves.npy") == .file {
        results.halves = try HalvesFile.read("\(path)/halves.npy", table: results.table)
      }
      return results
    } catch {
      throw StudyError.invalid(file: study, [StudyFinding("\(error)")])
    }
  }
}
