import Capture
import LinearAlgebra
import Metrics

/// The similarity of two captures, layer by layer, as measured rows (METHODS section 3).
struct SimilarityMeasurement: Sendable {
  let capture: CaptureSettings
  let layers: Int
  /// Sequences of the probe.
  let sequences: Int
  /// Matrices beside those of the settings, by layer, of which CKA alone is measured.
  var further: @Sendable (Int) -> [CapturedMatrix] = { _ in [] }

  /// What a checkpoint is compared with.
  enum Relation: String, Sendable {
    /// The final checkpoint: value, interval, null floor, influence.
    case reference
    /// The checkpoint before it: values alone.
    case previous
    /// Another seed's final checkpoint: values alone.
    case seed
  }

  /// One comparison to make.
  struct Comparison: Sendable {
    let relation: Relation
    let group: SimilarityGroup
    let other: CapturedActivations
  }

  /// The rows of `current` by comparison, in their order.
  func rows(
    of current: CapturedActivations, _ comparisons: [Comparison], lanes: Lanes
  ) throws -> [[MeasuredRow]] {
    let byLayer = try lanes.map(layers) { layer in
      var rows = comparisons.map { _ in [MeasuredRow]() }
      for name in capture.matrices(layer: layer) + further(layer) {
        for (index, comparison) in comparisons.enumerated() {
          rows[index] += try self.rows(name, current, comparison)
        }
        current.forget(name)
      }
      return rows
    }
    return comparisons.indices.map { index in byLayer.flatMap { $0[index] } }
  }

  private func rows(
    _ name: CapturedMatrix, _ current: CapturedActivations, _ comparison: Comparison
  ) throws -> [MeasuredRow] {
    // Rates of change and ceilings are a layer's; heads have their distance to the end alone.
    guard name.form == .layer || comparison.relation == .reference else { return [] }
    switch comparison.group {
    case .cka:
      return try ckaRows(name, current, comparison)
    case .layers:
      return try pairRows(name, current, comparison.other)
    case .measure(let measure):
      guard name.form == .layer, name.variant != "pico" else { return [] }
      let value = try comparison.other.geometry(name, measure).similarities(
        of: current.geometry(name, measure))
      guard let result = value[measure] else { return [] }
      return [filled(row(name, measure.rawValue), result)]
    }
  }

  private func ckaRows(
    _ name: CapturedMatrix, _ current: CapturedActivations, _ comparison: Comparison
  ) throws -> [MeasuredRow] {
    let parts: CKAParts =
      switch (comparison.relation, name.form) {
      case (.reference, .layer): .all
      case (.reference, .heads): .intervals
      case (.previous, _), (.seed, _): []
      }
    var rows: [MeasuredRow] = []
    let pairs = zip(try current.prepared(name), try comparison.other.prepared(name))
    for (head, (own, other)) in pairs.enumerated() {
      let result = other.compare(own, parts: parts)
      var row = self.row(name, "")
      row.head = name.form == .heads ? head : nil
      for estimator in CKAEstimator.allCases {
        rows += ckaRows(result[estimator], estimator, comparison.relation, row)
      }
      guard parts.contains(.influence) else { continue }
      for (metric, value) in [
        ("row_influence", result.rowInfluence), ("top_row_share", result.topRowShare),
      ] {
        row.metric = metric
        rows.append(filled(row, value))
      }
    }
    return rows
  }

  private func ckaRows(
    _ result: CKAResult, _ estimator: CKAEstimator, _ relation: Relation, _ template: MeasuredRow
  ) -> [MeasuredRow] {
    let metric = estimator.rawValue
    var value = template
    switch relation {
    case .previous: value.metric = "\(metric)_previous"
    // One row a layer has this name: the headline's estimator.
    case .seed where estimator == .debiased: value.metric = "cka_seed_ceiling"
    case .seed: return []
    case .reference: value.metric = metric
    }
    value = filled(value, result.value)
    guard relation == .reference else { return [value] }
    value.lower = result.lower
    value.upper = result.upper
    if template.head == nil { value.halves = result.halves.map { $0.map(Float.init) ?? .nan } }
    var rows = [value]
    for (suffix, number) in [("mean", result.nullMean), ("q95", result.nullQ95)] {
      guard let number else { continue }
      var null = template
      null.metric = "\(metric)_null_\(suffix)"
      null.value = number
      rows.append(null)
    }
    return rows
  }

  private func row(_ name: CapturedMatrix, _ metric: String) -> MeasuredRow {
    MeasuredRow(
      layer: name.layer, component: name.component.rawValue, object: "activations",
      metric: metric, variant: name.variant, rows: name.rows, value: nil, n: sequences)
  }

  private func filled(_ row: MeasuredRow, _ value: Result<Double, Gap>) -> MeasuredRow {
    var row = row
    switch value {
    case .success(let number): row.value = number
    case .failure(let gap): row.gap = gap.rawValue
    }
    return row
  }
}
