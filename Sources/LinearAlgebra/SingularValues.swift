import CLAPACKE

/// Singular values, descending, in Double whatever the scalar of the input.
package enum SingularValues {
  /// The way to them.
  package enum Route: String, Sendable, CaseIterable {
    /// Eigenvalues of the smaller Gram matrix, formed in Double; the fast way. LAPACK: dsyevd.
    /// Values below about 1e-8 of the largest are noise; sums over a spectrum are good to 1e-7.
    case gram
    /// Without squaring: every value to rounding of the largest. LAPACK: dgesdd, or dgesvd where
    /// that does not converge.
    case exact
  }

  /// The min(m, n) singular values of an m x n matrix, all ≥ 0; a zero matrix gives zeros.
  package static func of<Scalar: BLASScalar>(
    _ matrix: Matrix<Scalar>, route: Route = .gram
  ) throws(LinearAlgebraError) -> [Double] {
    guard matrix.rows > 0, matrix.columns > 0 else { return [] }
    try matrix.requireFinite(for: "singular values")
    switch route {
    case .gram: return try byGram(matrix)
    case .exact: return try exactly(matrix)
    }
  }

  private static func byGram<Scalar: BLASScalar>(_ matrix: Matrix<Scalar>)
    throws(LinearAlgebraError) -> [Double]
  {
    let scale = matrix.squaringScale
    var gram = matrix.smallerGram(scale: scale)
    let eigenvalues = try SymmetricEigen.values(consuming: &gram)
    // Rounding makes zero eigenvalues slightly negative.
    return eigenvalues.reversed().map { max($0, 0).squareRoot() / scale }
  }

  private static func exactly<Scalar: BLASScalar>(_ matrix: Matrix<Scalar>)
    throws(LinearAlgebraError) -> [Double]
  {
    do {
      return try byLAPACK(matrix, algorithm: .divideAndConquer)
    } catch .notConverged {
      return try byLAPACK(matrix, algorithm: .implicitQR)
    }
  }

  /// LAPACK's two algorithms for the values alone.
  enum Algorithm {
    /// LAPACK: dgesdd.
    case divideAndConquer
    /// LAPACK: dgesvd; slower, and converges where the other gives up.
    case implicitQR
  }

  static func byLAPACK<Scalar: BLASScalar>(_ matrix: Matrix<Scalar>, algorithm: Algorithm)
    throws(LinearAlgebraError) -> [Double]
  {
    // A wide row-major matrix is a tall column-major one: the fast orientation, and no copy.
    var scratch = (matrix.rows > matrix.columns ? matrix.transposed : matrix).inDouble
    let (m, n) = (scratch.columns, scratch.rows)
    var values = [Double](repeating: 0, count: n)
    let (rows, columns) = (LAPACK.dimension(m), LAPACK.dimension(n))
    switch algorithm {
    case .divideAndConquer:
      try LAPACK.check(
        LAPACKE_dgesdd(
          LAPACK_COL_MAJOR, CChar(ascii: "N"), rows, columns, &scratch.elements, rows, &values,
          nil, 1, nil, 1),
        routine: "dgesdd", rows: m, columns: n)
    case .implicitQR:
      var superdiagonal = [Double](repeating: 0, count: n)
      try LAPACK.check(
        LAPACKE_dgesvd(
          LAPACK_COL_MAJOR, CChar(ascii: "N"), CChar(ascii: "N"), rows, columns,
          &scratch.elements, rows, &values, nil, 1, nil, 1, &superdiagonal),
        routine: "dgesvd", rows: m, columns: n)
    }
    return values
  }
}
