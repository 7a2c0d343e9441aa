import Foundation
package import LinearAlgebra

/// Debiased CKA from minibatches of shuffled rows: the batches' unbiased HSIC estimates are averaged
/// before the ratio is taken. Nguyen et al. 2021, eq. 4 (`cka_minibatch`).
///
/// Pairs of rows in different batches are never compared, so it is not the value over all rows; its
/// expectation does not depend on the size of the batches.
package struct MinibatchCKA: Sendable {
  private var crossed = 0.0
  private var own = 0.0
  private var other = 0.0
  private var batches = 0
  private var gap: Gap?
  /// The powers of two of the first batches that are not constant, to which all sums are scaled.
  private var exponentOfX: Int?
  private var exponentOfY: Int?

  package init() {}

  /// Adds one batch: rows of X [b, p] and the matching ones of Y [b, q]. Batches of fewer than 4
  /// rows have no estimate and are left out.
  package mutating func add<Scalar: BLASScalar>(_ xs: Matrix<Scalar>, _ ys: Matrix<Scalar>) {
    precondition(xs.rows == ys.rows, "\(xs.rows) rows against \(ys.rows): rows must be matched")
    guard xs.rows >= CKAEstimator.debiased.smallestRowCount else { return }
    let (x, y) = (CenteredGram(of: xs), CenteredGram(of: ys))
    for side in [x, y] where side.gap == .nonFinite { gap = .nonFinite }
    batches += 1
    let factor = 1 / (Double(x.count) * Double(x.count - 3))
    // A constant batch adds 0 to each sum that it is part of.
    let scaleOfX = x.gap == nil ? Self.scale(of: x, to: &exponentOfX) : 0
    let scaleOfY = y.gap == nil ? Self.scale(of: y, to: &exponentOfY) : 0
    own += factor * scaleOfX * scaleOfX * x.debiasedNorm
    other += factor * scaleOfY * scaleOfY * y.debiasedNorm
    if x.gap == nil, y.gap == nil {
      crossed += factor * scaleOfX * scaleOfY * x.inner(y, estimator: .debiased)
    }
  }

  /// The factor that brings a batch's inner products to the scale of the first batch's.
  private static func scale(of gram: CenteredGram, to first: inout Int?) -> Double {
    let exponent = first ?? gram.exponent
    first = exponent
    return scalbn(1.0, 2 * (gram.exponent - exponent))
  }

  /// The value over all batches, at most 1 and possibly negative.
  package func value() throws(Gap) -> Double {
    if let gap { throw gap }
    guard batches > 0 else { throw .tooFewRows }
    guard own > 0, other > 0 else { throw .noPairVariation }
    return crossed / (own.squareRoot() * other.squareRoot())
  }
}
