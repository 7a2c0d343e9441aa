import Capture
import Dynamics
import Metrics

/// CKA of every layer at one checkpoint with every layer at another.
enum LayerPairs {
  /// What the metric of a row is followed by in an artifact; no metric of a table.
  static let suffix = "_layers"
  /// Beside the reference itself, the checkpoint nearest to this share of training is compared.
  static let share = 0.2

  /// Whether a checkpoint of `run` is compared layer by layer with the reference.
  static func isCompared(_ name: CheckpointName, _ run: StudyInventory.Run) -> Bool {
    guard run.reference.run == run.name else { return false }
    if name == run.reference { return true }
    let target = share * Double(run.reference.step)
    let nearest = run.checkpoints.map(\.step).filter { $0 < run.reference.step }.min {
      let (a, b) = (abs(Double($0) - target), abs(Double($1) - target))
      return a == b ? $0 < $1 : a < b
    }
    return name.run == run.name && name.step == nearest
  }

  /// The rows of the table that a row of an artifact stands for.
  static func rows(_ row: MeasuredRow, of unit: StudyUnit) -> [LayerSimilarityRow] {
    guard let layer = row.layer, let other = unit.other, let probe = unit.probe else { return [] }
    return row.halves.enumerated().map { otherLayer, value in
      LayerSimilarityRow(
        run: unit.checkpoint.run, step: unit.checkpoint.step, otherStep: other.step,
        component: row.component, metric: String(row.metric.dropLast(suffix.count)),
        rows: row.rows, probe: probe, layer: layer, otherLayer: otherLayer, value: Double(value),
        n: row.n)
    }
  }
}

extension SimilarityMeasurement {
  /// One row a layer and estimator; `halves` holds the values with each layer of the other checkpoint.
  func pairRows(
    _ name: CapturedMatrix, _ current: CapturedActivations, _ other: CapturedActivations
  ) throws -> [MeasuredRow] {
    guard name.form == .layer, name.variant == "default", name.rows == capture.rows.first?.column,
      let own = try current.prepared(name).first
    else { return [] }
    let results = try (0..<layers).map { layer in
      var counterpart = name
      counterpart.layer = layer
      return try other.prepared(counterpart).first.map { $0.compare(own, parts: []) }
    }
    return CKAEstimator.allCases.map { estimator in
      var row = MeasuredRow(
        layer: name.layer, component: name.component.rawValue, object: "activations",
        metric: estimator.rawValue + LayerPairs.suffix, rows: name.rows, value: nil, n: sequences)
      row.halves = results.map { result in
        guard case .success(let value)? = result?[estimator].value else { return .nan }
        return Float(value)
      }
      return row
    }
  }
}
