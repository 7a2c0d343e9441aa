import Capture
import Files
import Foundation

/// The units of a study that no artifact stands for, whoever was to do them.
struct MissingUnits: Sendable {
  /// Not there, and no failure explains it.
  var units: [StudyUnit] = []
  /// Units that failed, or that need one that did.
  var failures: [FailedUnit] = []

  /// What a person is told: which units, the shard that owes them with the command that does it, and the
  /// one command that finishes the study.
  func message(file: String, owners: ShardOwners?, isSubmitted: Bool) -> String {
    func words(_ units: [StudyUnit]) -> String {
      let names = units.prefix(5).map { "\($0.stage.rawValue) \($0.name)" }.joined(separator: "; ")
      return "\(units.count) \(units.count == 1 ? "unit is" : "units are") missing: \(names)"
        + (units.count > 5 ? " …" : "")
    }
    let file = ShellWord.quoted(file)
    let finish = "tend \(isSubmitted ? "submit" : "run") \(file)"
    guard let owners else { return "\(words(units)). To finish: \(finish)" }
    let owed = Dictionary(grouping: units, by: owners.owner).sorted { $0.key < $1.key }
    let lines = owed.prefix(100).map { shard, units in
      "shard \(shard)/\(owners.shards): \(words(units)). "
        + "To finish: tend run \(file) --shard \(shard)/\(owners.shards) --no-gather"
    }
    return
      (lines
      + (owed.count > lines.count ? ["and \(owed.count - lines.count) more shards"] : [])
      + ["To finish all of it: \(finish)"]).joined(separator: "\n")
  }
}

extension StudyRunner {
  var failureRecords: FailureRecords { FailureRecords(folder: folders.working + "/failed") }

  /// Analyses, draws and builds once every unit is there, measured by whom it may.
  ///
  /// A listing of a shared folder may lag behind for minutes: artifacts are opened by their names, and
  /// again after pauses, until `patience` seconds are over; then the error names what is missing.
  /// `shards`: into how many the work was cut, so that it can say which one owes what.
  package func gather(patience: Double, shards: Int?) throws -> StudyOutcome {
    guard study.measurements == nil else { return try run() }
    let inventory = try inspect()
    let begun = ContinuousClock.now
    var pause = 1.0
    while true {
      let missing = try missing(inventory)
      if missing.units.isEmpty { break }
      guard StageClock.seconds(begun.duration(to: .now)) + pause <= patience else {
        throw StudyError.output(
          missing.message(
            file: shown, owners: shards.map { ShardOwners(inventory, shards: $0) },
            isSubmitted: isSubmitted))
      }
      events(.note("\(missing.units.count) units are missing; looking again in \(Int(pause)) s"))
      Thread.sleep(forTimeInterval: pause)
      pause = min(60, pause * 2)
    }
    return try run()
  }

  /// Whether Slurm does the study's work.
  private var isSubmitted: Bool {
    Folder.kind(of: SlurmSubmission.folder(in: folders.working)) == .folder
  }

  /// What is missing of the whole study.
  func missing(_ inventory: StudyInventory) throws -> MissingUnits {
    var missing = MissingUnits()
    var failed: Set<CheckpointName> = []
    do {
      let digests = try hashedDigests(inventory)
      for run in inventory.runs {
        for checkpoint in run.checkpoints {
          let name = CheckpointName(run: run.name, step: checkpoint.step)
          if digests[name] == nil { failed.insert(name) }
        }
      }
      let audits = inventory.runs.map {
        RunAudit(run: $0, inventory: inventory, digests: digests).unit
      }
      let units = audits + StudyPlan(study, inventory, digests: digests).units
      var absent: [StudyUnit] = []
      let there = try store.keys(among: units.map(\.key))
      for unit in units where !there.contains(unit.key) {
        absent.append(unit)
        guard let failure = try failureRecords.failure(key: unit.key.description) else { continue }
        missing.failures.append(failure)
        failed.insert(unit.checkpoint)
      }
      missing.units = absent.filter { unit in
        !failed.contains(unit.checkpoint) && !(unit.other.map(failed.contains) ?? false)
      }
    } catch let error as StudyError {
      throw error
    } catch {
      throw StudyError.output("\(error)")
    }
    return missing
  }

  /// How a shard ends: with the results where the whole study is there, else with its own part done.
  func endOfShard(_ inventory: StudyInventory, _ failures: [FailedUnit]) throws -> StudyOutcome {
    if options.gathers {
      let missing = try missing(inventory)
      if missing.units.isEmpty {
        var whole = self
        whole.options.shard = nil
        return try whole.measure(inventory)
      }
      events(
        .note(
          "\(missing.units.count) units of other shards are not there yet; `tend gather \(shown)` "
            + "makes the report when they are"))
    }
    return StudyOutcome(failures: failures, indexPath: nil, exitCode: exitCode(failures))
  }
}
