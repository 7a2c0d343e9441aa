import Capture
import Files
import Foundation
import LanguageModels
import LinearAlgebra
import Statistics

/// Units measured again from the inputs, beside what is stored: `tend verify`.
package struct StudyVerification: Sendable {
  package struct Unit: Sendable {
    package let name: String
    package let kind: String
    /// The largest difference of a row, |a − b| / max(1, |b|).
    package let largest: Double
    /// Rows that only one side has, or that are defined on one side alone.
    package let unmatched: Int
    package let rows: Int

    package var agrees: Bool { unmatched == 0 && largest <= StudyVerification.tolerance }
  }

  /// Differences up to this are the arithmetic of another processor.
  package static let tolerance = 1e-5

  package var units: [Unit] = []
  /// Units of the study that have no artifact yet.
  package var missing = 0
}

extension StudyRunner {
  /// Measures a random sample of `count` units again, or all, into a folder that is then removed.
  package func verify(count: Int?, seed: UInt64) throws -> StudyVerification {
    guard study.measurements == nil else {
      throw StudyError.invalid(
        file: shown, [study.finding(at: "measurements", "a table has nothing to measure again")])
    }
    let inventory = try StudyInspector.inspect(study, shownAs: shown)
    let plan = StudyPlan(study, inventory, digests: knownDigests(inventory))
    let there = store.keys()
    let done = plan.units.filter { there.contains($0.key) && $0.inputs.kind != .streamed }
    var verification = StudyVerification()
    verification.missing = plan.units.count { !there.contains($0.key) }
    var generator = SeededGenerator(seed: seed)
    let chosen = count.map { generator.sample(min($0, done.count), of: done.count).sorted() }
    let folder = "\(folders.working)/verify-\(getpid())"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let scratch = ArtifactStore(folder: folder)
    let units = UnitRunner(
      study: study, inventory: inventory, store: store, output: scratch, lanes: lanes, clock: clock)
    let resampling = Dictionary(
      inventory.probes.map { ($0.name, study.resampling(of: $0.batch)) },
      uniquingKeysWith: { first, _ in first })
    let comparer = CheckpointComparer(
      units: units, plan: plan, captures: there, resampling: resampling)
    let sample = (chosen ?? Array(done.indices)).map { done[$0] }
    do {
      for (index, unit) in sample.enumerated() {
        events(.unitStarted(unit.stage, unit: unit.name, index: index + 1, of: sample.count))
        try again(unit, units, comparer)
        guard let stored = try store.artifact(unit.key)?.rows(),
          let fresh = try scratch.artifact(unit.key)?.rows()
        else { continue }
        verification.units.append(Self.compare(unit, stored, fresh))
      }
    } catch {
      throw StudyError.output("\(error)")
    }
    return verification
  }

  private func again(
    _ unit: StudyUnit, _ units: UnitRunner, _ comparer: CheckpointComparer
  ) throws {
    let inventory = units.inventory
    guard let checkpoint = inventory.checkpoint(unit.checkpoint) else { return }
    let probe = inventory.probes.first { $0.name == unit.probe }
    switch unit.inputs.kind {
    case .weights: try units.measureWeights(unit, of: checkpoint)
    case .change:
      guard let earlier = unit.other.flatMap(inventory.checkpoint) else { return }
      try units.measureChange(unit, of: checkpoint, since: earlier)
    case .capture:
      guard let probe else { return }
      try units.capture(unit, gradients: nil, of: checkpoint, batch: probe.batch)
    case .gradients:
      let batches = inventory.gradientBatches?.batches ?? probe.map { [$0.batch] } ?? []
      try units.measureGradients(unit, of: checkpoint, batches: batches)
    case .similarity:
      guard let probe else { return }
      try comparer.compare([unit], probe: probe)
    case .positions, .streamed, .audit: return
    }
  }

  private static func compare(
    _ unit: StudyUnit, _ stored: [MeasuredRow], _ fresh: [MeasuredRow]
  ) -> StudyVerification.Unit {
    var unmatched = abs(stored.count - fresh.count)
    var largest = 0.0
    for (a, b) in zip(stored, fresh) {
      var (own, other) = (a, b)
      own.value = nil
      other.value = nil
      (own.lower, own.upper, own.halves) = (nil, nil, [])
      (other.lower, other.upper, other.halves) = (nil, nil, [])
      switch (a.value, b.value) {
      case (let x?, let y?) where own == other: largest = max(largest, abs(x - y) / max(1, abs(x)))
      case (nil, nil) where own == other: break
      default: unmatched += 1
      }
    }
    return StudyVerification.Unit(
      name: unit.name, kind: unit.inputs.kind.rawValue, largest: largest, unmatched: unmatched,
      rows: stored.count)
  }
}
