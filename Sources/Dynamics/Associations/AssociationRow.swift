package import Statistics

/// Which association of convergence with another quantity of the layers a row is.
package struct AssociationKey: Sendable, Codable, Hashable {
  /// Empty where runs are combined.
  package var run: String
  /// The similarity's component.
  package var component: String
  /// The PER's object; empty for the layer's depth.
  package var object: String
  package var metric: String
  package var measure: Measure
  /// A measure of the PER's curve, or `depth`.
  package var perMeasure: String
  package var variant: String
  package var rows: String
  package var probe: String
  package var window: Window
  package var method: CorrelationMethod
  package var scope: AssociationScope

  static let depth = "depth"

  /// The words of the key in the order of the columns.
  var words: [String] {
    [
      run, component, object, metric, measure.rawValue, perMeasure, variant, rows, probe,
      window.rawValue, method.rawValue, scope.rawValue,
    ]
  }

  /// The family of tests that are adjusted together.
  var family: [String] {
    [metric, variant, rows, probe, window.rawValue, method.rawValue, scope.rawValue]
  }

  static func isOrdered(_ a: AssociationKey, before b: AssociationKey) -> Bool {
    for (left, right) in zip(a.words, b.words) where left != right { return precedes(left, right) }
    return false
  }
}

/// How the layers of several runs are taken together (METHODS, section 6).
package enum AssociationScope: String, Sendable, Codable, Hashable, CaseIterable {
  case pooled
  case within
  /// Within run, given relative depth.
  case withinGivenDepth = "within_given_depth"

  var scope: CorrelationScope {
    switch self {
    case .pooled: .pooled
    case .within: .within(.none)
    case .withinGivenDepth: .within(.linear)
    }
  }
}

/// One row of `results/associations.csv`.
package struct AssociationRow: Sendable, Codable, Equatable, TableRow {
  package let key: AssociationKey
  /// The coefficient of the raw measures, in [−1, 1].
  package let estimate: Double
  package internal(set) var lower: Double?
  package internal(set) var upper: Double?
  package internal(set) var p: Double?
  /// Benjamini–Hochberg over the row's family; nil for a run's own row.
  package internal(set) var q: Double?
  /// Pairs of (run, layer) behind the estimate.
  package let n: Int
  /// The runs that entered; not a column.
  package let runs: [String]
  /// Whether interval and p are those of layers (bootstrap, permutation), which are not
  /// exchangeable, and not of runs. Not a column.
  package let isDescriptive: Bool

  package static let columns = [
    "run", "component", "object", "metric", "measure", "per_measure", "variant", "rows", "probe",
    "window", "method", "scope", "estimate", "lower", "upper", "p", "q", "n",
  ]

  package var cells: [TableCell] {
    [
      .name(key.run), .word(key.component), .word(key.object), .word(key.metric),
      .word(key.measure.rawValue), .word(key.perMeasure), .word(key.variant), .word(key.rows),
      .name(key.probe), .word(key.window.rawValue), .word(key.method.rawValue),
      .word(key.scope.rawValue), .number(estimate), .number(lower), .number(upper), .number(p),
      .number(q), .integer(n),
    ]
  }

  /// Fills in q for the combined rows of each family.
  static func adjusted(_ rows: [AssociationRow]) -> [AssociationRow] {
    var rows = rows
    let combined = rows.indices.filter { rows[$0].key.run.isEmpty && rows[$0].p != nil }
    for family in Dictionary(grouping: combined, by: { rows[$0].key.family }).values {
      let q = benjaminiHochberg(family.compactMap { rows[$0].p })
      for (index, value) in zip(family, q) { rows[index].q = value }
    }
    return rows
  }
}
