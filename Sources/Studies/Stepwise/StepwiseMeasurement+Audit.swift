import Capture
import Checkpoints

// The audit, once every step was there.

extension StepwiseMeasurement {
  /// Audits `run` from the distances that were measured on the way. Where something is wrong with it the
  /// audit asks for others: the two steps are fetched again for that, one after the other.
  func audit(_ run: Study.Run) throws {
    var present: [Int] = []
    while true {
      let inventory = try runner.inspect()
      guard let found = inventory.runs.first(where: { $0.name == run.name }) else { return }
      let digests = try runner.hashedDigests(inventory)
      let audit = RunAudit(
        run: found, inventory: inventory, digests: digests, store: runner.store)
      guard try !runner.store.contains(audit.unit.key) else { return }
      do {
        runner.clock.beginWork()
        let findings = try runner.clock.measure(.audit) { try audit.findings() }
        try audit.write(findings, to: runner.store)
        return
      } catch CheckpointError.removed(_, let step, _) {
        // What the hub has no more cannot be looked at: a run will say so of the audit.
        guard steps(of: run).contains(step), !present.contains(step) else { return }
        runner.events(
          .note("\(run.name): the audit looks at step \(step) again, which is fetched for it"))
        guard try bring([name(step, run)], evenIfRecorded: true) else { return }
        try measureMoves(of: step, beside: present, run)
        present.append(step)
        while present.count > Self.reach + 1 { try release(present.removeFirst(), of: run) }
      }
    }
  }

  /// The distances of `step` to others that are on the disk.
  private func measureMoves(of step: Int, beside others: [Int], _ run: Study.Run) throws {
    let inventory = try runner.inspect()
    let digests = try runner.hashedDigests(inventory)
    let scene = Scene(
      study: runner.study, inventory: inventory, digests: digests,
      plan: StudyPlan(runner.study, inventory, digests: digests))
    for other in others { try measureMoves(name(other, run), name(step, run), scene) }
  }
}
