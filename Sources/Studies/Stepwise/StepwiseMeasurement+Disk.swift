import Capture
import Checkpoints
import Fetching

// Which checkpoints are on the disk.

extension StepwiseMeasurement {
  /// Fetches what of `names` the cache has neither as weights nor, unless `evenIfRecorded`, as a record;
  /// false where something did not come.
  ///
  /// - Throws: what makes going on with other steps senseless, such as a full disk.
  func bring(_ names: some Sequence<CheckpointName>, evenIfRecorded: Bool = false) throws -> Bool {
    var isComplete = true
    for name in names.sorted(by: { ($0.run, $0.step) < ($1.run, $1.step) }) {
      guard let run = runner.study.runs.first(where: { $0.name == name.run }),
        let plan = plan(of: run),
        let revision = plan.revisions.first(where: { $0.step == name.step })
      else { continue }
      let snapshot = fetcher.snapshot(plan, revision)
      if fetcher.isWhole(plan, revision) { continue }
      if !evenIfRecorded, try WeightsRecord.standing(in: snapshot) != nil { continue }
      let came = try fetcher.fetch(plan, steps: [name.step])
      outcome.fetched.add(came)
      if let ended = came.ended { throw ended }
      for failure in came.failures {
        isComplete = false
        fail(
          FailedUnit(
            stage: .capture, run: name.run, step: name.step,
            reason: "not fetched: \(failure.reason)"))
      }
    }
    return isComplete
  }

  /// Takes the weights of a measured step off the disk, as far as they were fetched here; its record is
  /// written first.
  func release(_ step: Int, of run: Study.Run) throws {
    let name = name(step, run)
    guard measured.contains(name), let plan = plan(of: run),
      let revision = plan.revisions.first(where: { $0.step == step }),
      try fetcher.hasOwnWeights(plan, step: step)
    else { return }
    let snapshot = fetcher.snapshot(plan, revision)
    if try WeightsRecord.standing(in: snapshot) == nil {
      let checkpoint = try ModelCheckpoint(step: step, folder: snapshot)
      guard let digests = runner.digestCache.known(checkpoint) else { return }
      try WeightsRecord(checkpoint.checkpoint, of: plan.repository, digests: digests)
        .write(into: snapshot)
    }
    outcome.freed += try fetcher.removeWeights(plan, step: step, needed: unmeasured(plan))
  }

  /// The steps of a repository that some run still has to measure.
  private func unmeasured(_ plan: FetchPlan) -> Set<Int> {
    let runs = runner.study.runs.filter { self.plan(of: $0)?.repository == plan.repository }
    return Set(
      runs.flatMap { run in steps(of: run).filter { !measured.contains(name($0, run)) } })
  }
}
