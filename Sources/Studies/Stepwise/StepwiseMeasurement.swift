import Capture
import Checkpoints
import Dynamics
import Fetching

/// Measures a study whose checkpoints do not fit on the disk together: the final checkpoint of a run comes
/// first, then step by step each is fetched, measured, and removed once its neighbours need it no more.
///
/// A checkpoint goes when every unit that reads its weights has its artifact; what is left in its place
/// (`WeightsRecord`) is enough for every later command. Blobs that another program brought stay.
final class StepwiseMeasurement {
  /// What became of it.
  struct Outcome {
    var failures: [FailedUnit] = []
    var fetched = Fetcher.Outcome()
    /// Bytes that the disk has back.
    var freed = 0
  }

  let runner: StudyRunner
  let fetcher: Fetcher
  let plans: [FetchPlan]
  var outcome = Outcome()
  /// Checkpoints of which every unit that reads weights has its artifact.
  var measured: Set<CheckpointName> = []

  /// A checkpoint is needed until so many steps after it are measured: distances to them are the audit's.
  static let reach = CheckpointAudit.reach

  init(_ runner: StudyRunner, _ fetcher: Fetcher, _ plans: [FetchPlan]) {
    self.runner = runner
    self.fetcher = fetcher
    self.plans = plans
  }

  func measure() throws {
    try checkProbes()
    let runs = runner.study.runs.filter { plan(of: $0) != nil }
    for (index, run) in runs.enumerated() {
      try measure(run)
      // A final checkpoint that a later run is compared with stays for it.
      let later = runs[(index + 1)...].compactMap(\.reference)
      for step in steps(of: run) where !later.contains(Study.Reference(run: run.name, step: step)) {
        try release(step, of: run)
      }
    }
    for run in runs {
      try audit(run)
      for step in steps(of: run) { try release(step, of: run) }
    }
  }

  /// Mistakes in what every run is measured on, before anything is fetched.
  private func checkProbes() throws {
    var study = runner.study
    study.runs = []
    _ = try runner.inspect(study)
  }

  // MARK: What is wanted

  func plan(of run: Study.Run) -> FetchPlan? {
    guard let repository = run.checkpoints.flatMap(HubRepository.init(address:)) else { return nil }
    return plans.first { $0.repository == repository }
  }

  /// The steps of `run` that the hub has, ascending.
  func steps(of run: Study.Run) -> [Int] {
    let there = plan(of: run)?.revisions.map(\.step) ?? []
    return there.filter { run.steps?.contains($0) ?? true }
  }

  func name(_ step: Int, _ run: Study.Run) -> CheckpointName {
    CheckpointName(run: run.name, step: step)
  }

  // MARK: A run

  private func measure(_ run: Study.Run) throws {
    let steps = steps(of: run)
    guard let final = run.final ?? run.steps?.last ?? steps.last else { return }
    // Everything is compared with it, and it says what model the run is.
    guard try advance(to: final, after: [], run, final: final) else { return }
    var window: [Int] = []
    for step in steps {
      guard try advance(to: step, after: window, run, final: final) else { continue }
      window.append(step)
      while window.count > Self.reach {
        let gone = window.removeFirst()
        if gone != final { try release(gone, of: run) }
      }
    }
  }

  /// Measures `step`, whose neighbours before it are `window`; false where it cannot be read.
  private func advance(
    to step: Int, after window: [Int], _ run: Study.Run, final: Int
  ) throws -> Bool {
    let own = name(step, run)
    // The final checkpoint comes twice: alone, and after its neighbours.
    measured.remove(own)
    guard try bring([own]) else { return false }
    var scene = try look(at: [step] + window, of: run, final: final)
    if let needed = try missing(own, after: window, scene) {
      guard try bring(needed.filter { !isOnDisk($0, scene) }, evenIfRecorded: true) else {
        return false
      }
      scene = try look(at: [step] + window, of: run, final: final)
      try measure(own, after: window, &scene)
    }
    guard scene.inventory.checkpoint(own) != nil else {
      for failure in scene.inventory.failures where failure.step == step { fail(failure) }
      return false
    }
    if try missing(own, after: window, scene) == nil { measured.insert(own) }
    return true
  }

  /// What lies on the disk of a few steps, and the units that come of it.
  struct Scene {
    let study: Study
    let inventory: StudyInventory
    var digests: [CheckpointName: TensorDigests]
    var plan: StudyPlan

    func content(_ name: CheckpointName) -> MeasuredMoves.Content? {
      guard let checkpoint = inventory.checkpoint(name), let digests = digests[name] else {
        return nil
      }
      return (checkpoint, digests)
    }
  }

  /// Opens `steps` of `run`, its final checkpoint, and what that is compared with in another run.
  private func look(at steps: [Int], of run: Study.Run, final: Int) throws -> Scene {
    var own = run
    own.steps = Set(steps + [final]).sorted()
    own.final = final
    var study = runner.study
    study.runs = [own]
    if let reference = run.reference, reference.run != run.name,
      var other = runner.study.runs.first(where: { $0.name == reference.run })
    {
      if plan(of: other) != nil { _ = try bring([name(reference.step, other)]) }
      other.steps = [reference.step]
      other.final = reference.step
      other.reference = nil
      study.runs.insert(other, at: 0)
    }
    let inventory = try runner.inspect(study)
    let digests = runner.knownDigests(inventory)
    return Scene(
      study: study, inventory: inventory, digests: digests,
      plan: StudyPlan(runner.study, inventory, digests: digests))
  }

  /// The checkpoints whose weights must be there for what of `own` is not measured yet; nil where all
  /// is.
  private func missing(
    _ own: CheckpointName, after window: [Int], _ scene: Scene
  ) throws -> Set<CheckpointName>? {
    let before = window.map { CheckpointName(run: own.run, step: $0) }
    guard let digests = scene.digests[own],
      let planned = scene.plan.checkpoints.first(where: { $0.name == own })
    else {
      // Its content is not known: neither is what has to be done.
      let references = scene.inventory.runs.map(\.reference)
      return Set([own] + before + references)
    }
    var needed: Set<CheckpointName> = []
    let units = planned.weights + planned.captures + planned.gradients + planned.streamed
    let there = try runner.store.keys(among: units.map(\.key))
    for unit in units where !there.contains(unit.key) {
      needed.formUnion([own, unit.other].compactMap(\.self))
    }
    let moves = MeasuredMoves(store: runner.store)
    for name in before {
      guard let other = scene.digests[name], try !moves.isThere(other, digests) else { continue }
      needed.formUnion([own, name])
    }
    return needed.isEmpty ? nil : needed
  }

  private func isOnDisk(_ name: CheckpointName, _ scene: Scene) -> Bool {
    scene.inventory.checkpoint(name).map { !$0.isRemoved } ?? false
  }

  private func measure(
    _ own: CheckpointName, after window: [Int], _ scene: inout Scene
  ) throws {
    let known = scene.inventory.runs.flatMap { run in
      run.checkpoints.map { CheckpointName(run: run.name, step: $0.step) }
    }
    let measurement = StudyMeasurement(
      runner, scene.inventory, slice: ShardSlice(own: [own], known: Set(known)))
    scene.plan = try measurement.measureWhatReadsWeights()
    scene.digests = measurement.digests
    for failure in measurement.failures where failure.step == own.step { note(failure) }
    for step in window {
      try measureMoves(CheckpointName(run: own.run, step: step), own, scene)
    }
  }

  /// The distances of two checkpoints that are both on the disk, for the audit.
  func measureMoves(_ a: CheckpointName, _ b: CheckpointName, _ scene: Scene) throws {
    let (first, second) = a.step < b.step ? (a, b) : (b, a)
    let moves = MeasuredMoves(store: runner.store)
    guard let earlier = scene.content(first), let later = scene.content(second),
      !earlier.checkpoint.isRemoved, !later.checkpoint.isRemoved,
      try !moves.isThere(earlier.digests, later.digests)
    else { return }
    do {
      runner.clock.beginWork()
      try runner.clock.measure(.audit) {
        try moves.measure(earlier, later, name: "\(second) against \(first)")
      }
    } catch let error as CaptureError {
      throw error
    } catch {
      fail(FailedUnit(stage: .audit, run: b.run, step: b.step, reason: "\(error)"))
    }
  }

  // MARK: What happened

  /// A failure that nobody was told of yet.
  func fail(_ unit: FailedUnit) {
    guard !outcome.failures.contains(where: { $0.line == unit.line }) else { return }
    outcome.failures.append(unit)
    runner.events(.unitFailed(unit))
  }

  /// A failure that was told where it happened.
  private func note(_ unit: FailedUnit) {
    guard !outcome.failures.contains(where: { $0.line == unit.line }) else { return }
    outcome.failures.append(unit)
  }
}
