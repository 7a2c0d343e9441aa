package import LinearAlgebra

/// The two estimators of linear CKA.
package enum CKAEstimator: String, Sendable, CaseIterable {
  /// ‖YᵀX‖²_F / (‖XᵀX‖_F ‖YᵀY‖_F) of centred columns, in [0, 1]. Kornblith et al. 2019, eq. 3.
  ///
  /// For n < d it tends to 1 whatever the data, as d / n grows. Needs 2 rows.
  case biased = "cka"
  /// The same ratio of unbiased HSIC estimates, at most 1 and possibly negative; mean 0 for
  /// independent data. Song et al. 2007, eq. 5; needs 4 rows.
  case debiased = "cka_debiased"

  /// The number of rows from which on the estimator is defined.
  package var smallestRowCount: Int { self == .biased ? 2 : 4 }
}

/// Where the inner products of linear CKA are taken. Both give the same value to rounding.
package enum CKASpace: String, Sendable, CaseIterable {
  /// n x n inner products of rows.
  case gram
  /// p x p, q x q and p x q inner products of columns.
  case features

  /// The space with fewer multiplications for n rows of p and q features; the Gram space wherever
  /// it is cheap anyway (n ≤ 512), since it keeps more digits beside an outlying row.
  package static func preferred(rows n: Int, features p: Int, _ q: Int) -> CKASpace {
    n <= 512 || n * (p + q) <= p * p + q * q + 2 * p * q ? .gram : .features
  }
}

/// Linear CKA of X [n, p] and Y [n, q], columns centred first, everything in Double.
///
/// Throws the gap where it is not defined: too few rows, a constant matrix, an entry that is not
/// finite, and for the debiased form a matrix in which one row alone differs from the rest. CKA of
/// a matrix with itself is 1. METHODS section 3.
package func linearCKA<Scalar: BLASScalar>(
  _ x: Matrix<Scalar>, _ y: Matrix<Scalar>, estimator: CKAEstimator, space: CKASpace? = nil
) throws(Gap) -> Double {
  precondition(x.rows == y.rows, "\(x.rows) rows against \(y.rows): rows must be matched")
  switch space ?? .preferred(rows: x.rows, features: x.columns, y.columns) {
  case .gram:
    return try CenteredGram(of: x).similarity(to: CenteredGram(of: y), estimator: estimator)
  case .features:
    var reference = StreamedMoments(features: y.columns, groups: 0)
    reference.add(y)
    var stream = StreamedCKA(
      features: x.columns, referenceFeatures: y.columns, groups: 0, reference: reference.norms())
    stream.add(x, y)
    return try stream.result(estimator).value.get()
  }
}
