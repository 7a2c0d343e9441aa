import Capture
import Dynamics
import LanguageModels

/// What a run of a study would do, found without writing anything.
package struct StudyCheck: Sendable {
  /// A unit of work that is still to do.
  package struct Pending: Sendable, Equatable {
    package let stage: StudyStage
    package let unit: String
    /// The inputs that changed since an earlier artifact of the unit; empty where there is none.
    package let changed: [String]
  }

  /// Units of one stage.
  package struct Stage: Sendable, Equatable {
    package let stage: StudyStage
    package var done = 0
    package var missing = 0
    /// Missing ones that an earlier artifact stood for, by the inputs that changed since.
    package var stale: [String: Int] = [:]
  }

  /// What a hub's run needs and the local cache does not hold.
  package struct Download: Sendable, Equatable {
    package let run: String
    package let source: String
    /// `nil`: nothing of the run is in the cache, and its steps are not known here.
    package let steps: [Int]?
  }

  package var stages: [Stage] = []
  /// The units that are to do, in the order of the plan.
  package var pending: [Pending] = []
  /// Analysis, figures and site: `nil` where they are up to date, else what changed since they were made.
  package var report: [String]? = []
  /// What of the analysis and the figures is there; empty where it follows from what is not measured yet.
  package var reportStages: [Stage] = []
  /// The analysis and the figures that are to do.
  package var reportPending: [Pending] = []
  package var downloads: [Download] = []
  /// Checkpoints that cannot be measured.
  package var failures: [FailedUnit] = []
  package var notes: [String] = []
  /// What is to do will cost this; `nil` where nothing is, or nothing is known of it.
  package var cost: StudyCost?
  /// What the audit of the weights found, where it was asked for: one line each.
  package var audit: [String]?
  /// What the study is about, in one line.
  package var summary = ""

  /// For a person, one line each; with every unit that is to do where `listsUnits`.
  package func lines(listsUnits: Bool = false) -> [String] {
    var lines = [summary]
    lines += stages.flatMap { Self.lines($0, listsUnits ? pending : []) }
    lines.append("analysing, drawing figures, building the site: \(reportWords)")
    lines += reportStages.flatMap { Self.lines($0, listsUnits ? reportPending : []) }
      .map { "  " + $0 }
    for download in downloads {
      let steps = download.steps.map { "steps \($0.map(String.init).joined(separator: ", "))" }
      lines.append(
        "to download: \(steps ?? "all steps") of \(download.source) (run \(download.run)); "
          + "`tend fetch` gets them")
    }
    if let cost { lines.append("to do: \(cost.words)") }
    if let audit {
      lines += audit.isEmpty ? ["audit: nothing found"] : audit.map { "audit: \($0)" }
    }
    lines += notes
    lines += failures.map { "will fail: \($0.line)" }
    return lines
  }

  private static func lines(_ stage: Stage, _ pending: [Pending]) -> [String] {
    var parts = ["\(stage.done) done", "\(stage.missing) to do"]
    for (reason, count) in stage.stale.sorted(by: { $0.key < $1.key }) {
      parts.append("\(count) of them stale: \(reason) changed")
    }
    return ["\(stage.stage.title): \(parts.joined(separator: ", "))"]
      + pending.filter { $0.stage == stage.stage }.map { unit in
        unit.changed.isEmpty
          ? "  \(unit.unit)" : "  \(unit.unit): \(unit.changed.joined(separator: ", ")) changed"
      }
  }

  private var reportWords: String {
    guard let report else { return "up to date" }
    return report.isEmpty ? "to do" : "to do: \(report.joined(separator: ", ")) changed"
  }
}

extension StudyCheck {
  /// The same for programs.
  package var json: String {
    JSONText.document(
      .object([
        ("summary", .text(summary)),
        ("stages", .list(stages.map(Self.json))),
        (
          "report",
          .object([
            ("to_do", .flag(report != nil)),
            ("changed", .list((report ?? []).map { .text($0) })),
            ("stages", .list(reportStages.map(Self.json))),
            ("units", .list(reportPending.map(Self.json))),
          ])
        ),
        (
          "units",
          .list(pending.map(Self.json))
        ),
        (
          "downloads",
          .list(
            downloads.map {
              .object([
                ("run", .text($0.run)), ("source", .text($0.source)),
                ("steps", $0.steps.map { .list($0.map { .integer($0) }) } ?? .null),
              ])
            })
        ),
        ("seconds", .number(cost?.seconds)), ("memory", .integer(cost?.memory)),
        ("disk", .integer(cost?.disk)),
        ("audit", audit.map { .list($0.map { .text($0) }) } ?? .null),
        ("notes", .list(notes.map { .text($0) })),
        (
          "will_fail",
          .list(
            failures.map {
              .object([
                ("run", .text($0.run)), ("step", .integer($0.step)), ("reason", .text($0.reason)),
              ])
            })
        ),
      ]))
  }

  private static func json(_ unit: Pending) -> JSONText.Value {
    .line(
      .object([
        ("stage", .text(unit.stage.rawValue)), ("unit", .text(unit.unit)),
        ("state", .text(unit.changed.isEmpty ? "missing" : "stale")),
        ("changed", .list(unit.changed.map { .text($0) })),
      ]))
  }

  private static func json(_ stage: Stage) -> JSONText.Value {
    .object([
      ("stage", .text(stage.stage.rawValue)), ("done", .integer(stage.done)),
      ("to_do", .integer(stage.missing)),
      (
        "stale",
        .list(
          stage.stale.sorted { $0.key < $1.key }.map {
            .object([("changed", .text($0.key)), ("units", .integer($0.value))])
          })
      ),
    ])
  }
}
