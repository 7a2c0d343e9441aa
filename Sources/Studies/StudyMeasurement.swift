import Capture
import Checkpoints
import Dynamics
import Files
import LanguageModels
import LinearAlgebra
import Metrics
import Tensors

/// Brings the artifacts of a study up to date, stage by stage.
///
/// A unit that fails takes only what depends on it along; a store that cannot be written ends the
/// run, since nothing that follows could be kept.
final class StudyMeasurement {
  private let runner: StudyRunner
  private let inventory: StudyInventory
  private let units: UnitRunner
  /// What of the study is done here.
  private let slice: ShardSlice
  private(set) var failures: [FailedUnit]
  /// The audits of all runs, as units.
  private(set) var audits: [StudyUnit] = []
  /// Which unit the rows of the results came from, once they are gathered.
  private(set) var records: [UnitRecord] = []
  private var digests: [CheckpointName: TensorDigests] = [:]
  /// Artifacts that were read as a whole and are what was written.
  private var verified: Set<ArtifactKey> = []
  private var findings: [AuditFinding] = []

  init(_ runner: StudyRunner, _ inventory: StudyInventory) {
    self.runner = runner
    self.inventory = inventory
    failures = inventory.failures
    slice = ShardSlice(runner.options.shard, of: inventory)
    units = UnitRunner(
      study: runner.study, inventory: inventory, store: runner.store, output: runner.store,
      lanes: runner.lanes,
      clock: runner.clock)
  }

  /// Does every unit that is not there yet; the plan that is then fulfilled, but for failures.
  func bringUpToDate() throws -> StudyPlan {
    try runner.store.sweep()
    digests = try hashCheckpoints()
    audits = runAudits.map(\.unit)
    findings = try auditRuns()
    let plan = StudyPlan(runner.study, inventory, digests: digests)
    try measureWeights(plan)
    try measureActivations(plan)
    try compare(plan)
    try compareAllPositions(plan)
    try measureExported(plan)
    return plan
  }

  /// What was measured.
  func gather(_ plan: StudyPlan) throws -> StudyResults {
    let gather = Gather(
      study: runner.study, inventory: inventory, plan: plan, store: runner.store)
    var (results, records) = try gather.gathered(failures: failures, audit: findings)
    self.records = try auditRecords() + records
    for run in inventory.runs.map(\.study) + inventory.exported.map(\.study) {
      let log = try TrainingLog.read(run: run.name, folder: run.checkpoints ?? "")
      results.trainingLog += log
      // The names of steps may say the tokens where no log does.
      guard !log.contains(where: { $0.tokens != nil }) else { continue }
      results.trainingLog += inventory.tokens.filter { $0.key.run == run.name }
        .sorted { $0.key.step < $1.key.step }.map {
          StudyResults.TrainingRecord(
            run: run.name, step: $0.key.step, loss: nil, learningRate: nil, tokens: $0.value)
        }
    }
    return results
  }

  private func auditRecords() throws -> [UnitRecord] {
    try audits.compactMap { unit in
      guard let artifact = try runner.store.artifact(unit.key) else { return nil }
      let found = findings.count { $0.run == unit.checkpoint.run }
      return UnitRecord(
        unit,
        values: found > 0
          ? [UnitRecord.Rows(table: "audit", object: "", metric: "", rows: ""): found] : [:],
        origin: try UnitOrigin(of: artifact))
    }
  }

  /// Probes and checkpoints by the hash of their content.
  func inputs() throws -> [StudyProvenance.Input] {
    let probes = try inventory.probes.map {
      StudyProvenance.Input(
        path: runner.study.relative($0.path), sha256: $0.digest,
        bytes: try FileReader($0.path).size)
    }
    let checkpoints = inventory.runs.flatMap { run in
      run.checkpoints.compactMap { checkpoint -> StudyProvenance.Input? in
        let name = CheckpointName(run: run.name, step: checkpoint.step)
        guard let digest = digests[name] else { return nil }
        return StudyProvenance.Input(
          path: runner.study.relative(checkpoint.folder), sha256: digest.all,
          analysed: digest.analysed, bytes: checkpoint.byteCount)
      }
    }
    let exported = inventory.exported.flatMap { run -> [StudyProvenance.Input] in
      guard case .steps(let steps) = run.content else {
        guard case .scores(let scores, _) = run.content else { return [] }
        return [
          StudyProvenance.Input(
            path: runner.study.relative(scores.path), sha256: scores.digest, bytes: 0)
        ]
      }
      return steps.compactMap { step in
        digests[CheckpointName(run: run.name, step: step.step)].map {
          StudyProvenance.Input(
            path: runner.study.relative(step.folder), sha256: $0.all,
            bytes: step.files.reduce(0) { $0 + Int($1.identity.size) })
        }
      }
    }
    return probes + checkpoints + exported
  }

  // MARK: Stages

  /// The content of every checkpoint: read once, then known by the identity of its files.
  private func hashCheckpoints() throws -> [CheckpointName: TensorDigests] {
    let cache = runner.digestCache
    let all = inventory.runs.flatMap { run in
      run.checkpoints.map { (CheckpointName(run: run.name, step: $0.step), $0) }
    }.filter { slice.known.contains($0.0) }
    var digests: [CheckpointName: TensorDigests] = [:]
    let known = all.map { cache.known($0.1) }
    let missing = all.indices.filter { known[$0] == nil }
    let work = missing.map { index in
      Work(stage: .audit, unit: all[index].0.description, key: "content \(all[index].0)") {
        _ = try self.runner.clock.measure(.audit) { try cache.digests(of: all[index].1) }
      } failed: {
        FailedUnit(stage: .audit, run: all[index].0.run, step: all[index].0.step, reason: $0)
      }
    }
    let failed = try perform(.audit, work, done: all.count - missing.count)
    for (index, (name, checkpoint)) in all.enumerated() where !failed.contains(name.description) {
      digests[name] = TensorDigests(
        byTensor: try known[index] ?? cache.digests(of: checkpoint), model: checkpoint.model,
        analysed: checkpoint.analysedTensors)
    }
    return digests.merging(try hashExported()) { own, _ in own }
  }

  /// The content of exported steps; one that cannot be read fails alone.
  private func hashExported() throws -> [CheckpointName: TensorDigests] {
    var digests: [CheckpointName: TensorDigests] = [:]
    for run in inventory.exported {
      guard case .steps(let steps) = run.content else { continue }
      for step in steps {
        let name = CheckpointName(run: run.name, step: step.step)
        do {
          digests[name] = TensorDigests(byTensor: try runner.hashed(step))
        } catch let error as CaptureError {
          throw error
        } catch {
          fail(FailedUnit(stage: .audit, run: name.run, step: name.step, reason: "\(error)"))
        }
      }
    }
    return digests
  }

  /// Runs that were exported: first what their files hold, then comparisons.
  private func measureExported(_ plan: StudyPlan) throws {
    // Little work beside a pass through a model: the first shard does it.
    guard runner.options.shard.map({ $0.index == 1 }) ?? true else { return }
    let there = present(plan.exported)
    for run in inventory.exported {
      let units = plan.exported.filter { $0.checkpoint.run == run.name }
      let measurement = ExportedMeasurement(
        run, study: runner.study, store: runner.store, output: runner.store, lanes: runner.lanes,
        clock: runner.clock)
      let captures = units.filter { $0.inputs.kind == .capture }
      for stage in [StudyStage.weightSpectra, .gradients, .capture, .cka] {
        let own = units.filter { $0.stage == stage }
        let work = own.filter { !there.contains($0.key) }.map { unit in
          Work(stage: stage, unit: unit.name, key: unit.key.description) {
            try measurement.perform(unit, captures: captures)
          } failed: {
            unit.failed($0)
          }
        }
        if !work.isEmpty { try perform(stage, work, done: own.count - work.count) }
      }
    }
  }

  private func measureWeights(_ plan: StudyPlan) throws {
    let own = own(plan)
    let there = present(own.flatMap(\.weights))
    let work = own.flatMap { checkpoint in
      checkpoint.weights.filter { !there.contains($0.key) }.map { unit in
        Work(stage: .weightSpectra, unit: unit.name, key: unit.key.description) {
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
    let needed = neededCaptures(plan)
    let there = present(plan.checkpoints.flatMap { $0.captures + $0.gradients }, needed: needed)
    var work: [Work] = []
    for checkpoint in plan.checkpoints {
      let isOwn = slice.own.contains(checkpoint.name)
      for probe in inventory.probes {
        func missing(_ units: [StudyUnit]) -> StudyUnit? {
          units.first {
            $0.probe == probe.name && !there.contains($0.key) && (isOwn || needed.contains($0.key))
          }
        }
        let capture = missing(checkpoint.captures)
        let gradients =
          runner.study.measure.gradients == .probe && isOwn ? missing(checkpoint.gradients) : nil
        guard let unit = capture ?? gradients else { continue }
        work.append(
          Work(stage: unit.stage, unit: unit.name, key: unit.key.description) {
            try self.units.capture(
              capture, gradients: gradients, of: checkpoint.model, batch: probe.batch)
          } failed: {
            unit.failed($0)
          })
      }
      if let batches = inventory.gradientBatches, isOwn {
        for unit in checkpoint.gradients where !there.contains(unit.key) {
          work.append(
            Work(stage: .gradients, unit: unit.name, key: unit.key.description) {
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
    let similarities = own(plan).flatMap(\.similarities)
    let compared = present(similarities)
    var names: Set<CheckpointName> = []
    for unit in similarities where !compared.contains(unit.key) {
      names.insert(unit.checkpoint)
      if let other = unit.other { names.insert(other) }
    }
    let checkpoints = plan.checkpoints.filter { names.contains($0.name) }
    return Set(checkpoints.flatMap(\.captures).map(\.key)).union(
      own(plan).flatMap(\.gradients).map(\.key))
  }

  /// The checkpoints whose units are done here.
  private func own(_ plan: StudyPlan) -> [StudyPlan.Checkpoint] {
    plan.checkpoints.filter { slice.own.contains($0.name) }
  }

  private func compare(_ plan: StudyPlan) throws {
    let own = own(plan)
    let there = present(own.flatMap(\.similarities))
    let captures = runner.store.keys(among: plan.checkpoints.flatMap(\.captures).map(\.key))
    let comparer = CheckpointComparer(
      units: units, plan: plan, captures: captures, resampling: resampling())
    // One final checkpoint after the other: probe by probe within a run.
    let order = inventory.runs.flatMap { run in
      inventory.probes.flatMap { probe in
        own.filter { $0.name.run == run.name }.map { ($0, probe) }
      }
    }
    var work: [Work] = []
    for (checkpoint, probe) in order {
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
        Work(
          stage: .cka, unit: first.checkpoint.description + "/" + probe.name,
          key: first.key.description
        ) {
          try comparer.compare(possible, probe: probe)
        } failed: {
          first.failed($0)
        })
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
    let units = own(plan).flatMap(\.streamed)
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
      Work(stage: .cka, unit: unit.name, key: unit.key.description) {
        try comparer.compare(unit)
      } failed: {
        unit.failed($0)
      }
    }
    defer { comparer.letGo() }
    try perform(.cka, work, done: there.count)
  }

  /// The audits that are made here.
  private var runAudits: [RunAudit] {
    inventory.runs.filter { slice.audited.contains($0.name) }.map {
      RunAudit(run: $0, inventory: inventory, digests: digests)
    }
  }

  /// The audit of every run, before anything is measured.
  private func auditRuns() throws -> [AuditFinding] {
    let audits = runAudits
    let there = present(audits.map(\.unit))
    let store = runner.store
    let work = audits.filter { !there.contains($0.unit.key) }.map { audit in
      Work(stage: .audit, unit: audit.run.name, key: audit.unit.key.description) {
        let findings = try self.runner.clock.measure(.audit) { try audit.findings() }
        try store.write(audit.unit.inputs, unit: audit.unit.name) {
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
    /// What its failure is recorded under.
    let key: String
    let body: () throws -> Void
    let failed: (String) -> FailedUnit

    init(
      stage: StudyStage, unit: String, key: String, _ body: @escaping () throws -> Void,
      failed: @escaping (String) -> FailedUnit
    ) {
      self.stage = stage
      self.unit = unit
      self.key = key
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
        try tried(unit)
        try CaptureError.storing { () throws(FileError) in
          try runner.failureRecords.remove(key: unit.key)
        }
        runner.events(
          .unitFinished(
            unit.stage, unit: unit.unit, index: index + 1, of: work.count,
            seconds: StageClock.seconds(start.duration(to: .now))))
      } catch {
        if let stored = error as? CaptureError, case .store = stored { throw error }
        let failure = unit.failed("\(error)")
        fail(failure)
        try runner.failureRecords.write(failure, key: unit.key)
        failed.insert(unit.unit)
      }
    }
    runner.events(
      .stageFinished(stage, seconds: StageClock.seconds(begun.duration(to: .now))))
    return failed
  }

  /// Does a unit; once more where a file changed while it was read, as a network file system or another
  /// run of the study may let it.
  private func tried(_ unit: Work) throws {
    func once() throws {
      runner.clock.beginWork()
      try unit.body()
    }
    do {
      try once()
    } catch CaptureError.damagedArtifact(let path, let expected) {
      runner.events(.detail("\(path): expected \(expected); \(unit.unit) is tried again"))
      try once()
    } catch FileError.truncated(let path, _, _, _) {
      runner.events(.detail("\(path) changed while it was read; \(unit.unit) is tried again"))
      try once()
    }
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
    let keys = runner.store.keys(among: units.map(\.key))
    return Set(
      units.filter { unit in
        keys.contains(unit.key) && isIntact(unit, asWhole: needed?.contains(unit.key) ?? true)
      }.map(\.key))
  }

  private func isIntact(_ unit: StudyUnit, asWhole: Bool) -> Bool {
    // Comparisons are asked for twice: for the captures that they need, and for themselves.
    if verified.contains(unit.key) { return true }
    do {
      guard let artifact = try runner.store.artifact(unit.key) else { return false }
      if asWhole { try artifact.verify() } else { try artifact.verifyRows() }
      if asWhole { verified.insert(unit.key) }
      return true
    } catch {
      runner.events(.note("\(error); \(unit.name) is measured again"))
      return false
    }
  }
}
