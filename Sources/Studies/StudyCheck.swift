import Capture
import Dynamics
import LanguageModels

/// What a run of a study would do, found without writing anything.
package struct StudyCheck: Sendable {
  /// Units of one stage.
  package struct Stage: Sendable {
    package let stage: StudyStage
    package var done = 0
    package var missing = 0
    /// Missing ones that an earlier artifact stood for, by the inputs that changed since.
    package var stale: [String: Int] = [:]
  }

  package var stages: [Stage] = []
  /// Checkpoints that cannot be measured.
  package var failures: [FailedUnit] = []
  package var notes: [String] = []
  /// What the study is about, in one line.
  package var summary = ""

  package var exitCode: StudyExitCode { .done }

  /// For a person, one line each.
  package var lines: [String] {
    var lines = [summary]
    for stage in stages {
      var parts = ["\(stage.done) done", "\(stage.missing) to do"]
      for (reason, count) in stage.stale.sorted(by: { $0.key < $1.key }) {
        parts.append("\(count) of them stale: \(reason) changed")
      }
      lines.append("\(stage.stage.title): \(parts.joined(separator: ", "))")
    }
    lines += notes
    lines += failures.map { "will fail: \($0.line)" }
    return lines
  }
}

extension StudyRunner {
  /// Validates everything and says what a run would do; writes nothing.
  package func check() throws -> StudyCheck {
    var check = StudyCheck()
    guard study.measurements == nil else {
      let results = try TableStudy(study, shownAs: shown).results()
      check.summary =
        "\(study.name): a table of \(results.table.rows.count) measurements of "
        + "\(results.runs.count) \(results.runs.count == 1 ? "run" : "runs"); nothing to measure"
      return check
    }
    let inventory = try StudyInspector.inspect(study, shownAs: shown)
    check.failures = inventory.failures
    check.notes = inventory.notes
    let checkpoints = inventory.runs.reduce(0) { $0 + $1.checkpoints.count }
    check.summary =
      "\(study.name): \(inventory.runs.count) \(inventory.runs.count == 1 ? "run" : "runs"), "
      + "\(checkpoints) checkpoints, \(inventory.probes.count) "
      + "\(inventory.probes.count == 1 ? "probe" : "probes")"
    let digests = knownDigests(inventory)
    let plan = StudyPlan(study, inventory, digests: digests)
    let unknown = checkpoints - digests.count
    let there = store.keys()
    var stages: [StudyStage: StudyCheck.Stage] = [:]
    let older = olderArtifacts(than: plan, there: there)
    for unit in plan.units {
      var stage = stages[unit.stage] ?? StudyCheck.Stage(stage: unit.stage)
      if there.contains(unit.key) {
        stage.done += 1
      } else {
        stage.missing += 1
        if let old = older[unit.inputs.kind]?[unit.name] {
          let changes = unit.inputs.changes(from: old).joined(separator: ", ")
          stage.stale[changes, default: 0] += 1
        }
      }
      stages[unit.stage] = stage
    }
    check.stages = StudyStage.allCases.compactMap { stages[$0] }
    if unknown > 0 {
      check.notes.append(
        "\(unknown) of \(checkpoints) checkpoints were not read before: everything of them is to do"
      )
    }
    return check
  }

  /// The content of the checkpoints that were hashed before.
  func knownDigests(_ inventory: StudyInventory) -> [CheckpointName: TensorDigests] {
    var digests: [CheckpointName: TensorDigests] = [:]
    for run in inventory.runs {
      for checkpoint in run.checkpoints {
        guard let known = digestCache.known(checkpoint) else { continue }
        digests[CheckpointName(run: run.name, step: checkpoint.step)] = TensorDigests(
          byTensor: known, model: checkpoint.model,
          analysed: (0..<run.configuration.layers).flatMap { SpectraMeasurement.tensors(layer: $0) }
        )
      }
    }
    return digests
  }

  /// The inputs of artifacts that no unit of the plan has, by the unit that they were made for.
  private func olderArtifacts(
    than plan: StudyPlan, there: Set<ArtifactKey>
  ) -> [UnitKind: [String: UnitInputs]] {
    let planned = Set(plan.units.map(\.key))
    guard !planned.isSubset(of: there) else { return [:] }
    var older: [UnitKind: [String: UnitInputs]] = [:]
    for key in there.subtracting(planned).sorted(by: { $0.hex < $1.hex }) {
      // A damaged artifact explains nothing.
      guard let artifact = try? store.artifact(key) else { continue }
      older[key.kind, default: [:]][artifact.unit] = artifact.inputs
    }
    return older
  }
}
