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
  /// What is to do will cost this; `nil` where nothing is, or nothing is known of it.
  package var cost: StudyCost?
  /// What the audit of the weights found, where it was asked for: one line each.
  package var audit: [String]?
  /// What the study is about, in one line.
  package var summary = ""

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
    if let cost { lines.append("to do: \(cost.words)") }
    if let audit {
      lines += audit.isEmpty ? ["audit: nothing found"] : audit.map { "audit: \($0)" }
    }
    lines += notes
    lines += failures.map { "will fail: \($0.line)" }
    return lines
  }
}

extension StudyCheck {
  /// The same for programs.
  package var json: String {
    JSONText.document(
      .object([
        ("summary", .text(summary)),
        (
          "stages",
          .list(
            stages.map { stage in
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
}

extension StudyRunner {
  /// Validates everything and says what a run would do; writes nothing, but for the digests of the
  /// weights that the audit reads.
  package func check(audit: Bool = false) throws -> StudyCheck {
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
    if audit {
      check.audit = try findings(inventory).map { finding in
        let excluded = finding.excluded ? " (left out of the statistics)" : ""
        return
          "\(finding.run), step \(finding.step): \(finding.finding)\(excluded): \(finding.detail)"
      }
    }
    let digests = knownDigests(inventory)
    // A checkpoint that was not read yet has units all the same; none of their keys is known.
    let plan = StudyPlan(study, inventory, digests: planned(inventory, digests))
    let unknown = checkpoints - digests.count
    let there = store.keys()
    var stages: [StudyStage: StudyCheck.Stage] = [:]
    let older = olderArtifacts(than: plan, there: there)
    var cost = StudyCost()
    let speed =
      plan.units.contains { !there.contains($0.key) }
      ? StudyCost.Speed.measured(threads: options.threads) : nil
    for unit in plan.units {
      if let speed, !there.contains(unit.key) {
        cost.add(unit, inventory, study: study, speed: speed)
        check.cost = cost
      }
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

  /// The audit of every run; reads the weights and keeps their digests.
  private func findings(_ inventory: StudyInventory) throws -> [AuditFinding] {
    let digests = try hashedDigests(inventory)
    do {
      return try inventory.runs.flatMap {
        try RunAudit(run: $0, inventory: inventory, digests: digests).findings()
      }
    } catch {
      throw StudyError.output("\(error)")
    }
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

  /// `known`, with contents that no artifact has for the checkpoints that were not read yet.
  private func planned(
    _ inventory: StudyInventory, _ known: [CheckpointName: TensorDigests]
  ) -> [CheckpointName: TensorDigests] {
    var digests = known
    for run in inventory.runs {
      for checkpoint in run.checkpoints {
        let name = CheckpointName(run: run.name, step: checkpoint.step)
        guard digests[name] == nil else { continue }
        digests[name] = TensorDigests(
          byTensor: ["not read": name.description], model: checkpoint.model,
          analysed: ["not read"])
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
