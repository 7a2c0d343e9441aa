import Capture
import LanguageModels

/// Compares checkpoints over every position of a probe, two captures on the disk at a time.
final class PositionComparer {
  private let units: UnitRunner
  private let inventory: StudyInventory
  /// The final checkpoint's side, kept from one comparison to the next.
  private var reference: (name: String, inputs: UnitInputs, positions: CapturedPositions)?

  init(units: UnitRunner, inventory: StudyInventory) {
    self.units = units
    self.inventory = inventory
  }

  /// Makes the artifact of one comparison.
  func compare(_ unit: StudyUnit) throws {
    guard let probe = inventory.probes.first(where: { $0.name == unit.probe }),
      let checkpoint = inventory.checkpoint(unit.checkpoint), let other = unit.other,
      let final = inventory.checkpoint(other)
    else { preconditionFailure("\(unit.name) is not of this study") }
    let configuration = checkpoint.model.configuration
    let against = try capture(final, named: other, probe, of: unit.inputs, role: "reference")
    let isReference = unit.checkpoint == other
    let own =
      isReference
      ? against
      : try capture(checkpoint, named: unit.checkpoint, probe, of: unit.inputs, role: "tensors")
    defer { if !isReference { remove(own.artifact.inputs) } }
    let measurement = StreamedMeasurement(
      capture: PositionCapture(
        units.study.captureSettings(length: probe.batch.length, of: configuration),
        length: probe.batch.length),
      layers: configuration.layers, hiddenSize: configuration.hiddenSize, seed: units.study.seed,
      includesMinibatches: units.study.measure.similarity.contains("cka_minibatch"))
    let rows = try units.clock.measure(.cka) {
      try measurement.rows(of: own, against: against, lanes: units.lanes)
    }
    try units.output.write(unit.inputs, unit: unit.name) { try $0.add(rows) }
  }

  /// Removes the capture that was kept for the next comparison.
  func letGo() {
    if let reference { remove(reference.inputs) }
    reference = nil
  }

  private func capture(
    _ checkpoint: ModelCheckpoint, named name: CheckpointName, _ probe: Probe,
    of inputs: UnitInputs, role: String
  ) throws -> CapturedPositions {
    func value(_ entry: String) -> String { inputs.entries.first { $0.name == entry }?.value ?? "" }
    let own = UnitInputs(
      .positions,
      [
        "tensors": value(role), "model": value("model"), "probe": value("probe"),
        "activations": value("activations"),
      ])
    let unit = "\(name)/\(probe.name)"
    let isReference = role == "reference"
    if isReference {
      if let reference, reference.name == unit { return reference.positions }
      letGo()
    }
    if try units.store.artifact(own.key) == nil {
      try units.capturePositions(own, unit: unit, of: checkpoint, batch: probe.batch)
    }
    guard let artifact = try units.store.artifact(own.key) else {
      throw CaptureError.damagedArtifact(
        path: units.store.path(of: own.key), expected: "the capture of \(unit)")
    }
    let positions = CapturedPositions(
      artifact, sequences: probe.batch.sequences, length: probe.batch.length, keeps: isReference)
    if isReference { reference = (unit, own, positions) }
    return positions
  }

  /// A capture that stays behind takes room and does no harm: `tend clean` removes it.
  private func remove(_ inputs: UnitInputs) {
    do { try units.store.discard(inputs.key) } catch { return }
  }
}
