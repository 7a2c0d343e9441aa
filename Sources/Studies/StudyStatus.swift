import Capture
import Files
import Foundation

/// What of a study is done, running, failed and missing, from what lies on the disk: `tend status`.
package struct StudyStatus: Sendable {
  /// Units of one stage.
  package struct Stage: Sendable, Equatable {
    package let stage: StudyStage
    package var done = 0
    package var failed = 0
    package var missing = 0
  }

  /// A log that has no end: its run is at work, or was interrupted.
  package struct Open: Sendable, Equatable {
    package let log: String
    /// The last line, with its time.
    package let last: String
    /// Seconds since the log was written.
    package let silent: Int
  }

  package var summary = ""
  package var stages: [Stage] = []
  package var failures: [FailedUnit] = []
  package var open: [Open] = []
  /// Checkpoints whose content nobody read yet: what is done of them is not known.
  package var unread = 0

  package var lines: [String] {
    var lines = [summary]
    for stage in stages {
      lines.append(
        "\(stage.stage.title): \(stage.done) done, \(stage.failed) failed, \(stage.missing) missing"
      )
    }
    if unread > 0 { lines.append("\(unread) checkpoints were not read yet") }
    for log in open {
      lines.append("running or interrupted, silent for \(log.silent) s: \(log.log): \(log.last)")
    }
    return lines + failures.map { "failed: \($0.line)" }
  }

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
                ("failed", .integer($0.failed)), ("missing", .integer($0.missing)),
              ])
            })
        ),
        ("unread", .integer(unread)),
        (
          "running",
          .list(
            open.map {
              .object([
                ("log", .text($0.log)), ("last", .text($0.last)), ("silent", .integer($0.silent)),
              ])
            })
        ),
        (
          "failures",
          .list(
            failures.map {
              .object([
                ("run", .text($0.run)), ("step", .integer($0.step)), ("reason", .text($0.reason)),
              ])
            })
        ),
      ]))
  }
}

extension StudyRunner {
  /// Looks at artifacts, failures and logs; starts nothing, writes nothing, asks no scheduler.
  package func status() throws -> StudyStatus {
    var status = StudyStatus()
    guard study.measurements == nil else {
      status.summary = "\(study.name): a table; nothing to measure"
      return status
    }
    let inventory = try inspect()
    let digests = knownDigests(inventory)
    let checkpoints = inventory.runs.reduce(0) { $0 + $1.checkpoints.count }
    status.unread = checkpoints - digests.count
    let audits = inventory.runs.map {
      RunAudit(run: $0, inventory: inventory, digests: digests).unit
    }
    let units = audits + StudyPlan(study, inventory, digests: digests).units
    let there = store.keys()
    status.failures = inventory.failures
    var stages: [StudyStage: StudyStatus.Stage] = [:]
    do {
      for unit in units {
        var stage = stages[unit.stage] ?? StudyStatus.Stage(stage: unit.stage)
        if there.contains(unit.key) {
          stage.done += 1
        } else if let failure = try failureRecords.failure(key: unit.key.description) {
          stage.failed += 1
          if !status.failures.contains(where: { $0.line == failure.line }) {
            status.failures.append(failure)
          }
        } else {
          stage.missing += 1
        }
        stages[unit.stage] = stage
      }
      status.open = try openLogs()
    } catch {
      throw StudyError.output("\(error)")
    }
    status.stages = StudyStage.allCases.compactMap { stages[$0] }
    let total = status.stages.reduce(0) { $0 + $1.done + $1.failed + $1.missing }
    let done = status.stages.reduce(0) { $0 + $1.done }
    status.summary = "\(study.name): \(done) of \(total) units done"
    return status
  }

  private func openLogs() throws(FileError) -> [StudyStatus.Open] {
    let folder = folders.working + "/log"
    guard Folder.kind(of: folder) == .folder else { return [] }
    var open: [StudyStatus.Open] = []
    for name in try Folder.names(in: folder) where name.hasSuffix(".log") {
      let reader = try FileReader("\(folder)/\(name)")
      let tail = min(reader.size, 4096)
      let text = String(
        decoding: try reader.read(at: reader.size - tail, count: tail), as: UTF8.self)
      guard let last = text.split(separator: "\n").last, !last.contains(EventLog.end) else {
        continue
      }
      let age = Date.now.timeIntervalSince1970 - Double(reader.identity.modifiedNanoseconds) / 1e9
      open.append(
        StudyStatus.Open(log: "\(folder)/\(name)", last: String(last), silent: max(0, Int(age))))
    }
    return open
  }
}
