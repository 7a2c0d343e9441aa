import Capture
import Checkpoints
import Dynamics
import Files
import LanguageModels
import Reporting
import Training

extension StudyRunner {
  /// Validates everything and says what a run would do; writes nothing, but for the digests of the
  /// weights that the audit reads.
  package func check(audit: Bool = false) throws -> StudyCheck {
    var check = StudyCheck()
    guard study.measurements == nil else {
      let results = try TableStudy(study, shownAs: shown).results()
      try checkPages(of: results)
      check.summary =
        "\(study.name): a table of \(results.table.rows.count) measurements of "
        + "\(results.runs.count) \(results.runs.count == 1 ? "run" : "runs"); nothing to measure"
      check.report = try reportChanges(units: [], failures: [])
      try tellReport(to: &check) { results }
      check.notes += try unwritableNames(of: results.runs)
      return check
    }
    let untrained = try untrained()
    guard untrained.isEmpty else {
      check.summary =
        "\(study.name): \(untrained.count) of \(study.runs.count) runs are to be trained first"
      check.notes = untrained.map { recipe in
        "to train: \(recipe.name), \(recipe.steps) steps of \(recipe.batch.tokens) tokens, "
          + "\(recipe.checkpointSteps.count) checkpoints"
      }
      check.report = ["measurements"]
      return check
    }
    let inventory = try inspect()
    try checkPages()
    check.failures = inventory.failures
    check.notes = try inventory.notes + unwritableNames(of: [])
    check.downloads = downloads(inventory)
    let runs = inventory.runs.count + inventory.exported.count
    let checkpoints =
      inventory.runs.reduce(0) { $0 + $1.checkpoints.count }
      + inventory.exported.reduce(0) { $0 + $1.steps.count }
    check.summary =
      "\(study.name): \(runs) \(runs == 1 ? "run" : "runs"), "
      + "\(checkpoints) checkpoints, \(inventory.probes.count) "
      + "\(inventory.probes.count == 1 ? "probe" : "probes")"
    if audit {
      check.audit = try findings(inventory).map { finding in
        let excluded = finding.excluded ? " (left out of the statistics)" : ""
        return
          "\(finding.run), step \(finding.step): \(finding.finding)\(excluded): \(finding.detail)"
      }
      for run in inventory.exported {
        check.notes.append(
          run.scoresAlone
            ? "run \(run.name) holds similarities alone: there is no content to audit"
            : "run \(run.name) was exported: its steps are compared by content, not followed through "
              + "training")
      }
    }
    let known = knownDigests(inventory)
    // A checkpoint that was not read yet has units all the same; none of their keys is known.
    let digests = planned(inventory, known)
    let audits = inventory.runs.map {
      RunAudit(run: $0, inventory: inventory, digests: digests).unit
    }
    let plan = StudyPlan(study, inventory, digests: digests)
    let units = audits + plan.units
    let there = try store.keys().filter { !$0.kind.isOfReport }
    tell(units, there, to: &check)
    check.cost = cost(of: units.filter { !there.contains($0.key) }, inventory)
    check.report = ["measurements"]
    if check.pending.isEmpty {
      check.report = try reportChanges(units: units, failures: inventory.failures)
      try tellReport(to: &check) {
        try StudyMeasurement(self, inventory).gather(plan, digests: digests)
      }
    }
    if known.count < checkpoints {
      check.notes.append(
        "\(checkpoints - known.count) of \(checkpoints) checkpoints were not read before: "
          + "everything of them is to do")
    }
    return check
  }

  /// Names that figures can only show as boxes, in time to give them a label. `table` holds the runs of a table measured
  /// elsewhere, which study.yaml need not list.
  private func unwritableNames(of table: [RunDescription]) throws -> [String] {
    let labels = study.labels
    let names = study.measurements == nil ? study.runs.map(\.name) : table.map(\.run)
    var arms: [String] = []
    for case let arm? in study.runs.map(\.arm) where !arms.contains(arm) { arms.append(arm) }
    return try FigureNames().unwritable(
      runs: names.map { ($0, labels[$0]) },
      others: arms.map { (.arm, $0) } + study.probes.map { (.probe, $0.name) }
    ).notes.map(Spelling.inert)
  }

  /// Mistakes in the author's pages and evaluations are found before hours of measuring, not after
  /// them.
  func checkPages() throws {
    try checkPages(
      runs: study.runs.map(\.name), components: study.measure.components.map(\.rawValue))
  }

  /// As ``checkPages()``, for a table measured elsewhere.
  func checkPages(of results: StudyResults) throws {
    try checkPages(
      runs: results.runs.map(\.run),
      components: Set(results.table.rows.map(\.component)).sorted())
  }

  /// The study's own evaluations; empty without `analysis: evaluations:`.
  func evaluations() throws -> [Evaluation] {
    guard let path = study.analysis.evaluations else { return [] }
    do {
      return try Evaluation.read(csv: try FileReader(path).readAll(), file: path)
    } catch {
      throw StudyError.invalid(
        file: shown, [study.finding(at: "analysis.evaluations", "\(error)")])
    }
  }

  private func checkPages(runs: [String], components: [String]) throws {
    // What the report reads beside the measurements.
    _ = try evaluations()
    let mistakes = try AuthorPagesCheck(
      folder: study.folder + "/pages", runs: runs, components: components
    ).mistakes()
    guard mistakes.isEmpty else { throw StudyError.pages(mistakes) }
  }

  /// What is done, what is missing, and what of that is stale for which reason.
  private func tell(_ units: [StudyUnit], _ there: Set<ArtifactKey>, to check: inout StudyCheck) {
    let older = olderArtifacts(than: units, there: there)
    var stages: [StudyStage: StudyCheck.Stage] = [:]
    for unit in units {
      var stage = stages[unit.stage] ?? StudyCheck.Stage(stage: unit.stage)
      if there.contains(unit.key) {
        stage.done += 1
      } else {
        stage.missing += 1
        // The nearest of the earlier artifacts explains best what is new.
        let changes =
          (older[unit.inputs.kind]?[unit.name] ?? []).map { unit.inputs.changes(from: $0) }
          .min { $0.count < $1.count } ?? []
        if !changes.isEmpty { stage.stale[changes.joined(separator: ", "), default: 0] += 1 }
        check.pending.append(
          StudyCheck.Pending(stage: unit.stage, unit: unit.name, changed: changes))
      }
      stages[unit.stage] = stage
    }
    check.stages = StudyStage.allCases.compactMap { stages[$0] }
  }

  private func cost(of units: [StudyUnit], _ inventory: StudyInventory) -> StudyCost? {
    guard !units.isEmpty else { return nil }
    let speed = MachineSpeed.measured(threads: options.threads)
    var cost = StudyCost()
    for unit in units { cost.add(unit, inventory, study: study, speed: speed) }
    return cost
  }

  /// `nil` where analysis, figures and site are as the last run left them.
  private func reportChanges(
    units: [StudyUnit], failures: [FailedUnit]
  ) throws -> [String]? {
    do throws(FileError) {
      let content = try content(units: units, failures: failures)
      guard let changes = try FinishedStamp.run(self).changes(from: content) else { return [] }
      return changes.isEmpty ? nil : changes
    } catch {
      throw StudyError.output("\(error)")
    }
  }

  /// The steps of the hub's runs that the study names and the cache does not hold.
  private func downloads(_ inventory: StudyInventory) -> [StudyCheck.Download] {
    study.runs.compactMap { run in
      guard let source = run.checkpoints, source.hasPrefix(HubCache.scheme) else { return nil }
      let wanted = run.steps ?? []
      let there = inventory.runs.first { $0.name == run.name }?.checkpoints.map(\.step) ?? []
      let missing = wanted.filter { !there.contains($0) }
      return missing.isEmpty
        ? nil : StudyCheck.Download(run: run.name, source: source, steps: missing)
    }
  }

  /// The audit of every run; reads the weights and keeps their digests.
  private func findings(_ inventory: StudyInventory) throws -> [AuditFinding] {
    let digests = try hashedDigests(inventory)
    do {
      return try inventory.runs.flatMap {
        try RunAudit(run: $0, inventory: inventory, digests: digests, store: store).findings()
      }
        + inventory.exported.flatMap {
          try ExportedAudit(run: $0, inventory: inventory, digests: digests).findings()
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
          analysed: checkpoint.analysedTensors)
      }
    }
    return digests.merging(knownExportedDigests(inventory)) { own, _ in own }
  }

  /// `known`, with contents that no artifact has for the checkpoints that were not read yet.
  func planned(
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
    for run in inventory.exported {
      for step in run.steps {
        let name = CheckpointName(run: run.name, step: step)
        digests[name] = digests[name] ?? TensorDigests(byTensor: ["not read": name.description])
      }
    }
    return digests
  }

  /// The inputs of artifacts that no unit of the plan has, by the unit that they were made for.
  private func olderArtifacts(
    than units: [StudyUnit], there: Set<ArtifactKey>
  ) -> [UnitKind: [String: [UnitInputs]]] {
    let planned = Set(units.map(\.key))
    guard !planned.isSubset(of: there) else { return [:] }
    var older: [UnitKind: [String: [UnitInputs]]] = [:]
    for key in there.subtracting(planned).sorted(by: { $0.hex < $1.hex }) {
      do {
        guard let artifact = try store.artifact(key) else { continue }
        older[key.kind, default: [:]][artifact.unit, default: []].append(artifact.inputs)
      } catch {
        // A damaged artifact explains nothing, and no unit of the plan needs it.
        events(.detail("\(error)"))
      }
    }
    return older
  }
}
