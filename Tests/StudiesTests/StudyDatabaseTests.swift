import Databases
import Dynamics
import Foundation
import Testing

@testable import Studies

/// `results/study.sqlite` holds what the CSV files hold, typed, and the same bytes every time.
@Suite struct StudyDatabaseTests {
  /// Some rows of the project's own example, with a name that a spreadsheet would run and a gap.
  private func results() throws -> StudyResults {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "site/measurements.csv")
    let all = try MeasurementTable(csv: Array(Data(contentsOf: file)), file: file.path)
    var rows = all.rows.filter { row in
      row.head == nil && row.variant == "default" && row.component == "mlp"
        && (row.layer ?? 0) < 5 && all.runs.prefix(3).contains(row.run)
    }
    for row in rows {
      let (layer, size) = (Double(row.layer ?? 0), Double(row.run.utf8.count))
      rows.append(
        Measurement(
          run: row.run, step: row.step, layer: row.layer, component: "mlp", object: "weights",
          metric: "per", value: 0.9 - 0.001 * (layer - size).magnitude))
    }
    for index in rows.indices where rows[index].run == all.runs[0] { rows[index].run = "=a" }
    rows[0].value = .nan
    var results = StudyResults(table: try MeasurementTable(rows))
    results.runs = results.table.runs.enumerated().map {
      RunDescription(run: $1, parameters: 1000 << $0, group: "g")
    }
    results.audit = [
      AuditFinding(run: "=a", step: 512, check: "content", finding: "f", excluded: true)
    ]
    return results
  }

  private func analysis(_ results: StudyResults) -> AnalysisResult {
    Analysis(table: results.table, runs: results.runs, audit: results.audit, seed: 1).result()
  }

  /// A row of a table as the database should hold it.
  private func values(_ row: some TableRow) -> DatabaseRow {
    row.cells.map { cell in
      switch cell {
      case .name(let text), .word(let text): .text(text)
      case .integer(let value): value.map { .integer($0) } ?? .null
      case .number(let value): value.flatMap { $0.isFinite ? .number($0) : nil } ?? .null
      case .flag(let flag): .integer(flag ? 1 : 0)
      }
    }
  }

  @Test func everyTableReadsBackInItsOrder() throws {
    let results = try results()
    let analysis = analysis(results)
    let database = try Database(bytes: try StudyDatabase.bytes(results, analysis))
    func stored(_ table: String) throws -> [DatabaseRow] {
      try database.rows("SELECT * FROM \(table) ORDER BY rowid")
    }
    #expect(try stored("measurements") == results.table.rows.map(values))
    #expect(try stored("runs") == results.runs.map(values))
    #expect(try stored("audit") == results.audit.map(values))
    #expect(try stored("convergence") == analysis.convergence.map(values))
    #expect(try stored("associations") == analysis.associations.map(values))
    #expect(!analysis.convergence.isEmpty && !analysis.associations.isEmpty)
    let claims = try database.rows("SELECT id, verdict FROM claims ORDER BY rowid")
    #expect(claims == analysis.claims.map { [.text($0.id.rawValue), .text($0.verdict.rawValue)] })
    #expect(!claims.isEmpty)
    #expect(
      try database.rows("SELECT count(*) FROM claim_evidence")
        == [[.integer(analysis.claims.reduce(0) { $0 + $1.evidence.count })]])
    #expect(try database.rows("PRAGMA integrity_check") == [[.text("ok")]])
  }

  @Test func theSameResultsGiveTheSameBytes() throws {
    let results = try results()
    let analysis = analysis(results)
    #expect(
      try StudyDatabase.bytes(results, analysis) == StudyDatabase.bytes(results, analysis))
  }

  /// The type of every column is what its cells hold.
  @Test func columnsHaveTheTypesOfTheirCells() throws {
    func check<Row: TableRow>(_ rows: [Row]) {
      for row in rows {
        for (column, cell) in zip(Row.columns, row.cells) {
          let type: ColumnType =
            switch cell {
            case .name, .word: .text
            case .integer, .flag: .integer
            case .number: .real
            }
          #expect(ColumnType(column) == type, "\(Row.self).\(column)")
        }
      }
    }
    let results = try results()
    let analysis = analysis(results)
    check(results.runs)
    check(results.audit)
    check(Array(results.table.rows.prefix(1)))
    check(Array(analysis.convergence.prefix(1)))
    check(Array(analysis.associations.prefix(1)))
    check(analysis.claims.map(ClaimRecord.init))
    let claim = try #require(analysis.claims.first)
    check(
      analysis.claims.flatMap(\.evidence).prefix(1).map { EvidenceRecord(claim: claim, cell: $0) })
    check(
      analysis.claims.flatMap(\.sensitivity).prefix(1).map {
        SensitivityRecord(claim: claim, entry: $0)
      })
  }
}
