import Capture
import LanguageModels
import Metrics

/// Compares captures: the one that many are compared with is kept ready.
final class CheckpointComparer {
  private let units: UnitRunner
  private let captures: Set<ArtifactKey>
  private let resampling: [String: [String: Resampling]]
  private let keys: [CheckpointName: [String: ArtifactKey]]
  /// The final checkpoints of runs, by capture.
  private var references: [ArtifactKey: CapturedActivations] = [:]
  /// The last few, of which one is the next one's previous.
  private var recent: [(key: ArtifactKey, activations: CapturedActivations)] = []

  init(
    units: UnitRunner, plan: StudyPlan, captures: Set<ArtifactKey>,
    resampling: [String: [String: Resampling]]
  ) {
    self.units = units
    self.captures = captures
    self.resampling = resampling
    var keys: [CheckpointName: [String: ArtifactKey]] = [:]
    for checkpoint in plan.checkpoints {
      for capture in checkpoint.captures {
        keys[checkpoint.name, default: [:]][capture.probe ?? ""] = capture.key
      }
    }
    self.keys = keys
  }

  /// Whether the captures that the units compare are there.
  func canCompare(_ unit: StudyUnit) -> Bool {
    [unit.checkpoint, unit.other ?? unit.checkpoint].allSatisfy { name in
      keys[name]?[unit.probe ?? ""].map(captures.contains) ?? false
    }
  }

  /// Makes the artifacts of one checkpoint's comparisons on one probe.
  func compare(_ missing: [StudyUnit], probe: Probe) throws {
    guard let first = missing.first,
      let run = units.inventory.runs.first(where: { $0.name == first.checkpoint.run })
    else { return }
    let measurement = SimilarityMeasurement(
      capture: units.study.captureSettings(
        length: probe.batch.length, of: run.configuration),
      layers: run.configuration.layers, sequences: probe.batch.sequences)
    let heads = run.configuration.heads
    let current = try activations(first.checkpoint, probe, heads: heads, isReference: false)
    let rows = try units.clock.measure(.cka) {
      try measurement.rows(
        of: current,
        missing.map { unit in
          SimilarityMeasurement.Comparison(
            relation: unit.relation, group: unit.similarityGroup,
            other: try activations(
              unit.other ?? unit.checkpoint, probe, heads: heads,
              isReference: unit.relation == .reference))
        }, lanes: units.lanes)
    }
    for (unit, rows) in zip(missing, rows) {
      try units.output.write(unit.inputs, unit: unit.name) { try $0.add(rows) }
    }
  }

  private func activations(
    _ name: CheckpointName, _ probe: Probe, heads: Int, isReference: Bool
  ) throws -> CapturedActivations {
    guard let key = keys[name]?[probe.name] else {
      preconditionFailure("\(name) has no capture on probe \(probe.name)")
    }
    if let known = references[key] ?? recent.first(where: { $0.key == key })?.activations,
      !isReference || references[key] != nil
    {
      return known
    }
    guard let artifact = try units.store.artifact(key) else {
      throw CaptureError.damagedArtifact(
        path: units.store.path(of: key), expected: "the capture of \(name)")
    }
    let activations = CapturedActivations(
      artifact, heads: heads, resampling: resampling[probe.name] ?? [:], keepsHeads: isReference)
    if isReference {
      // One reference at a time: runs come one after the other.
      references = [key: activations]
    } else {
      recent = recent.suffix(1) + [(key, activations)]
    }
    return activations
  }
}
