import Capture
import Checkpoints
import Metrics

/// The units of a run that was exported.
struct ExportedPlan {
  let study: Study
  let run: ExportedRun
  let digests: [CheckpointName: TensorDigests]

  /// Settings by which this run is measured: what pico-train stored, by pico-analyze's definitions too.
  static func settings(_ study: Study, _ run: ExportedRun) -> MeasureSettings {
    var settings = study.measure
    if run.reference?.form == .pico { settings.pico = true }
    if run.reference?.heads == nil { settings.heads = false }
    return settings
  }

  private var settings: MeasureSettings { Self.settings(study, run) }

  var units: [StudyUnit] {
    switch run.content {
    case .scores(let scores, let steps):
      return steps.enumerated().map { index, step in
        StudyUnit(
          name(step), probe: ExportedMeasurement.scoreProbe, stage: .cka,
          inputs: UnitInputs(.similarity, ["scores": scores.digest, "value": String(index)]))
      }
    case .steps(let steps):
      var previous: ExportedStep?
      return steps.flatMap { step -> [StudyUnit] in
        guard digests[name(step.step)] != nil else { return [] }
        defer { previous = step }
        return weights(step)
          + step.captures.flatMap { capture in
            gradients(step, capture) + activations(step, capture)
              + similarities(step, capture, previous: previous)
          }
      }
    }
  }

  private func name(_ step: Int) -> CheckpointName { CheckpointName(run: run.name, step: step) }

  private func content(_ step: ExportedStep, _ files: Set<String>) -> String {
    digests[name(step.step)]?.combined(prefixes: files.sorted()) ?? ""
  }

  private func files(_ matrices: some Collection<ExportedMatrix>) -> Set<String> {
    Set(matrices.map { ExportedMeasurement.prefix(of: $0.file) })
  }

  private var words: String {
    let settings = settings
    return
      (settings.components.map(\.rawValue).sorted()
      + (settings.heads ? ["heads"] : []) + (settings.published ? ["published"] : [])
      + (settings.pico ? ["pico"] : [])
      + ["heads=\(run.reference?.heads ?? 0)/\(run.reference?.keyValueHeads ?? 0)"])
      .joined(separator: " ")
  }

  private func weights(_ step: ExportedStep) -> [StudyUnit] {
    guard study.measure.objects.contains(.weights), !step.weights.isEmpty else { return [] }
    return [
      StudyUnit(
        name(step.step), stage: .weightSpectra,
        inputs: UnitInputs(
          .weights,
          [
            "exported": content(step, files(step.weights.values)), "spectra": words,
          ]))
    ]
  }

  private func gradients(_ step: ExportedStep, _ capture: ExportedCapture) -> [StudyUnit] {
    guard study.measure.objects.contains(.gradients), !capture.gradients.isEmpty else { return [] }
    let matrices = Array(capture.gradients.values) + step.weights.values
    return [
      StudyUnit(
        name(step.step), probe: capture.probe, stage: .gradients,
        inputs: UnitInputs(
          .gradients, ["exported": content(step, files(matrices)), "spectra": words]))
    ]
  }

  private func activations(_ step: ExportedStep, _ capture: ExportedCapture) -> [StudyUnit] {
    guard let inputs = captureInputs(step, capture) else { return [] }
    return [StudyUnit(name(step.step), probe: capture.probe, stage: .capture, inputs: inputs)]
  }

  private func captureInputs(_ step: ExportedStep, _ capture: ExportedCapture) -> UnitInputs? {
    guard study.measure.objects.contains(.activations), !capture.activations.isEmpty else {
      return nil
    }
    let matrices = Array(capture.activations.values) + step.weights.values
    return UnitInputs(
      .capture,
      [
        "exported": content(step, files(matrices)), "probe": capture.probeHash ?? "",
        "activations": words,
      ])
  }

  private func similarities(
    _ step: ExportedStep, _ capture: ExportedCapture, previous: ExportedStep?
  ) -> [StudyUnit] {
    guard let own = captureInputs(step, capture), let final = run.reference else { return [] }
    var pairs: [(SimilarityMeasurement.Relation, ExportedStep)] = [(.reference, final)]
    if let previous { pairs.append((.previous, previous)) }
    return pairs.flatMap { relation, other -> [StudyUnit] in
      guard let against = other.captures.first(where: { $0.probe == capture.probe }),
        let inputs = captureInputs(other, against)
      else { return [] }
      let groups = relation == .reference ? study.measure.similarityGroups : [.cka]
      return groups.map { group in
        StudyUnit(
          name(step.step), probe: capture.probe, other: name(other.step), stage: .cka,
          relation: relation, group: group,
          inputs: UnitInputs(
            .similarity,
            [
              "capture": own.key.hex, relation.rawValue: inputs.key.hex, "similarity": group.words,
              "resampling": study.resamplingWords,
            ]))
      }
    }
  }
}
