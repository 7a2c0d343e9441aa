/// One row of `results/audit.csv`: what the audit of METHODS section 8 found at a checkpoint.
package struct AuditFinding: Sendable, Equatable, TableRow {
  package var run: String
  package var step: Int
  /// What was looked at: `content`, `lineage`, `missing` …
  package var check: String
  /// What came out: `identical_neighbour`, `identical_final` …
  package var finding: String
  package var otherStep: Int?
  /// Whether the step leaves every statistic by default.
  package var excluded: Bool
  package var detail: String

  package init(
    run: String, step: Int, check: String, finding: String, otherStep: Int? = nil,
    excluded: Bool = false, detail: String = ""
  ) {
    self.run = run
    self.step = step
    self.check = check
    self.finding = finding
    self.otherStep = otherStep
    self.excluded = excluded
    self.detail = detail
  }

  package static let columns = [
    "run", "step", "check", "finding", "other_step", "excluded", "detail",
  ]

  package var cells: [TableCell] {
    [
      .name(run), .integer(step), .word(check), .word(finding), .integer(otherStep),
      .flag(excluded), .name(detail),
    ]
  }
}
