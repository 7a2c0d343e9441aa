import Dynamics
import Markup
import Plotting
import Publishing

/// Identity and lineage of the checkpoints over training: what the audit found where.
enum AuditFigure {
  static let id = "audit"
  static let title = "Audit of the checkpoints"

  static func build(_ study: StudyView) -> FigureOutcome {
    guard study.input.study.source == .checkpoints else {
      return .absent(id, title, needs: "checkpoints: a table of values can't be audited")
    }
    let findings = study.input.audit
    let names = ["as named", "collapsed", "flagged"]
    var rows = FigureRows("run", "step", "state", "finding", "other_step")
    var points: [String: (x: [Double], y: [Double], rows: [Int])] = [:]
    var counts: [String: Int] = [:]
    // Rows of the figure from top to bottom in the order of the report.
    let runs = Array(study.runs.reversed())
    for (place, run) in runs.enumerated() {
      let own = Dictionary(
        grouping: findings.filter { $0.run == run.name }, by: \.step)
      for step in Set(run.steps + own.keys).sorted() where step <= run.finalStep {
        let worst = (own[step] ?? []).max { rank($0) < rank($1) }
        let state = worst.map { names[rank($0)] } ?? names[0]
        let row = rows.add(
          .text(run.name), .integer(step), .text(state), .text(worst?.finding ?? ""),
          .integer(worst?.otherStep))
        points[state, default: ([], [], [])].x.append(Double(step))
        points[state, default: ([], [], [])].y.append(Double(place))
        points[state, default: ([], [], [])].rows.append(row)
        counts[state, default: 0] += 1
      }
    }
    let flagged = counts["flagged"] ?? 0
    let collapsed = counts["collapsed"] ?? 0
    let total = counts.values.reduce(0, +)
    guard total > 0 else { return .absent(id, title, needs: "a readable checkpoint") }
    let summary =
      flagged == 0 && collapsed == 0
      ? "All \(Words.counted(total, "checkpoint")) hold weights of their own."
      : "Of \(Words.counted(total, "checkpoint")) \(flagged) \(flagged == 1 ? "is" : "are") flagged and \(collapsed) \(collapsed == 1 ? "is" : "are") collapsed with an identical neighbour."
    return .drawn(
      ReportFigure(
        id: id, title: title,
        finding: flagged == 0
          ? "No checkpoint is flagged" : "\(Words.counted(flagged, "checkpoint")) flagged",
        caption: [
          "Each mark is a checkpoint. The audit compares contents and the path that the weights take; a flagged step leaves every statistic unless the study keeps it.",
          summary,
        ],
        alt: ["Dot plot of checkpoints by run over training steps.", summary], rows: rows,
        table: TableBlock(
          caption: "Findings of the audit",
          columns: [
            Column("Run", .text), Column("Step"), Column("Check", .text), Column("Finding", .text),
            Column("Same as step"), Column("Excluded", .text), Column("Detail", .wide),
          ],
          rows: findings.map { finding in
            [
              .text(finding.run), .integer(finding.step), .text(words(finding.check)),
              .text(words(finding.finding)), finding.otherStep.map { .integer($0) } ?? .none,
              .text(finding.excluded ? "yes" : "no"), .text(finding.detail),
            ]
          }, label: "Findings of the audit")
      ) { alt in
        Figure(
          id: id, title: title, description: alt, x: study.trainingAxis(.even),
          y: .ordinal(runs.map(\.label)), series: .categorical(names),
          panels: [
            Panel(
              "",
              marks: names.compactMap { name in
                points[name].map {
                  .points(x: $0.x, y: $0.y, series: name, open: name == "collapsed", rows: $0.rows)
                }
              })
          ])
      })
  }

  /// A word of the audit's table as it stands in a sentence.
  static func words(_ code: String) -> String {
    String(code.map { $0 == "_" ? " " : $0 })
  }

  private static func rank(_ finding: AuditFinding) -> Int {
    finding.finding == "identical_neighbour" ? 1 : finding.excluded ? 2 : 0
  }
}
