/// Everything but the numbers of a row of `results/measurements.csv`.
package struct MeasurementKey: Sendable, Hashable {
  /// All but the step.
  package var curve: CurveKey
  package var step: Int

  package init(curve: CurveKey, step: Int) {
    self.curve = curve
    self.step = step
  }
}

/// What a curve over the steps of a run is of.
package struct CurveKey: Sendable, Hashable {
  package var run: String
  package var layer: Int?
  package var head: Int?
  package var component: String
  package var object: String
  package var metric: String
  package var variant: String
  package var rows: String
  package var probe: String

  package init(
    run: String, layer: Int? = nil, head: Int? = nil, component: String, object: String,
    metric: String, variant: String = "default", rows: String = "", probe: String = ""
  ) {
    self.run = run
    self.layer = layer
    self.head = head
    self.component = component
    self.object = object
    self.metric = metric
    self.variant = variant
    self.rows = rows
    self.probe = probe
  }

  /// The order of the tables: all keys from left to right, empty first.
  package static func isOrdered(_ a: CurveKey, before b: CurveKey) -> Bool {
    if a.run != b.run { return precedes(a.run, b.run) }
    if a.layer != b.layer { return (a.layer ?? -1) < (b.layer ?? -1) }
    if a.head != b.head { return (a.head ?? -1) < (b.head ?? -1) }
    if a.component != b.component { return precedes(a.component, b.component) }
    if a.object != b.object { return precedes(a.object, b.object) }
    if a.metric != b.metric { return precedes(a.metric, b.metric) }
    if a.variant != b.variant { return precedes(a.variant, b.variant) }
    if a.rows != b.rows { return precedes(a.rows, b.rows) }
    return precedes(a.probe, b.probe)
  }

  /// Whether the curve is a similarity to the final checkpoint.
  package var isSimilarity: Bool { MeasurementVocabulary.isSimilarity(metric) }

  /// Whether measures are taken of the curve: similarities, and every metric of weights and
  /// gradients. Losses, nulls, rates of change of activations and influences are shown as they are.
  package var isSummarised: Bool { isSimilarity || object == "weights" || object == "gradients" }
}

extension Measurement {
  package var key: MeasurementKey { MeasurementKey(curve: curveKey, step: step) }

  var curveKey: CurveKey {
    CurveKey(
      run: run, layer: layer, head: head, component: component, object: object, metric: metric,
      variant: variant, rows: rows, probe: probe)
  }
}
