/// One of the estimates behind a claim, turned so that the claimed side is above 0.
package struct EvidenceCell: Sendable, Codable, Equatable {
  package var component: String
  /// `activations`, `weights`, `gradients`; empty for depth.
  package var object: String
  /// `settled_share`, a measure of convergence, or `mean` of PER.
  package var measure: String
  /// The similarity, or `per`.
  package var metric: String
  package var variant: String
  package var window: Window
  package var verdict: Verdict
  package var effect: Double?
  package var lower: Double?
  package var upper: Double?
  /// Adjusted for many tests; nil for trends.
  package var q: Double?
  /// Sizes, runs or seeds behind the effect.
  package var n: Int
  /// Whether the rule reads the cell; the others stand beside it.
  package var decides: Bool
  /// What else tells the cell from its like: an arm, equal step or equal loss.
  package var detail = ""
  /// The intervention (C6); empty where there is none, or where the cell is of all of them.
  package var arm = ""
  /// `equal step` or `equal loss` (C6), else empty.
  package var ground = ""
  /// What the effect was computed from, for the figure.
  package var points: [EvidencePoint]
  /// Whether it contradicts with the 5 % of error shared among the claim's cells too: q ≤ 0.05, or the
  /// interval of a trend at 1 − 2 · 0.05 / 4 wholly opposite.
  package var contradictsJointly = false
  /// What is missing, where there is not enough data.
  var missing: [Need] = []

  package var needs: [String] { Need.phrases(missing) }

  /// The share of layers with settling(0.9) ≤ 0.2.
  package static let settledShare = "settled_share"
}

/// One size (or run, or seed) of a cell.
package struct EvidencePoint: Sendable, Codable, Equatable {
  /// The runs, joined by commas.
  package let label: String
  /// What `y` goes with: log₁₀ of the parameters where the cell is a trend, an arm's change of PER in C6; else nil.
  package let x: Double?
  /// The summary, not turned; a coefficient where the cell is an association.
  package let y: Double
  /// The layers behind it.
  package let n: Int
  /// Whether depth alone orders one side, so that the coefficient is 0 for want of anything else.
  package var isExplained = false
}
