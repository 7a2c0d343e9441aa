import CLAPACKE

/// A = U S Vᵀ with k = min(m, n) singular triples. LAPACK: dgesdd, or dgesvd where that does not
/// converge.
package struct ThinSVD: Sendable {
  /// [m, k], orthonormal columns.
  package let u: Matrix<Double>
  /// Descending, ≥ 0.
  package let values: [Double]
  /// Vᵀ [k, n], orthonormal rows.
  package let vTransposed: Matrix<Double>

  package init<Scalar: BLASScalar>(of matrix: Matrix<Scalar>) throws(LinearAlgebraError) {
    try matrix.requireFinite(for: "dgesdd")
    do {
      try self.init(matrix, algorithm: .divideAndConquer)
    } catch .notConverged {
      try self.init(matrix, algorithm: .implicitQR)
    }
  }

  init<Scalar: BLASScalar>(_ matrix: Matrix<Scalar>, algorithm: SingularValues.Algorithm)
    throws(LinearAlgebraError)
  {
    let (m, n) = (matrix.rows, matrix.columns)
    let k = min(m, n)
    var u = Matrix<Double>(rows: m, columns: k)
    var values = [Double](repeating: 0, count: k)
    var vTransposed = Matrix<Double>(rows: k, columns: n)
    if k > 0 {
      // Read column-major our A is Aᵀ = V S Uᵀ, so LAPACK's left factor is V and its right one Uᵀ;
      // read row-major again they are Vᵀ and U.
      var scratch = matrix.inDouble
      let (rows, columns, count) = (
        LAPACK.dimension(n), LAPACK.dimension(m), LAPACK.dimension(k)
      )
      switch algorithm {
      case .divideAndConquer:
        try LAPACK.check(
          LAPACKE_dgesdd(
            LAPACK_COL_MAJOR, CChar(ascii: "S"), rows, columns, &scratch.elements, rows, &values,
            &vTransposed.elements, rows, &u.elements, count),
          routine: "dgesdd", rows: n, columns: m)
      case .implicitQR:
        var superdiagonal = [Double](repeating: 0, count: k)
        try LAPACK.check(
          LAPACKE_dgesvd(
            LAPACK_COL_MAJOR, CChar(ascii: "S"), CChar(ascii: "S"), rows, columns,
            &scratch.elements, rows, &values, &vTransposed.elements, rows, &u.elements, count,
            &superdiagonal),
          routine: "dgesvd", rows: n, columns: m)
      }
    }
    (self.u, self.values, self.vTransposed) = (u, values, vTransposed)
  }
}
