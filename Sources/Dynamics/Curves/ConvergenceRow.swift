/// One row of `results/convergence.csv`: a summary of a curve in a window.
package struct ConvergenceRow: Sendable, Equatable, TableRow {
  package let curve: CurveKey
  package let window: Window
  package let measure: Measure
  /// Nil: the layer never settles, which counts as later than all.
  package let value: Double?
  /// Ends of the 95 % interval over halves of the sequences; nil where there are no replicates or
  /// where the end is "never".
  package let lower: Double?
  package let upper: Double?
  /// The checkpoints behind the value.
  package let n: Int

  package static let columns = [
    "run", "layer", "head", "component", "object", "metric", "variant", "rows", "probe", "window",
    "measure", "value", "lower", "upper", "n",
  ]

  package var cells: [TableCell] {
    [
      .name(curve.run), .integer(curve.layer), .integer(curve.head), .word(curve.component),
      .word(curve.object), .word(curve.metric), .word(curve.variant), .word(curve.rows),
      .name(curve.probe), .word(window.rawValue), .word(measure.rawValue), .number(value),
      .number(lower), .number(upper), .integer(n),
    ]
  }

  /// The value with +∞ for "never".
  var comparable: Double { value ?? .infinity }
}
