import CLAPACKE

/// A = Q R with orthonormal columns in Q and an upper triangular R. LAPACK: dgeqrf, dorgqr.
package struct QRFactorization: Sendable {
  /// [m, k], k = min(m, n); Qᵀ Q = 1.
  package let q: Matrix<Double>
  /// [k, n], zero below the diagonal; its diagonal may hold negative and zero values.
  package let r: Matrix<Double>

  /// The factorisation of an m x n matrix; a rank-deficient one gives zeros on R's diagonal.
  package init<Scalar: BLASScalar>(of matrix: Matrix<Scalar>) throws(LinearAlgebraError) {
    let (m, n) = (matrix.rows, matrix.columns)
    let k = min(m, n)
    guard k > 0 else {
      q = Matrix(rows: m, columns: 0)
      r = Matrix(rows: 0, columns: n)
      return
    }
    var (packed, reflectors) = try Self.packed(ofTranspose: matrix.transposed.inDouble)
    r = Self.upperTriangle(of: packed, count: k).transposed
    // The first k columns of A's storage carry all k reflectors.
    packed = Matrix(rows: k, columns: m, elements: Array(packed.elements[..<(k * m)]))
    let (rows, count) = (LAPACK.dimension(m), LAPACK.dimension(k))
    try LAPACK.check(
      LAPACKE_dorgqr(LAPACK_COL_MAJOR, rows, count, count, &packed.elements, rows, &reflectors),
      routine: "dorgqr", rows: m, columns: k)
    q = packed.transposed
  }

  /// Rᵀ alone, [n, min(m, n)] and lower triangular, of the A [m, n] whose transpose [n, m] is given:
  /// the form that costs no copy, since a row-major transpose is a column-major A.
  static func transposedR(ofTranspose transpose: Matrix<Double>) throws(LinearAlgebraError)
    -> Matrix<Double>
  {
    let (packed, _) = try packed(ofTranspose: transpose)
    return upperTriangle(of: packed, count: min(transpose.rows, transpose.columns))
  }

  /// LAPACK's packed form: R and the reflectors below it, column-major.
  private static func packed(ofTranspose transpose: Matrix<Double>) throws(LinearAlgebraError)
    -> (packed: Matrix<Double>, reflectors: [Double])
  {
    try transpose.requireFinite(for: "dgeqrf")
    var packed = transpose
    let (m, n) = (transpose.columns, transpose.rows)
    var reflectors = [Double](repeating: 0, count: min(m, n))
    let rows = LAPACK.dimension(m)
    try LAPACK.check(
      LAPACKE_dgeqrf(
        LAPACK_COL_MAJOR, rows, LAPACK.dimension(n), &packed.elements, rows, &reflectors),
      routine: "dgeqrf", rows: m, columns: n)
    return (packed, reflectors)
  }

  /// Rᵀ out of the packed form.
  private static func upperTriangle(of packed: Matrix<Double>, count: Int) -> Matrix<Double> {
    var transposedR = Matrix<Double>(rows: packed.rows, columns: count)
    for column in 0..<packed.rows {
      for row in 0..<min(column + 1, count) { transposedR[column, row] = packed[column, row] }
    }
    return transposedR
  }
}
