extension SingularValues {
  /// The singular values of A B for A [m, r], B [r, n]: the first min(r, m, n), the rest being 0.
  ///
  /// Where r is the smallest side the product is never formed: with A = Q₁R₁ and Bᵀ = Q₂R₂ they are
  /// those of the r x r core R₁R₂ᵀ, O((m + n) r²) instead of O(m n min(m, n)). Exact to rounding.
  /// LAPACK: dgeqrf, then dgesdd.
  package static func ofProduct<Scalar: BLASScalar>(
    _ a: Matrix<Scalar>, _ b: Matrix<Scalar>
  ) throws(LinearAlgebraError) -> [Double] {
    try ofProduct(transposeOf: a.transposed, b)
  }

  /// As `ofProduct(_:_:)` for the transpose Aᵀ [r, m]: the form that costs no copy.
  package static func ofProduct<Scalar: BLASScalar>(
    transposeOf aTransposed: Matrix<Scalar>, _ b: Matrix<Scalar>
  ) throws(LinearAlgebraError) -> [Double] {
    let r = b.rows
    precondition(
      aTransposed.rows == r,
      "product over \(aTransposed.rows) and \(r) inner dimensions")
    let (a, b) = (aTransposed.inDouble, b.inDouble)
    guard r < min(a.columns, b.columns) else {
      try a.requireFinite(for: "singular values of a product")
      try b.requireFinite(for: "singular values of a product")
      return try of(a.transposeMultiplied(by: b), route: .exact)
    }
    let left = try QRFactorization.transposedR(ofTranspose: a)
    let right = try QRFactorization.transposedR(ofTranspose: b)
    // (R₁R₂ᵀ)ᵀ: a transpose has the same singular values.
    return try of(right.transposeMultiplied(by: left), route: .exact)
  }
}
