import Capture
import Checkpoints
import Dynamics
import Files

/// Brings the artifacts of a study up to date, stage by stage.
///
/// A unit that fails takes only what depends on it along; a store that cannot be written ends the
/// run, since nothing that follows could be kept.
final class StudyMeasurement {
  let runner: StudyRunner
  let inventory: StudyInventory
  let units: UnitRunner
  /// What of the study is done here.
  let slice: ShardSlice
  var failures: [FailedUnit]
  /// The audits of all runs, as units.
  var audits: [StudyUnit] = []
  /// Which unit the rows of the results came from, once they are gathered.
  var records: [UnitRecord] = []
  var digests: [CheckpointName: TensorDigests] = [:]
  /// Artifacts that were read as a whole and are what was written.
  private var verified: Set<ArtifactKey> = []
  var findings: [AuditFinding] = []

  /// `slice`: what of the study to do, where it is not a shard's.
  init(_ runner: StudyRunner, _ inventory: StudyInventory, slice: ShardSlice? = nil) {
    self.runner = runner
    self.inventory = inventory
    failures = inventory.failures
    self.slice = slice ?? ShardSlice(runner.options.shard, of: inventory)
    units = UnitRunner(
      study: runner.study, inventory: inventory, store: runner.store, output: runner.store,
      lanes: runner.lanes,
      clock: runner.clock)
  }

  /// Does every unit that is not there yet; the plan that is then fulfilled, but for failures.
  func bringUpToDate() throws -> StudyPlan {
    try runner.store.sweep()
    for folder in runner.folders.outputs { try DurableWrite.sweepAll(below: folder) }
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

  /// Does what reads weights; comparisons of captures and the audit are left to a later run.
  func measureWhatReadsWeights() throws -> StudyPlan {
    digests = try hashCheckpoints()
    let plan = StudyPlan(runner.study, inventory, digests: digests)
    try measureWeights(plan)
    try measureActivations(plan)
    try compareAllPositions(plan)
    return plan
  }

  /// What was measured, where all of it is there: nothing is done and nothing written.
  func gather(
    _ plan: StudyPlan, digests: [CheckpointName: TensorDigests]
  ) throws -> StudyResults {
    self.digests = digests
    audits = runAudits.map(\.unit)
    findings = try auditRuns()
    return try gather(plan)
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

  /// The keys among `units` whose artifacts are there and intact; a damaged one is told and done
  /// again. Captures are read as a whole only where something is still to be made from them.
  func present(
    _ units: [StudyUnit], needed: Set<ArtifactKey>? = nil
  ) throws -> Set<ArtifactKey> {
    let keys = try runner.store.keys(among: units.map(\.key))
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

  /// The checkpoints whose units are done here.
  func own(_ plan: StudyPlan) -> [StudyPlan.Checkpoint] {
    plan.checkpoints.filter { slice.own.contains($0.name) }
  }
}
