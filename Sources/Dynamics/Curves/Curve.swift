/// A quantity of one run over its checkpoints, with what the audit left.
package struct Curve: Sendable, Equatable {
  package let key: CurveKey
  /// T, the step of the reference.
  package let finalStep: Int
  /// Finite values in the order of their steps, none after T.
  package let points: [CurvePoint]
  /// The steps whose value is missing or not finite.
  package let missing: [Int]
  /// The fewest sequences, targets … behind a point; nil where the table does not say.
  package let n: Int?

  /// The points that enter measures: of a similarity all but the final checkpoint, which is 1 by
  /// construction.
  var measured: ArraySlice<CurvePoint> {
    key.isSimilarity && points.last?.step == finalStep ? points.dropLast() : points[...]
  }
}

/// One checkpoint of a curve.
package struct CurvePoint: Sendable, Equatable {
  package let step: Int
  /// step / T, the fraction of training, in [0, 1].
  package let u: Double
  package let value: Double
  package let lower: Double?
  package let upper: Double?
}
