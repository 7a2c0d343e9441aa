package import Statistics

/// How the change of one of the user's evaluations goes with a quantity of the layers, over the
/// checkpoints of a run.
package struct EvaluationAssociationRow: Sendable, Codable, Equatable, TableRow {
  package let evaluation: String
  /// Empty where runs are combined.
  package let run: String
  package let component: String
  package let object: String
  package let metric: String
  package let rows: String
  package let probe: String
  package let method: CorrelationMethod
  /// Coefficient of the change since the last evaluated checkpoint with the median over layers.
  package let estimate: Double
  /// Hartung–Knapp over at least 4 runs; nil otherwise: checkpoints of one run are no replicates.
  package let lower: Double?
  package let upper: Double?
  package let p: Double?
  /// Benjamini–Hochberg over the combined rows of the evaluation and method.
  package var q: Double?
  /// Checkpoints.
  package let n: Int

  package static let columns = [
    "evaluation", "run", "component", "object", "metric", "rows", "probe", "method", "estimate",
    "lower", "upper", "p", "q", "n",
  ]

  package var cells: [TableCell] {
    [
      .name(evaluation), .name(run), .word(component), .word(object), .word(metric), .word(rows),
      .name(probe), .word(method.rawValue), .number(estimate), .number(lower), .number(upper),
      .number(p), .number(q), .integer(n),
    ]
  }
}
