import Capture
import Dynamics
import Files
import LanguageModels
import LinearAlgebra
import Metrics

/// Brings the artifacts of a study up to date, stage by stage.
///
/// A unit that fails takes only what depends on it along; a store that cannot be written ends the
/// run, since nothing that follows could be kept.
final class StudyMeasurement {
  private let runner: StudyRunner
  private let inventory: StudyInventory
  private let units: UnitRunner
  private(set) var failures: [FailedUnit]
  /// The audits of all runs, as units.
  private(set) var audits: [StudyUnit] = []
  private var digests: [CheckpointName: TensorDigests] = [:]
  private var findings: [AuditFinding] = []

  init(_ runner: StudyRunner, _ inventory: StudyInventory) {
    self.runner = runner
    self.inventory = inventory
    failures = inventory.failures
    units = UnitRunner(
      study: runner.study, inventory: inventory, store: runner.store, output: runner.store,
      lanes: runner.lanes,
      clock: runner.clock)
  }

  /// Does every unit that is not there yet; the plan that is then fulfilled, but for failures.
  func bringUpToDate() throws -> StudyPlan {
    digests = try hashCheckpoints()
    audits = inventory.runs.map {
      RunAudit(run: $0, inventory: inventory, digests: digests).unit
    }
    findings = try auditRuns()
    let plan = StudyPlan(runner.study, inventory, digests: digests)
    try measureWeights(plan)
    try measureActivations(plan)
    try compare(plan)
    try compareAllPositions(plan)
    return plan
  }

  /// What was measured.
  func gather(_ plan: StudyPlan) throws -> StudyResults {
    let gather = Gather(
      study: runner.study, inventory: inventory, plan: plan, store: runner.store)
    var results = try gather.results(failures: failures, audit: findings)
    for run in inventory.runs {
      results.trainingLog += try TrainingLog.read(
        run: run.name, folder: run.study.checkpoints ?? "")
    }
    return results
  }

  /// Probes and checkpoints by the hash of their content.
  var inputs: [StudyProvenance.Input] {
    let probes = inventory.probes.map {
      StudyProvenance.Input(
        path: runner.study.relative($0.path), sha256: $0.digest, bytes: 0)
    }
    let checkpoints = inventory.runs.flatMap { run in
      run.checkpoints.compactMap { checkpoint -> StudyProvenance.Input? in
        let name = CheckpointName(run: run.name, step: checkpoint.step)
        guard let digest = digests[name] else { return nil }
        return StudyProvenance.Input(
          path: runner.study.relative(checkpoint.folder), sha256: digest.all,
          bytes: checkpoint.byteCount)
      }
    }
    return probes + checkpoints
  }

  // MARK: Stages

  /// The content of every checkpoint: read once, then known by the identity of its files.
  private func hashCheckpoints() throws -> [CheckpointName: TensorDigests] {
    let cache = runner.digestCache
    let all = inventory.runs.flatMap { run in
      run.checkpoints.map { (CheckpointName(run: run.name, step: $0.step), $0) }
    }
    var digests: [CheckpointName: TensorDigests] = [:]
    let known = all.map { cache.known($0.1) }
    let missing = all.indices.filter { known[$0] == nil }
    let work = missing.map { index in
      Work(stage: .audit, unit: all[index].0.description) {
        _ = try cache.digests(of: all[index].1)
      } failed: {
        FailedUnit(stage: .audit, run: all[index].0.run, step: all[index].0.step, reason: $0)
      }
    }
    let failed = try perform(.audit, work, done: all.count - missing.count)
    for (index, (name, checkpoint)) in all.enumerated() where !failed.contains(name.description) {
      let analysed = (0..<checkpoint.model.configuration.layers).flatMap {
        SpectraMeasurement.tensors(layer: $0)
      }
      digests[name] = TensorDigests(
        byTensor: try known[index] ?? cache.digests(of: checkpoint), model: checkpoint.model,
        analysed: analysed)
    }
    return digests
  }

  private func measureWeights(_ plan: StudyPlan) throws {
    let there = present(plan.checkpoints.flatMap(\.weights))
    let work = plan.checkpoints.flatMap { checkpoint in
      checkpoint.weights.filter { !there.contains($0.key) }.map { unit in
        Work(stage: .weightSpectra, unit: unit.name) {
          guard unit.inputs.kind == .change, let other = unit.other,
            let earlier = self.inventory.checkpoint(other)
          else { return try self.units.measureWeights(unit, of: checkpoint.model) }
          try self.units.measureChange(unit, of: checkpoint.model, since: earlier)
        } failed: {
          unit.failed($0)
        }
      }
    }
    try perform(.weightSpectra, work, done: there.count)
  }

  /// One pass for a checkpoint's capture and its gradients on the same probe.
  private func measureActivations(_ plan: StudyPlan) throws {
    let there = present(
      plan.checkpoints.flatMap { $0.captures + $0.gradients }, needed: neededCaptures(plan))
    var work: [Work] = []
    for checkpoint in plan.checkpoints {
      for probe in inventory.probes {
        func missing(_ units: [StudyUnit]) -> StudyUnit? {
          units.first { $0.probe == probe.name && !there.contains($0.key) }
        }
        let capture = missing(checkpoint.captures)
        let gradients =
          runner.study.measure.gradients == .probe ? missing(checkpoint.gradients) : nil
        guard let unit = capture ?? gradients else { continue }
        work.append(
          Work(stage: unit.stage, unit: unit.name) {
            try self.units.capture(
              capture, gradients: gradients, of: checkpoint.model, batch: probe.batch)
          } failed: {
            unit.failed($0)
          })
      }
      if let batches = inventory.gradientBatches {
        for unit in checkpoint.gradients where !there.contains(unit.key) {
          work.append(
            Work(stage: .gradients, unit: unit.name) {
              try self.units.measureGradients(unit, of: checkpoint.model, batches: batches.batches)
            } failed: {
              unit.failed($0)
            })
        }
      }
    }
    try perform(.capture, work, done: there.count)
  }

  /// The captures that comparisons are still to be made of.
  private func neededCaptures(_ plan: StudyPlan) -> Set<ArtifactKey> {
    let compared = present(plan.checkpoints.flatMap(\.similarities))
    var names: Set<CheckpointName> = []
    for unit in plan.checkpoints.flatMap(\.similarities) where !compared.contains(unit.key) {
      names.insert(unit.checkpoint)
      if let other = unit.other { names.insert(other) }
    }
    let checkpoints = plan.checkpoints.filter { names.contains($0.name) }
    return Set(checkpoints.flatMap(\.captures).map(\.key)).union(
      plan.checkpoints.flatMap(\.gradients).map(\.key))
  }

  private func compare(_ plan: StudyPlan) throws {
    let there = present(plan.checkpoints.flatMap(\.similarities))
    let captures = runner.store.keys()
    let comparer = CheckpointComparer(
      units: units, plan: plan, captures: captures, resampling: resampling())
    var work: [Work] = []
    for checkpoint in plan.checkpoints {
      for probe in inventory.probes {
        let missing = checkpoint.similarities.filter {
          $0.probe == probe.name && !there.contains($0.key)
        }
        // Each comparison stands by itself: where the step before failed, the one with the final
        // checkpoint is made all the same.
        let possible = missing.filter(comparer.canCompare)
        for unit in missing where unit.relation == .reference && !possible.contains(unit) {
          noteIncomparable(unit)
        }
        guard let first = possible.first else { continue }
        work.append(
          Work(stage: .cka, unit: first.checkpoint.description + "/" + probe.name) {
            try comparer.compare(possible, probe: probe)
          } failed: {
            first.failed($0)
          })
      }
    }
    try perform(.cka, work, done: there.count)
  }

  /// A failure for a checkpoint that cannot be compared with its reference, unless it failed itself.
  private func noteIncomparable(_ unit: StudyUnit) {
    let name = unit.checkpoint
    guard !failures.contains(where: { $0.run == name.run && $0.step == name.step }) else { return }
    fail(unit.failed("cannot be compared: the capture of \(unit.other?.description ?? "") failed"))
  }

  /// Rows `all`: a checkpoint's activations at every position are captured, compared with the
  /// reference's, and let go; the reference's stay until the run is done.
  private func compareAllPositions(_ plan: StudyPlan) throws {
    let units = plan.checkpoints.flatMap(\.streamed)
    guard !units.isEmpty else { return }
    let there = present(units)
    // One reference after the other: probe by probe within a run.
    let missing = inventory.runs.flatMap { run in
      inventory.probes.flatMap { probe in
        units.filter {
          $0.checkpoint.run == run.name && $0.probe == probe.name && !there.contains($0.key)
        }
      }
    }
    let comparer = PositionComparer(units: self.units, inventory: inventory)
    let work = missing.map { unit in
      Work(stage: .cka, unit: unit.name) {
        try comparer.compare(unit)
      } failed: {
        unit.failed($0)
      }
    }
    defer { comparer.letGo() }
    try perform(.cka, work, done: there.count)
  }

  /// The audit of every run, before anything is measured.
  private func auditRuns() throws -> [AuditFinding] {
    let audits = inventory.runs.map {
      RunAudit(run: $0, inventory: inventory, digests: digests)
    }
    let there = present(audits.map(\.unit))
    let store = runner.store
    let work = audits.filter { !there.contains($0.unit.key) }.map { audit in
      Work(stage: .audit, unit: audit.run.name) {
        let findings = try audit.findings()
        try store.write(audit.unit.inputs, unit: audit.run.name) {
          try $0.add(AuditCoding.encode(findings), section: AuditCoding.section)
        }
      } failed: {
        audit.unit.failed($0)
      }
    }
    try perform(.audit, work, done: there.count)
    return try audits.flatMap { audit -> [AuditFinding] in
      guard let artifact = try store.artifact(audit.unit.key) else { return [] }
      return try AuditCoding.decode(
        artifact.bytes(AuditCoding.section), run: audit.run.name, file: artifact.path)
    }
  }

  private func resampling() -> [String: [String: Resampling]] {
    Dictionary(
      inventory.probes.map { ($0.name, runner.study.resampling(of: $0.batch)) },
      uniquingKeysWith: { first, _ in first })
  }

  // MARK: Units

  /// A unit to do, and what it is called when it fails.
  private struct Work {
    let stage: StudyStage
    let unit: String
    let body: () throws -> Void
    let failed: (String) -> FailedUnit

    init(
      stage: StudyStage, unit: String, _ body: @escaping () throws -> Void,
      failed: @escaping (String) -> FailedUnit
    ) {
      self.stage = stage
      self.unit = unit
      self.body = body
      self.failed = failed
    }
  }

  /// Does the units of a stage one after the other; returns the names of those that failed.
  @discardableResult
  private func perform(_ stage: StudyStage, _ work: [Work], done: Int) throws -> Set<String> {
    runner.events(.stageStarted(stage, units: work.count, done: done))
    let begun = ContinuousClock.now
    var failed: Set<String> = []
    for (index, unit) in work.enumerated() {
      let start = ContinuousClock.now
      runner.events(
        .unitStarted(unit.stage, unit: unit.unit, index: index + 1, of: work.count))
      do {
        try unit.body()
        runner.events(
          .unitFinished(
            unit.stage, unit: unit.unit, index: index + 1, of: work.count,
            seconds: StageClock.seconds(start.duration(to: .now))))
      } catch let error as CaptureError {
        if case .store = error { throw error }
        fail(unit.failed("\(error)"))
        failed.insert(unit.unit)
      } catch {
        fail(unit.failed("\(error)"))
        failed.insert(unit.unit)
      }
    }
    runner.events(
      .stageFinished(stage, seconds: StageClock.seconds(begun.duration(to: .now))))
    return failed
  }

  private func fail(_ unit: FailedUnit) {
    // Weights and activations of one damaged file fail for one reason: it is said once.
    guard !failures.contains(where: { $0.line == unit.line }) else { return }
    failures.append(unit)
    runner.events(.unitFailed(unit))
  }

  /// The keys among `units` whose artifacts are there and intact; a damaged one is told and done
  /// again. Captures are read as a whole only where something is still to be made from them.
  private func present(
    _ units: [StudyUnit], needed: Set<ArtifactKey>? = nil
  ) -> Set<ArtifactKey> {
    let keys = runner.store.keys()
    return Set(
      units.filter { unit in
        keys.contains(unit.key) && isIntact(unit, asWhole: needed?.contains(unit.key) ?? true)
      }.map(\.key))
  }

  private func isIntact(_ unit: StudyUnit, asWhole: Bool) -> Bool {
    do {
      guard let artifact = try runner.store.artifact(unit.key) else { return false }
      if asWhole { try artifact.verify() } else { try artifact.verifyRows() }
      return true
    } catch {
      runner.events(.note("\(error); \(unit.name) is measured again"))
      return false
    }
  }
}
