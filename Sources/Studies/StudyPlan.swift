import Capture
import Files
import LanguageModels

/// Every unit of a study, checkpoint by checkpoint, with the key that its contents give it.
struct StudyPlan: Sendable {
  /// The units of one checkpoint.
  struct Checkpoint: Sendable {
    let name: CheckpointName
    let model: ModelCheckpoint
    var weights: [StudyUnit] = []
    /// By probe.
    var captures: [StudyUnit] = []
    var gradients: [StudyUnit] = []
    var similarities: [StudyUnit] = []
    /// Similarity over every position, where a study asks for rows `all`.
    var streamed: [StudyUnit] = []

    var units: [StudyUnit] { weights + captures + gradients + similarities + streamed }
  }

  let checkpoints: [Checkpoint]
  /// The units of runs that were exported, in the order in which they are done.
  let exported: [StudyUnit]

  var units: [StudyUnit] { checkpoints.flatMap(\.units) + exported }

  /// The plan of what `inventory` holds, for checkpoints whose contents are known.
  init(
    _ study: Study, _ inventory: StudyInventory, digests: [CheckpointName: TensorDigests]
  ) {
    let builder = PlanBuilder(study: study, inventory: inventory, digests: digests)
    checkpoints = inventory.runs.flatMap { run in builder.checkpoints(of: run) }
    exported = inventory.exported.flatMap {
      ExportedPlan(study: study, run: $0, digests: digests).units
    }
  }
}

private struct PlanBuilder {
  let study: Study
  let inventory: StudyInventory
  let digests: [CheckpointName: TensorDigests]
  /// What each run's model is, in words: thousands of keys hold them.
  let modelWords: [String: String]

  init(
    study: Study, inventory: StudyInventory, digests: [CheckpointName: TensorDigests]
  ) {
    self.study = study
    self.inventory = inventory
    self.digests = digests
    modelWords = Dictionary(
      inventory.runs.map { ($0.name, $0.configuration.words) },
      uniquingKeysWith: { first, _ in first })
  }

  private func words(of run: StudyInventory.Run) -> String {
    modelWords[run.name] ?? run.configuration.words
  }

  func checkpoints(of run: StudyInventory.Run) -> [StudyPlan.Checkpoint] {
    var previous: CheckpointName?
    return run.checkpoints.compactMap { model in
      let name = CheckpointName(run: run.name, step: model.step)
      guard digests[name] != nil else { return nil }
      var planned = StudyPlan.Checkpoint(name: name, model: model)
      planned.weights = weights(of: name, run, previous: previous)
      planned.captures = inventory.probes.compactMap { capture(of: name, probe: $0) }
      planned.gradients = gradients(of: name, run)
      planned.similarities =
        similarities(of: name, run, previous: previous) + ceilings(of: name, run)
      planned.streamed = inventory.probes.compactMap { streamed(name, run, probe: $0) }
      previous = previousForCurves(after: name, before: previous)
      return planned
    }
  }

  /// The checkpoint that the next one is compared with: a step with the content of its neighbour
  /// is collapsed into it (METHODS section 8).
  private func previousForCurves(
    after name: CheckpointName, before previous: CheckpointName?
  ) -> CheckpointName {
    guard let previous, let a = digests[name], digests[previous]?.all == a.all else { return name }
    return previous
  }

  private func weights(
    of name: CheckpointName, _ run: StudyInventory.Run, previous: CheckpointName?
  ) -> [StudyUnit] {
    guard inventory.objects.contains(.weights), let own = digests[name] else { return [] }
    let spectra = SpectraMeasurement(
      configuration: run.configuration, settings: study.measure, seed: study.seed)
    return spectra.weightGroups.map { group in
      StudyUnit(
        name, stage: .weightSpectra, spectra: group,
        inputs: UnitInputs(
          .weights,
          [
            "tensors": own.analysed, "model": words(of: run),
            "spectra": spectra.words(group),
          ]))
    }
      + (study.measure.spectra.contains("relative_change")
        ? change(of: name, own, run, previous: previous) : [])
  }

  private func change(
    of name: CheckpointName, _ own: TensorDigests, _ run: StudyInventory.Run,
    previous: CheckpointName?
  ) -> [StudyUnit] {
    guard let previous, let other = digests[previous] else { return [] }
    return [
      StudyUnit(
        name, other: previous, stage: .weightSpectra,
        inputs: UnitInputs(
          .change,
          [
            "tensors": own.analysed, "previous": other.analysed, "model": words(of: run),
            "heads": "\(study.measure.heads)",
            "components": study.measure.components.map(\.rawValue).sorted().joined(separator: " "),
          ]))
    ]
  }

  private func capture(of name: CheckpointName, probe: Probe) -> StudyUnit? {
    guard inventory.objects.contains(.activations), let own = digests[name],
      let run = inventory.runs.first(where: { $0.name == name.run })
    else { return nil }
    let settings = study.captureSettings(
      length: probe.batch.length, of: run.configuration)
    return StudyUnit(
      name, probe: probe.name, stage: .capture,
      inputs: UnitInputs(
        .capture,
        [
          "tensors": own.all, "model": words(of: run), "probe": probe.digest,
          "activations": settings.words,
        ]))
  }

  private func gradients(of name: CheckpointName, _ run: StudyInventory.Run) -> [StudyUnit] {
    guard inventory.objects.contains(.gradients), let own = digests[name] else { return [] }
    let spectra = SpectraMeasurement(
      configuration: run.configuration, settings: study.measure, seed: study.seed)
    let batches = study.gradientBatches(inventory, at: name.step)
    return batches.map { batches in
      StudyUnit(
        name, probe: batches.name, stage: .gradients,
        inputs: UnitInputs(
          .gradients,
          [
            "tensors": own.all, "model": words(of: run), "batches": batches.digest,
            "spectra": spectra.gradientWords,
          ]))
    }
  }

  /// A final checkpoint against those of the other seeds of its size.
  private func ceilings(of name: CheckpointName, _ run: StudyInventory.Run) -> [StudyUnit] {
    guard inventory.objects.contains(.activations), name == run.reference,
      let group = run.study.group
    else { return [] }
    let seeds = inventory.runs.filter {
      $0.name != run.name && $0.study.group == group && $0.parameters == run.parameters
        && $0.study.arm == run.study.arm && $0.reference.run == $0.name
        && $0.configuration.hiddenSize == run.configuration.hiddenSize
        && $0.configuration.layers == run.configuration.layers
        && $0.configuration.heads == run.configuration.heads
    }
    return inventory.probes.flatMap { probe in
      seeds.compactMap { seed -> StudyUnit? in
        guard let own = capture(of: name, probe: probe),
          let other = capture(of: seed.reference, probe: probe)
        else { return nil }
        return StudyUnit(
          name, probe: probe.name, other: seed.reference, stage: .cka, relation: .seed,
          inputs: UnitInputs(
            .similarity, ["capture": own.key.hex, "seed": other.key.hex, "similarity": "cka"]))
      }
    }
  }

  private func streamed(
    _ name: CheckpointName, _ run: StudyInventory.Run, probe: Probe
  ) -> StudyUnit? {
    guard inventory.objects.contains(.activations), study.measure.rows.contains(.all),
      let own = digests[name], let other = digests[run.reference]
    else { return nil }
    let settings = study.captureSettings(
      length: probe.batch.length, of: run.configuration)
    return StudyUnit(
      name, probe: probe.name, other: run.reference, stage: .cka,
      inputs: UnitInputs(
        .streamed,
        [
          "tensors": own.all, "reference": other.all, "model": words(of: run),
          "probe": probe.digest, "activations": settings.positionWords, "seed": "\(study.seed)",
          "minibatches": "\(study.measure.similarity.contains("cka_minibatch"))",
        ]))
  }

  private func similarities(
    of name: CheckpointName, _ run: StudyInventory.Run, previous: CheckpointName?
  ) -> [StudyUnit] {
    guard inventory.objects.contains(.activations) else { return [] }
    return inventory.probes.flatMap { probe -> [StudyUnit] in
      guard let own = capture(of: name, probe: probe) else { return [] }
      var pairs: [(SimilarityMeasurement.Relation, CheckpointName)] = [(.reference, run.reference)]
      if let previous { pairs.append((.previous, previous)) }
      return pairs.flatMap { relation, other -> [StudyUnit] in
        guard let against = capture(of: other, probe: probe) else { return [] }
        var groups = relation == .reference ? study.measure.similarityGroups : [.cka]
        if relation == .reference, groups.contains(.cka), LayerPairs.isCompared(name, run) {
          groups.append(.layers)
        }
        return groups.map { group in
          StudyUnit(
            name, probe: probe.name, other: other, stage: .cka, relation: relation, group: group,
            inputs: UnitInputs(
              .similarity,
              [
                "capture": own.key.hex, relation.rawValue: against.key.hex,
                "similarity": group.words,
                "resampling": "\(study.resamplingWords)",
              ]))
        }
      }
    }
  }
}
