import Capture
import LanguageModels
import LinearAlgebra
import Metrics

/// Makes the artifacts of units.
struct UnitRunner: Sendable {
  let study: Study
  let inventory: StudyInventory
  /// Where artifacts are read from.
  let store: ArtifactStore
  /// Where they are written: the same, but for a verification.
  let output: ArtifactStore
  let lanes: Lanes
  let clock: StageClock

  /// Measures one checkpoint's weights.
  func measureWeights(_ unit: StudyUnit, of checkpoint: ModelCheckpoint) throws {
    let rows = try clock.measure(.weightSpectra) {
      let spectra = spectraMeasurement(checkpoint.model.configuration)
      let (outer, inner) = layerLanes(checkpoint.model.configuration)
      return try outer.map(checkpoint.model.configuration.layers) { layer in
        try spectra.weightRows(
          unit.spectraGroup, layer: layer, of: checkpoint.model, lanes: inner)
      }.flatMap(\.self)
    }
    try output.write(unit.inputs, unit: unit.name) { try $0.add(rows) }
  }

  /// Measures how far a checkpoint's weights moved since `earlier`.
  func measureChange(
    _ unit: StudyUnit, of checkpoint: ModelCheckpoint, since earlier: ModelCheckpoint
  ) throws {
    let rows = try clock.measure(.weightSpectra) {
      let spectra = spectraMeasurement(checkpoint.model.configuration)
      let (outer, inner) = layerLanes(checkpoint.model.configuration)
      return try outer.map(checkpoint.model.configuration.layers) { layer in
        spectra.changeRows(
          layer: layer, try checkpoint.model.analysedMatrices(layer: layer),
          since: try earlier.model.analysedMatrices(layer: layer), lanes: inner)
      }.flatMap(\.self)
    }
    try output.write(unit.inputs, unit: unit.name) { try $0.add(rows) }
  }

  private func spectraMeasurement(_ configuration: ModelConfiguration) -> SpectraMeasurement {
    SpectraMeasurement(
      configuration: configuration, settings: study.measure, seed: study.seed)
  }

  /// One pass over a checkpoint for its capture, its gradients, or both at once.
  func capture(
    _ capture: StudyUnit?, gradients: StudyUnit?, of checkpoint: ModelCheckpoint, batch: TokenBatch
  ) throws {
    guard let capture else {
      if let gradients { try measureGradients(gradients, of: checkpoint, batches: [batch]) }
      return
    }
    try output.write(capture.inputs, unit: capture.name) { writer in
      let model = checkpoint.model
      var activations = ActivationCapture(
        study.captureSettings(length: batch.length, of: model.configuration),
        of: model.configuration, batch: batch)
      func observe(_ block: BlockObservation) throws {
        for finished in try activations.observe(block) {
          try writer.add(finished.matrix, section: finished.name.section)
        }
      }
      let result: ForwardResult
      if let gradients {
        result = try measureGradients(
          gradients, of: checkpoint, batches: [batch], observing: activations.observation,
          observer: observe)
      } else {
        result = try clock.measure(.capture) {
          try model.forward(
            batch, observing: activations.observation, lanes: lanes, observer: observe)
        }
      }
      try writer.add([
        MeasuredRow(
          component: "model", object: "loss", metric: "loss", rows: "all", value: result.loss,
          n: result.targets)
      ])
    }
  }

  /// Measures the gradients of one checkpoint on `batches`; returns the last batch's forward result.
  @discardableResult
  func measureGradients(
    _ unit: StudyUnit, of checkpoint: ModelCheckpoint, batches: [TokenBatch],
    observing observation: Observation = .none,
    observer: (BlockObservation) throws -> Void = { _ in }
  ) throws -> ForwardResult {
    let configuration = checkpoint.model.configuration
    let spectra = spectraMeasurement(configuration)
    var byLayer = [[SpectraMeasurement.GradientSpectra]](
      repeating: [], count: configuration.layers)
    var result: ForwardResult?
    for batch in batches {
      let begun = ContinuousClock.now
      var spectraTime = Duration.zero
      result = try checkpoint.model.gradients(
        batch, of: .analysed, observing: observation, lanes: lanes, observer: observer
      ) { parameters in
        let start = ContinuousClock.now
        guard let layer = parameters.layer, let analysed = parameters.analysed else { return }
        byLayer[layer].append(
          spectra.gradientSpectra(
            weights: analysed.weights, gradients: analysed.gradients, lanes: lanes))
        spectraTime += start.duration(to: .now)
      }
      clock.add(spectraTime, to: .gradientSpectra)
      clock.add(begun.duration(to: .now) - spectraTime, to: .gradients)
    }
    guard let result else { preconditionFailure("no gradient batches") }
    let rows = byLayer.enumerated().flatMap { spectra.gradientRows(layer: $0, batches: $1) }
    try output.write(unit.inputs, unit: unit.name) { try $0.add(rows) }
    return result
  }

  /// Captures every position of a checkpoint on a probe.
  func capturePositions(
    _ inputs: UnitInputs, unit: String, of checkpoint: ModelCheckpoint, batch: TokenBatch
  ) throws {
    let capture = PositionCapture(
      study.captureSettings(length: batch.length, of: checkpoint.model.configuration),
      length: batch.length)
    try output.write(inputs, unit: unit) { writer in
      _ = try clock.measure(.capture) {
        try checkpoint.model.forward(
          batch, observing: capture.observation, lanes: lanes
        ) { block in
          for (chunk, matrix) in capture.chunks(of: block) {
            try writer.add(matrix, section: chunk.section)
          }
        }
      }
    }
  }

  /// Layers side by side, as many as fit into 2 GiB at once, and the lanes that are left inside.
  private func layerLanes(_ configuration: ModelConfiguration) -> (outer: Lanes, inner: Lanes) {
    let analysed =
      configuration.hiddenSize
      * (configuration.intermediateSize + 4 * configuration.attentionSize)
    // Read in float32, copied once, and one square matrix in float64 at work.
    let bytes = 8 * analysed + 16 * configuration.hiddenSize * configuration.hiddenSize
    let outer = max(1, min(lanes.width, configuration.layers, (2 << 30) / bytes))
    return (Lanes(width: outer), Lanes(width: max(1, lanes.width / outer)))
  }
}
