import Capture

/// One piece of a study's work: its artifact is found or made.
struct StudyUnit: Sendable, Hashable {
  let checkpoint: CheckpointName
  /// The probe, or the batches of gradients; `nil` for weights.
  let probe: String?
  /// The checkpoint that this one is compared with, for similarities and changes.
  let other: CheckpointName?
  let stage: StudyStage
  /// How the other checkpoint relates to this one, and what of the similarity is measured.
  let relation: SimilarityMeasurement.Relation
  let similarityGroup: SimilarityGroup
  /// What of the weights is measured.
  let spectraGroup: SpectraMeasurement.Group
  let inputs: UnitInputs
  let key: ArtifactKey

  init(
    _ checkpoint: CheckpointName, probe: String? = nil, other: CheckpointName? = nil,
    stage: StudyStage, relation: SimilarityMeasurement.Relation = .reference,
    group: SimilarityGroup = .cka, spectra: SpectraMeasurement.Group = .values, inputs: UnitInputs
  ) {
    self.checkpoint = checkpoint
    self.probe = probe
    self.other = other
    self.stage = stage
    self.relation = relation
    similarityGroup = group
    spectraGroup = spectra
    self.inputs = inputs
    key = inputs.key
  }

  /// `nano/512`, `nano/512/a`, `nano/512/a against nano/3000`.
  var name: String {
    var name = checkpoint.description
    if let probe { name += "/\(probe)" }
    if let other { name += " against \(other)" }
    return name
  }

  func failed(_ reason: String) -> FailedUnit {
    FailedUnit(
      stage: stage, run: checkpoint.run, step: checkpoint.step, probe: probe, reason: reason)
  }
}
