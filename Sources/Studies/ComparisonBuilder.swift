import Capture
import Checkpoints
import Dynamics
import LanguageModels
import LinearAlgebra
import Metrics
import Statistics

/// Makes the rows of a comparison.
struct ComparisonBuilder {
  let layers: CheckpointComparison.Layers
  let probe: CheckpointComparison.ProbeChoice
  let lanes: Lanes
  private(set) var rows: [CheckpointComparison.Row] = []
  private(set) var notes: [String] = []

  init(
    layers: CheckpointComparison.Layers, probe: CheckpointComparison.ProbeChoice, lanes: Lanes
  ) {
    self.layers = layers
    self.probe = probe
    self.lanes = lanes
  }

  mutating func compare(_ a: ComparedSide, _ b: ComparedSide) throws {
    switch (a, b) {
    case (.checkpoint(let first), .checkpoint(let second)):
      try compare(first, second)
    case (.exported(let first), .exported(let second)):
      try addSpectra(of: first, as: "a")
      try addSpectra(of: second, as: "b")
      for capture in first.captures where !capture.activations.isEmpty {
        guard let other = second.captures.first(where: { $0.probe == capture.probe }) else {
          notes.append("\(second.folder) has no capture on probe \(Spelling.quoted(capture.probe))")
          continue
        }
        try compare(
          ComparedActivations(capture, source: first.folder),
          ComparedActivations(other, source: second.folder), step: first.step)
      }
    default:
      try compare(activations(of: a), activations(of: b), step: a.step)
    }
  }

  private func activations(of side: ComparedSide) throws -> ComparedActivations {
    switch side {
    case .file(let path): return try ComparedActivations(file: path)
    case .exported(let step):
      guard let capture = step.captures.first(where: { !$0.activations.isEmpty }) else {
        throw StudyError.invalid(file: step.folder, [StudyFinding("holds no activations")])
      }
      return try ComparedActivations(capture, source: step.folder)
    case .checkpoint(let checkpoint):
      throw StudyError.invalid(
        file: checkpoint.folder,
        [
          StudyFinding(
            "is a checkpoint and cannot be compared with activations; name two of a kind")
        ])
    }
  }

  // MARK: Checkpoints

  private mutating func compare(_ first: ModelCheckpoint, _ second: ModelCheckpoint) throws {
    let (model, other) = (first.model.configuration, second.model.configuration)
    if layers == .same, model.layers != other.layers {
      throw StudyError.invalid(
        file: first.folder,
        [
          StudyFinding(
            "has \(model.layers) layers, but \(other.layers) in \(second.folder); add --layers all to "
              + "compare every layer with every other")
        ])
    }
    let settings = MeasureSettings()
    for (name, checkpoint) in [("a", first), ("b", second)] {
      let spectra = SpectraMeasurement(
        configuration: checkpoint.model.configuration, settings: settings, seed: 0)
      for layer in 0..<checkpoint.model.configuration.layers {
        let found = try spectra.weightRows(
          .values, layer: layer, of: checkpoint.model, lanes: lanes)
        add(
          found.filter { settings.spectra.contains($0.metric) }, run: name, step: checkpoint.step)
      }
    }
    if model.difference(from: other) == nil {
      let spectra = SpectraMeasurement(configuration: model, settings: settings, seed: 0)
      for layer in 0..<model.layers {
        add(
          spectra.changeRows(
            layer: layer, try first.model.analysedMatrices(layer: layer),
            since: try second.model.analysedMatrices(layer: layer), lanes: lanes),
          run: "a", step: first.step)
      }
    } else {
      notes.append("the models differ in shape: their weights are not subtracted")
    }
    guard let probe = try batch(for: [model, other]) else { return }
    for (model, folder) in [(model, first.folder), (other, second.folder)] {
      do {
        try probe.batch.validate(vocabulary: model.vocabulary, context: model.context)
      } catch {
        throw StudyError.invalid(file: folder, [StudyFinding("the probe does not fit: \(error)")])
      }
    }
    try compare(
      capture(first, probe.batch, probe.name), capture(second, probe.batch, probe.name),
      step: first.step)
  }

  /// The tokens that both models are run on.
  private mutating func batch(
    for models: [ModelConfiguration]
  ) throws -> (name: String, batch: TokenBatch)? {
    switch probe {
    case .none: return nil
    case .file(let path):
      let probe = try Probe(name: "probe", path: path)
      return ("probe", probe.batch)
    case .random:
      let (sequences, length) = (128, min(16, models.map(\.context).min() ?? 16))
      let vocabulary = models.map(\.vocabulary).min() ?? 1
      var generator = SeededGenerator(seed: 0)
      notes.append(
        "no --probe: activations are those of \(sequences) sequences of \(length) tokens drawn evenly; "
          + "on a text of yours they differ")
      return (
        "random",
        TokenBatch(
          sequences: sequences, length: length,
          tokens: (0..<sequences * length).map { _ in
            Int.random(in: 0..<vocabulary, using: &generator)
          })
      )
    }
  }

  private func capture(
    _ checkpoint: ModelCheckpoint, _ batch: TokenBatch, _ name: String
  ) throws -> ComparedActivations {
    let settings = CaptureSettings(
      components: Set(CaptureSettings.Component.allCases), heads: false, publishedLayout: false,
      rows: [.last])
    var capture = ActivationCapture(
      settings, of: checkpoint.model.configuration, batch: batch)
    var matrices: [ComparedActivations.Name: Matrix<Float>] = [:]
    try checkpoint.model.forward(batch, observing: capture.observation, lanes: lanes) { block in
      for finished in try capture.observe(block) {
        matrices[
          .init(
            layer: finished.name.layer, component: finished.name.component.rawValue,
            variant: "default")] = finished.matrix
      }
    }
    return ComparedActivations(
      probe: name, probeHash: nil, rows: nil, rowsWord: "last", matrices: matrices,
      source: checkpoint.folder)
  }

  // MARK: Activations

  /// CKA of the matrices that both have: of the same layer, or of every layer with every other.
  private mutating func compare(
    _ a: ComparedActivations, _ b: ComparedActivations, step: Int
  ) throws {
    if let refusal = a.refusal(against: b) {
      throw StudyError.invalid(file: a.source, [StudyFinding(refusal)])
    }
    let count = rows.count
    let groups = RowGroups(sequences: a.matrices.values.first?.rows ?? 0)
    let resampling = Resampling(groups: groups, halves: 0, permutations: 0, seed: 0)
    func prepared(
      _ side: ComparedActivations
    ) -> [(name: ComparedActivations.Name, matrix: SimilarityReference)] {
      side.matrices.sorted { ($0.key.component, $0.key.layer) < ($1.key.component, $1.key.layer) }
        .map { ($0.key, SimilarityReference($0.value, resampling: resampling)) }
    }
    let (own, others) = (prepared(a), prepared(b))
    for (name, matrix) in own {
      for (otherName, other) in others
      where name.component == otherName.component && name.variant == otherName.variant
        && (layers == .all || name.layer == otherName.layer)
      {
        let result = other.compare(matrix, parts: [])
        for estimator in CKAEstimator.allCases {
          let row = MeasuredRow(
            layer: name.layer, component: name.component, object: "activations",
            metric: estimator.rawValue, variant: name.variant, rows: a.rowsWord, value: nil,
            n: groups.sequences
          ).filled(result[estimator].value)
          rows.append(
            CheckpointComparison.Row(
              measurement: row.measurement(run: "a", step: step, probe: a.probe),
              otherLayer: layers == .all ? otherName.layer : nil))
        }
      }
    }
    guard rows.count > count else {
      throw StudyError.invalid(
        file: a.source, [StudyFinding("has no matrix in common with \(b.source)")])
    }
  }

  private mutating func addSpectra(of step: ExportedStep, as name: String) throws {
    let settings = MeasureSettings()
    let run = ExportedRun(
      study: Study.Run(name: name), content: .steps([step]), final: step.step)
    let found = try ExportedSpectra(run: run, settings: settings, seed: 0, lanes: lanes)
      .weightRows(step)
    add(found.filter { settings.spectra.contains($0.metric) }, run: name, step: step.step)
  }

  private mutating func add(_ found: [MeasuredRow], run: String, step: Int) {
    rows += found.map {
      CheckpointComparison.Row(measurement: $0.measurement(run: run, step: step, probe: ""))
    }
  }
}
