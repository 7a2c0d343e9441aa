extension SingularValues {
  /// The singular values of A B for A [m, r], B [r, n]: the first min(r, m, n), the rest being 0.
  ///
  /// Where r is the smallest side the product is never formed: O((m + n) r²) instead of
  /// O(m n min(m, n)).
  ///
  /// - `exact`: with A = Q₁R₁ and Bᵀ = Q₂R₂ they are those of the r x r core R₁R₂ᵀ, to rounding.
  ///   LAPACK: dgeqrf, then dgesdd.
  /// - `gram`: from AᵀA and BBᵀ, without the factors; values below about 1e-8 of the largest are
  ///   noise, sums over a spectrum are good to 1e-7. LAPACK: dpotrf, dsyevd.
  package static func ofProduct<Scalar: BLASScalar>(
    _ a: Matrix<Scalar>, _ b: Matrix<Scalar>, route: Route = .exact
  ) throws(LinearAlgebraError) -> [Double] {
    try ofProduct(transposeOf: a.transposed, b, route: route)
  }

  /// As `ofProduct(_:_:)` for the transpose Aᵀ [r, m]: the form that costs no copy.
  package static func ofProduct<Scalar: BLASScalar>(
    transposeOf aTransposed: Matrix<Scalar>, _ b: Matrix<Scalar>, route: Route = .exact
  ) throws(LinearAlgebraError) -> [Double] {
    let r = b.rows
    precondition(
      aTransposed.rows == r,
      "product over \(aTransposed.rows) and \(r) inner dimensions")
    let (a, b) = (aTransposed.inDouble, b.inDouble)
    try a.requireFinite(for: "singular values of a product")
    try b.requireFinite(for: "singular values of a product")
    guard r < min(a.columns, b.columns) else {
      return try of(a.transposeMultiplied(by: b), route: .exact)
    }
    if route == .gram, let values = try byGrams(a, b) { return values }
    let left = try QRFactorization.transposedR(ofTranspose: a)
    let right = try QRFactorization.transposedR(ofTranspose: b)
    // (R₁R₂ᵀ)ᵀ: a transpose has the same singular values.
    return try of(right.transposeMultiplied(by: left), route: .exact)
  }

  /// The values from Gram matrices: with BBᵀ = LLᵀ those of A B are the roots of the eigenvalues of
  /// Lᵀ(AᵀA)L. nil where BBᵀ is singular to rounding, so that it has no factor.
  ///
  /// Each inner dimension is balanced first, row i of Aᵀ times c_i and row i of B over c_i: a sum of
  /// two products whose factors have other scales, as a gradient is, loses no digits then.
  private static func byGrams(_ a: Matrix<Double>, _ b: Matrix<Double>)
    throws(LinearAlgebraError) -> [Double]?
  {
    let r = b.rows
    var (gramOfA, gramOfB) = (a.rowGram, b.rowGram)
    var scales = [Double](repeating: 1, count: r)
    for i in 0..<r {
      let (squareOfA, squareOfB) = (gramOfA[i, i], gramOfB[i, i])
      // A row of zeros, or squares beyond what Double holds: the other way answers.
      guard squareOfA > 0, squareOfB > 0, squareOfA.isFinite, squareOfB.isFinite else { return nil }
      scales[i] = (squareOfB / squareOfA).squareRoot().squareRoot()
    }
    for i in 0..<r {
      for j in 0..<r {
        gramOfA[i, j] *= scales[i] * scales[j]
        gramOfB[i, j] /= scales[i] * scales[j]
      }
    }
    guard let factor = Cholesky.lowerFactor(of: gramOfB) else { return nil }
    var core = factor.transposeMultiplied(by: gramOfA.multiplied(by: factor))
    let eigenvalues = try SymmetricEigen.values(consuming: &core)
    return eigenvalues.reversed().map { max($0, 0).squareRoot() }
  }
}
