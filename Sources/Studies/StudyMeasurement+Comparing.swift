import Capture
import Metrics

/// Stages that compare captures.
extension StudyMeasurement {
  func compare(_ plan: StudyPlan) throws {
    let own = own(plan)
    let there = try present(own.flatMap(\.similarities))
    let captures = try runner.store.keys(among: plan.checkpoints.flatMap(\.captures).map(\.key))
    let comparer = CheckpointComparer(
      units: units, plan: plan, captures: captures, resampling: resampling())
    // One final checkpoint after the other: probe by probe within a run.
    let order = inventory.runs.flatMap { run in
      inventory.probes.flatMap { probe in
        own.filter { $0.name.run == run.name }.map { ($0, probe) }
      }
    }
    var work: [StageWork] = []
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
        StageWork(
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
  func noteIncomparable(_ unit: StudyUnit) {
    let name = unit.checkpoint
    guard !failures.contains(where: { $0.run == name.run && $0.step == name.step }) else { return }
    fail(unit.failed("cannot be compared: the capture of \(unit.other?.description ?? "") failed"))
  }

  /// Rows `all`: a checkpoint's activations at every position are captured, compared with the
  /// reference's, and let go; the reference's stay until the run is done.
  func compareAllPositions(_ plan: StudyPlan) throws {
    let units = own(plan).flatMap(\.streamed)
    guard !units.isEmpty else { return }
    let there = try present(units)
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
      StageWork(stage: .cka, unit: unit.name, key: unit.key.description) {
        try comparer.compare(unit)
      } failed: {
        unit.failed($0)
      }
    }
    defer { comparer.letGo() }
    try perform(.cka, work, done: there.count)
  }

  func resampling() -> [String: [String: Resampling]] {
    Dictionary(
      inventory.probes.map { ($0.name, runner.study.resampling(of: $0.batch)) },
      uniquingKeysWith: { first, _ in first })
  }
}
