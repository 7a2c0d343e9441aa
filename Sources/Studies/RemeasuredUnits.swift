import Capture
import Files
import Foundation
import LanguageModels
import LinearAlgebra

/// Units measured once more, into a folder of their own, and compared with what is stored.
final class RemeasuredUnits {
  private let runner: StudyRunner
  private let plan: StudyPlan
  private let units: UnitRunner
  private let comparer: CheckpointComparer
  private let positions: PositionComparer
  private let scratch: ArtifactStore

  init(_ runner: StudyRunner, _ inventory: StudyInventory, _ plan: StudyPlan) throws {
    self.runner = runner
    self.plan = plan
    scratch = ArtifactStore(folder: "\(runner.folders.working)/verify-\(getpid())")
    units = UnitRunner(
      study: runner.study, inventory: inventory, store: runner.store, output: scratch,
      lanes: runner.lanes, clock: runner.clock)
    let resampling = Dictionary(
      inventory.probes.map { ($0.name, runner.study.resampling(of: $0.batch)) },
      uniquingKeysWith: { first, _ in first })
    comparer = CheckpointComparer(
      units: units, plan: plan, captures: try runner.store.keys(), resampling: resampling)
    // Captures of every position are kept nowhere: here they are made in the folder as well.
    positions = PositionComparer(
      units: UnitRunner(
        study: runner.study, inventory: inventory, store: scratch, output: scratch,
        lanes: runner.lanes, clock: runner.clock), inventory: inventory)
  }

  /// Removes the folder.
  func remove() throws {
    positions.letGo()
    guard Folder.kind(of: scratch.folder) == .folder else { return }
    do {
      try FileManager.default.removeItem(atPath: scratch.folder)
    } catch {
      throw StudyError.output("\(scratch.folder) cannot be removed: \(error.localizedDescription)")
    }
  }

  /// The unit measured again beside its artifact.
  func compared(_ unit: StudyUnit) -> StudyVerification.Unit {
    var result = StudyVerification.Unit(name: unit.name, kind: unit.inputs.kind.rawValue)
    do {
      guard let stored = try runner.store.artifact(unit.key) else {
        result.obstacle = "its artifact is gone"
        return result
      }
      try stored.verify()
      try measure(unit)
      guard let fresh = try scratch.artifact(unit.key) else {
        result.obstacle = "cannot be measured again: an input is missing"
        return result
      }
      compare(try stored.rows(), try fresh.rows(), into: &result)
      try compare(matricesOf: stored, fresh, into: &result)
      try scratch.discard(unit.key)
    } catch {
      result.obstacle = "\(error)"
    }
    return result
  }

  private func measure(_ unit: StudyUnit) throws {
    let inventory = units.inventory
    if let run = inventory.exported.first(where: { $0.name == unit.checkpoint.run }) {
      return try ExportedMeasurement(
        run, study: runner.study, store: runner.store, output: scratch, lanes: runner.lanes,
        clock: runner.clock
      ).perform(
        unit,
        captures: plan.exported.filter {
          $0.checkpoint.run == run.name && $0.inputs.kind == .capture
        })
    }
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
      let batches =
        try inventory.gradientBatches(at: unit.checkpoint.step)?.batches()
        ?? probe.map { [$0.batch] } ?? []
      try units.measureGradients(unit, of: checkpoint, batches: batches)
    case .similarity:
      guard let probe, comparer.canCompare(unit) else { return }
      try comparer.compare([unit], probe: probe)
    case .streamed: try positions.compare(unit)
    case .positions, .audit, .lineage, .analysis, .figure: return
    }
  }

  private func compare(
    _ stored: [MeasuredRow], _ fresh: [MeasuredRow], into result: inout StudyVerification.Unit
  ) {
    result.unmatched += abs(stored.count - fresh.count)
    for (a, b) in zip(stored, fresh) {
      guard Self.key(a) == Self.key(b) else {
        result.unmatched += 1
        continue
      }
      for (x, y) in [(a.value, b.value), (a.lower, b.lower), (a.upper, b.upper)] {
        switch (x, y) {
        case (let x?, let y?): result.largest = max(result.largest, abs(x - y) / max(1, abs(y)))
        case (nil, nil): break
        default: result.unmatched += 1
        }
      }
    }
  }

  /// A row without its numbers.
  private static func key(_ row: MeasuredRow) -> MeasuredRow {
    var key = row
    (key.value, key.lower, key.upper, key.halves) = (nil, nil, nil, [])
    return key
  }

  private func compare(
    matricesOf stored: Artifact, _ fresh: Artifact, into result: inout StudyVerification.Unit
  ) throws {
    guard stored.matrixNames == fresh.matrixNames else {
      result.unmatched += 1
      return
    }
    for name in stored.matrixNames {
      let (a, b) = (try stored.matrix(name), try fresh.matrix(name))
      guard a.rows == b.rows, a.columns == b.columns else {
        result.unmatched += 1
        continue
      }
      var (difference, size) = (0.0, 0.0)
      for (x, y) in zip(a.elements, b.elements) {
        let (x, y) = (Double(x), Double(y))
        difference += (x - y) * (x - y)
        size += y * y
      }
      guard difference > 0 else { continue }
      result.largest = max(
        result.largest, size > 0 ? (difference / size).squareRoot() : .infinity)
    }
  }
}
