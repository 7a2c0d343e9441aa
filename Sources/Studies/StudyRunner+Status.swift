import Capture
import Files
import Foundation

extension StudyRunner {
  /// Looks at artifacts, failures and logs; starts nothing, writes nothing, needs no scheduler.
  package func status() throws -> StudyStatus {
    var status = StudyStatus()
    guard study.measurements == nil else {
      status.summary = "\(study.name): a table; nothing to measure"
      return status
    }
    let inventory = try inspect()
    let known = knownDigests(inventory)
    let checkpoints =
      inventory.runs.reduce(0) { $0 + $1.checkpoints.count }
      + inventory.exported.reduce(0) { $0 + $1.steps.count }
    status.unread = checkpoints - known.count
    // A checkpoint that was not read yet has units all the same; none of them is done.
    let digests = planned(inventory, known)
    let audits = inventory.runs.map {
      RunAudit(run: $0, inventory: inventory, digests: digests).unit
    }
    let units = audits + StudyPlan(study, inventory, digests: digests).units
    do {
      let there = try store.keys(among: units.map(\.key))
      let logs = try RunLog.all(in: folders.working + "/log")
      tell(logs, to: &status)
      try tell(units, there, logs, inventory, to: &status)
      try tellSubmission(units, there, inventory, to: &status)
    } catch let error as StudyError {
      throw error
    } catch {
      throw StudyError.output("\(error)")
    }
    let total = status.stages.reduce(0) { $0 + $1.done + $1.running + $1.failed + $1.missing }
    let done = status.stages.reduce(0) { $0 + $1.done }
    status.summary = "\(study.name): \(done) of \(total) units done"
    return status
  }

  /// Logs without an end, but for those whose command was given again later.
  private func tell(_ logs: [RunLog], to status: inout StudyStatus) {
    for (place, log) in logs.enumerated() where !log.isEnded {
      let open = StudyStatus.Open(
        log: log.path, host: log.host, unit: log.unit.map { "\($0.stage) \($0.name)" },
        last: log.last, silent: log.silent)
      if log.isRunning(on: machine.host) {
        status.running.append(open)
      } else if !logs[(place + 1)...].contains(where: { $0.command == log.command }) {
        status.interrupted.append(open)
      }
    }
  }

  private func tell(
    _ units: [StudyUnit], _ there: Set<ArtifactKey>, _ logs: [RunLog],
    _ inventory: StudyInventory, to status: inout StudyStatus
  ) throws {
    let running = logs.filter { $0.isRunning(on: machine.host) }.compactMap(\.unit)
    var failures = inventory.failures
    var stages: [StudyStage: StudyStatus.Stage] = [:]
    for unit in units {
      var stage = stages[unit.stage] ?? StudyStatus.Stage(stage: unit.stage)
      if there.contains(unit.key) {
        stage.done += 1
      } else if running.contains(where: { unit.isPart(of: $0) }) {
        stage.running += 1
      } else if let failure = try failureRecords.failure(key: unit.key.description) {
        stage.failed += 1
        if !failures.contains(where: { $0.line == failure.line }) { failures.append(failure) }
      } else {
        stage.missing += 1
      }
      stages[unit.stage] = stage
    }
    status.stages = StudyStage.allCases.compactMap { stages[$0] }
    status.failures = try failures.map { failure in
      StudyStatus.Failure(
        unit: failure, log: try logs.last { try $0.mentions("failed: \(failure.line)") }?.path)
    }
  }

  /// What was handed to Slurm last, and which of its shards owe what.
  private func tellSubmission(
    _ units: [StudyUnit], _ there: Set<ArtifactKey>, _ inventory: StudyInventory,
    to status: inout StudyStatus
  ) throws {
    let file = URL(fileURLWithPath: study.file).lastPathComponent
    let submissions = try SlurmSubmission.all(in: folders.working, of: file)
    guard let latest = submissions.first else { return }
    let owners = ShardOwners(inventory, shards: latest.shards)
    var submitted = StudyStatus.Submitted(
      folder: latest.folder, shards: latest.shards, jobs: latest.jobs)
    for (shard, own) in Dictionary(grouping: units, by: owners.owner).sorted(by: { $0.key < $1.key }
    ) {
      let missing = own.count { !there.contains($0.key) }
      guard missing > 0 else { continue }
      // A later submission has only the shards that owed something then.
      let logs = submissions.filter { $0.shards == latest.shards }
        .compactMap { $0.log(ofShard: shard) }
      submitted.owed.append(
        StudyStatus.Owed(
          shard: shard, missing: missing, units: own.count,
          log: logs.first { Folder.kind(of: $0) == .file }))
    }
    submitted.accounting = try SlurmAccounting.of(latest.jobs)
    status.submitted = submitted
  }
}

extension StudyUnit {
  /// Whether this is what a log calls `name`: one pass serves captures and gradients, one step all
  /// comparisons of a checkpoint.
  fileprivate func isPart(of work: (stage: String, name: String)) -> Bool {
    let passes = [StudyStage.capture, .gradients]
    guard
      stage.rawValue == work.stage
        || passes.contains(stage) && passes.contains(where: { $0.rawValue == work.stage })
    else { return false }
    return name == work.name || name.hasPrefix(work.name + " against ")
  }
}
