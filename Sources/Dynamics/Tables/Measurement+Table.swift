extension Measurement: TableRow {
  package static let columns = [
    "run", "step", "layer", "head", "component", "object", "metric", "variant", "rows", "probe",
    "value", "lower", "upper", "n",
  ]

  package var cells: [TableCell] {
    [
      .name(run), .integer(step), .integer(layer), .integer(head), .word(component), .word(object),
      .word(metric), .word(variant), .word(rows), .name(probe), .number(value), .number(lower),
      .number(upper), .integer(n),
    ]
  }

  /// The order of the table: all keys from left to right, empty first, numbers by size, text by its
  /// bytes in UTF-8.
  package static func isOrdered(_ a: Measurement, before b: Measurement) -> Bool {
    if a.run != b.run { return precedes(a.run, b.run) }
    if a.step != b.step { return a.step < b.step }
    if a.layer != b.layer { return (a.layer ?? -1) < (b.layer ?? -1) }
    if a.head != b.head { return (a.head ?? -1) < (b.head ?? -1) }
    if a.component != b.component { return precedes(a.component, b.component) }
    if a.object != b.object { return precedes(a.object, b.object) }
    if a.metric != b.metric { return precedes(a.metric, b.metric) }
    if a.variant != b.variant { return precedes(a.variant, b.variant) }
    if a.rows != b.rows { return precedes(a.rows, b.rows) }
    return precedes(a.probe, b.probe)
  }

  /// The key as a message names it: `run base, step 512, layer 3, mlp activations cka (default, last, a)`.
  var keyDescription: String {
    var parts = ["run \(run)", "step \(step)"]
    if let layer { parts.append("layer \(layer)") }
    if let head { parts.append("head \(head)") }
    let details = [variant, rows, probe].filter { !$0.isEmpty }.joined(separator: ", ")
    return parts.joined(separator: ", ") + ", \(component) \(object) \(metric) (\(details))"
  }
}

/// Order by bytes: the same in every locale, and canonically equal spellings stay apart.
func precedes(_ a: String, _ b: String) -> Bool { a.utf8.lexicographicallyPrecedes(b.utf8) }
