import Capture

/// What of a study is done, running, failed and missing, from what lies on the disk: `tend status`.
package struct StudyStatus: Sendable {
  /// Units of one stage.
  package struct Stage: Sendable, Equatable {
    package let stage: StudyStage
    package var done = 0
    package var running = 0
    package var failed = 0
    package var missing = 0
  }

  /// A run whose log has no end: it is at work, or was interrupted.
  package struct Open: Sendable, Equatable {
    package let log: String
    package let host: String
    /// The unit at work, with its stage.
    package let unit: String?
    /// The last line, with its time.
    package let last: String
    /// Seconds since it gave a sign of life.
    package let silent: Int
  }

  package struct Failure: Sendable, Equatable {
    package let unit: FailedUnit
    /// The latest log that tells it; `nil` where none does.
    package let log: String?
  }

  /// A shard of the latest submission that owes units.
  package struct Owed: Sendable, Equatable {
    package let shard: Int
    package let missing: Int
    package let units: Int
    /// What its latest task wrote; `nil` where none began.
    package let log: String?
  }

  /// What `tend submit` handed over last.
  package struct Submitted: Sendable {
    package let folder: String
    package let shards: Int
    package let jobs: [String]
    package var owed: [Owed] = []
    package var accounting: SlurmAccounting?
  }

  package var summary = ""
  package var stages: [Stage] = []
  package var failures: [Failure] = []
  package var running: [Open] = []
  /// Those that nobody started again.
  package var interrupted: [Open] = []
  package var submitted: Submitted?
  /// Checkpoints whose content nobody read yet: what is done of them is not known.
  package var unread = 0

  package var lines: [String] {
    var lines = [summary]
    for stage in stages {
      lines.append(
        "\(stage.stage.title): \(stage.done) done, \(stage.running) running, \(stage.failed) failed, "
          + "\(stage.missing) missing")
    }
    if unread > 0 { lines.append("\(unread) checkpoints were not read yet") }
    lines += running.map { run in
      "running\(run.host.isEmpty ? "" : " on \(run.host)"): \(run.unit ?? run.last); log: \(run.log)"
    }
    lines += interrupted.map { run in
      "interrupted, silent for \(run.silent) s: \(run.unit ?? run.last); log: \(run.log)"
    }
    lines += failures.map { failure in
      "failed: \(failure.unit.line)\(failure.log.map { "; log: \($0)" } ?? "")"
    }
    if let submitted { lines += Self.lines(submitted) }
    return lines
  }

  private static func lines(_ submitted: Submitted) -> [String] {
    var lines = [
      "submitted to Slurm: jobs \(submitted.jobs.joined(separator: ", ")), \(submitted.shards) shards; "
        + "logs: \(submitted.folder)"
    ]
    lines += submitted.owed.prefix(100).map { owed in
      "shard \(owed.shard)/\(submitted.shards): \(owed.missing) of \(owed.units) units not done; "
        + (owed.log.map { "log: \($0)" } ?? "no task of it has begun")
    }
    if submitted.owed.count > 100 { lines.append("and \(submitted.owed.count - 100) more shards") }
    return lines + (submitted.accounting?.lines ?? [])
  }
}

extension StudyStatus {
  /// The same for programs.
  package var json: String {
    JSONText.document(
      .object([
        ("summary", .text(summary)),
        (
          "stages",
          .list(
            stages.map {
              .object([
                ("stage", .text($0.stage.rawValue)), ("done", .integer($0.done)),
                ("running", .integer($0.running)), ("failed", .integer($0.failed)),
                ("missing", .integer($0.missing)),
              ])
            })
        ),
        ("unread", .integer(unread)),
        ("running", .list(running.map(Self.json))),
        ("interrupted", .list(interrupted.map(Self.json))),
        (
          "failures",
          .list(
            failures.map {
              .object([
                ("run", .text($0.unit.run)), ("step", .integer($0.unit.step)),
                ("reason", .text($0.unit.reason)), ("log", .text($0.log)),
              ])
            })
        ),
        ("slurm", submitted.map(Self.json) ?? .null),
      ]))
  }

  private static func json(_ run: Open) -> JSONText.Value {
    .object([
      ("log", .text(run.log)), ("host", .text(run.host)), ("unit", .text(run.unit)),
      ("last", .text(run.last)), ("silent", .integer(run.silent)),
    ])
  }

  private static func json(_ submitted: Submitted) -> JSONText.Value {
    .object([
      ("folder", .text(submitted.folder)), ("shards", .integer(submitted.shards)),
      ("jobs", .list(submitted.jobs.map { .text($0) })),
      (
        "owed",
        .list(
          submitted.owed.map {
            .line(
              .object([
                ("shard", .integer($0.shard)), ("missing", .integer($0.missing)),
                ("units", .integer($0.units)), ("log", .text($0.log)),
              ]))
          })
      ),
      ("sacct", submitted.accounting?.json ?? .null),
    ])
  }
}
