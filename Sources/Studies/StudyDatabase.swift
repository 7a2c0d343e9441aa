import Databases
import Dynamics

/// `results/study.sqlite`: the tables of the results with typed columns, in key order, without a time,
/// a host or a thread count: the same results give the same bytes.
///
/// Unlike in the CSV files names stand as they are: no spreadsheet opens this one.
struct StudyDatabase {
  private let database: Database

  /// The content of the file.
  static func bytes(_ results: StudyResults, _ analysis: AnalysisResult) throws -> [UInt8] {
    let writer = StudyDatabase(database: try Database())
    // Nobody else sees the file before it is complete, so nothing has to be undone in it.
    try writer.database.execute("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN")
    try writer.add(results, analysis)
    try writer.database.execute("COMMIT")
    return try writer.database.bytes()
  }

  private func add(_ results: StudyResults, _ analysis: AnalysisResult) throws {
    try add("runs", results.runs)
    try add("audit", results.audit)
    try add("measurements", results.table.rows)
    if !results.spectra.isEmpty { try add("spectra", results.spectra) }
    if !results.layerSimilarities.isEmpty {
      try add("layer_similarity", results.layerSimilarities)
    }
    try add("convergence", analysis.convergence)
    try add("associations", analysis.associations)
    if !analysis.evaluationAssociations.isEmpty {
      try add("evaluation_associations", analysis.evaluationAssociations)
    }
    try add("claims", analysis.claims.map(ClaimRecord.init))
    try add(
      "claim_evidence",
      analysis.claims.flatMap { claim in claim.evidence.map { (claim, $0) } }
        .map(EvidenceRecord.init))
    try add(
      "claim_sensitivity",
      analysis.claims.flatMap { claim in claim.sensitivity.map { (claim, $0) } }
        .map(SensitivityRecord.init))
    // What a query of a large study selects by.
    for table in ["measurements", "convergence"] {
      try database.execute(
        "CREATE INDEX \(table)_by_metric ON \(table) (metric, object, component, run)")
    }
  }

  private func add<Row: TableRow>(_ name: String, _ rows: [Row]) throws {
    let columns = Row.columns.map { "\(Database.quoted($0)) \(ColumnType($0).rawValue)" }
    try database.execute(
      "CREATE TABLE \(Database.quoted(name)) (\(columns.joined(separator: ", ")))")
    try database.insert(into: name, columns: Row.columns) { insert in
      for row in rows { try insert(row.cells.map(DatabaseValue.init)) }
    }
  }
}

/// What a column of the tables holds.
enum ColumnType: String, Sendable {
  case text = "TEXT"
  case integer = "INTEGER"
  case real = "REAL"

  private static let integers: Set = [
    "step", "layer", "head", "n", "parameters", "layers", "heads", "hidden_size", "head_dim",
    "intermediate_size", "vocabulary", "steps", "final_step", "other_step", "excluded", "decides",
    "count", "rank", "other_layer",
  ]
  private static let reals: Set = ["value", "lower", "upper", "estimate", "effect", "p", "q"]

  init(_ column: String) {
    self =
      Self.integers.contains(column) ? .integer : Self.reals.contains(column) ? .real : .text
  }
}

extension DatabaseValue {
  init(_ cell: TableCell) {
    switch cell {
    case .name(let text), .word(let text): self = .text(text)
    case .integer(let integer): self = integer.map { .integer($0) } ?? .null
    case .number(let number):
      self = number.flatMap { $0.isFinite ? .number($0) : nil } ?? .null
    case .flag(let flag): self = .integer(flag ? 1 : 0)
    }
  }
}
