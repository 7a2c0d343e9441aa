/// What a correlation holds fixed.
package enum CorrelationControl: Sendable, Hashable {
  case none
  /// The control variable itself (for rank methods: its mid-ranks).
  case linear
  /// The control variable and its square; not defined for Kendall's τ, to which both are the same.
  case quadratic

  /// By how much n is lowered in the variance of z.
  package var degrees: Int {
    switch self {
    case .none: 0
    case .linear: 1
    case .quadratic: 2
    }
  }
}

/// A correlation given a control variable.
package enum PartialCoefficient: Sendable, Equatable {
  case value(Double)
  /// x or y varies, but not beyond what the control explains exactly: 0/0. The covariance that is
  /// left is 0; a coefficient is not defined.
  case explained
  /// x or y is constant, too short or not finite, or the method knows no such control.
  case undefined

  package var value: Double? {
    if case .value(let r) = self { r } else { nil }
  }
}

/// The correlation of x and y given `control`.
///
/// Spearman: Pearson correlation of the residuals of x's and y's mid-ranks on the mid-ranks of the
/// control. Pearson: the same on values. Kendall: the first-order partial formula
/// (τxy − τxz τyz) / √((1 − τxz²)(1 − τyz²)) (Kendall 1942).
package func partialCorrelation(
  _ method: CorrelationMethod, _ x: [Double], _ y: [Double], given z: [Double],
  _ control: CorrelationControl
) -> PartialCoefficient {
  switch (method, control) {
  case (_, .none):
    return correlation(method, x, y).map { .value($0) } ?? .undefined
  case (.kendallB, .linear):
    guard let xy = kendallTauB(x, y), let xz = kendallTauB(x, z), let yz = kendallTauB(y, z)
    else { return .undefined }
    return firstOrderPartial(xy: xy, xz: xz, yz: yz)
  case (.kendallB, .quadratic):
    return .undefined
  case (.spearman, _):
    return residualCorrelation(
      midRanks(of: x), midRanks(of: y), given: midRanks(of: z), control)
  case (.pearson, _):
    return residualCorrelation(x, y, given: z, control)
  }
}

/// The first-order partial formula, from the three pairwise coefficients.
func firstOrderPartial(xy: Double, xz: Double, yz: Double) -> PartialCoefficient {
  let left = (1 - xz * xz) * (1 - yz * yz)
  guard (1 - xz * xz) > explainedShare, (1 - yz * yz) > explainedShare else { return .explained }
  return .value(clamped((xy - xz * yz) / left.squareRoot()))
}

private func residualCorrelation(
  _ x: [Double], _ y: [Double], given z: [Double], _ control: CorrelationControl
) -> PartialCoefficient {
  guard let (a, normOfA) = centered(x), let (b, normOfB) = centered(y) else { return .undefined }
  let basis = controlBasis(of: z, control)
  guard x.count > basis.count + 1 else { return .undefined }
  let e = residual(of: a, on: basis)
  let f = residual(of: b, on: basis)
  let (ee, ff) = (dot(e, e), dot(f, f))
  guard ee > explainedShare * normOfA * normOfA, ff > explainedShare * normOfB * normOfB else {
    return .explained
  }
  return .value(clamped(dot(e, f) / (ee * ff).squareRoot()))
}

/// The share of a variance below which what the control leaves is rounding (residuals of exact
/// fits come out near 1e-16 of the norm, 1e-32 of its square).
let explainedShare = 1e-20

/// Orthonormal centred columns that span the control: none, [z] or [z, z²]; a constant one is left out.
func controlBasis(of z: [Double], _ control: CorrelationControl) -> [[Double]] {
  guard control != .none, let (first, norm) = centered(z) else { return [] }
  let linear = first.map { $0 / norm }
  guard control == .quadratic, let (square, squareNorm) = centered(linear.map { $0 * $0 }) else {
    return [linear]
  }
  let rest = residual(of: square.map { $0 / squareNorm }, on: [linear])
  let restNorm = dot(rest, rest).squareRoot()
  return restNorm > 1e-10 ? [linear, rest.map { $0 / restNorm }] : [linear]
}

/// `values` (centred) less their projections on an orthonormal, centred basis.
func residual(of values: [Double], on basis: [[Double]]) -> [Double] {
  var rest = values
  for column in basis {
    let length = dot(rest, column)
    for i in rest.indices { rest[i] -= length * column[i] }
  }
  return rest
}
