import CLAPACKE

/// Eigenvalues and eigenvectors of a real symmetric matrix. LAPACK: dsyevd.
package struct SymmetricEigen: Sendable {
  /// Ascending.
  package let values: [Double]
  /// Row i is the unit eigenvector of `values[i]`; its sign is LAPACK's.
  package let vectors: Matrix<Double>

  /// The decomposition of `matrix`, of which only the upper triangle is read.
  package init(of matrix: Matrix<Double>) throws(LinearAlgebraError) {
    var vectors = matrix
    values = try Self.solve(&vectors, job: "V")
    self.vectors = vectors
  }

  /// The eigenvalues alone, ascending; only the upper triangle of `matrix` is read.
  package static func values(of matrix: Matrix<Double>) throws(LinearAlgebraError) -> [Double] {
    var scratch = matrix
    return try solve(&scratch, job: "N")
  }

  /// The eigenvalues, with `matrix` as work space.
  static func values(consuming matrix: inout Matrix<Double>) throws(LinearAlgebraError)
    -> [Double]
  {
    try solve(&matrix, job: "N")
  }

  private static func solve(_ matrix: inout Matrix<Double>, job: Unicode.Scalar)
    throws(LinearAlgebraError) -> [Double]
  {
    precondition(
      matrix.rows == matrix.columns, "eigenvalues of a \(matrix.rows) x \(matrix.columns) matrix")
    let n = matrix.rows
    guard n > 0 else { return [] }
    try matrix.requireFinite(for: "dsyevd")
    var values = [Double](repeating: 0, count: n)
    let order = LAPACK.dimension(n)
    // Our upper triangle is the lower one of the column-major matrix.
    try LAPACK.check(
      LAPACKE_dsyevd(
        LAPACK_COL_MAJOR, CChar(ascii: job), CChar(ascii: "L"), order, &matrix.elements, order,
        &values),
      routine: "dsyevd", rows: n, columns: n)
    return values
  }
}

extension CChar {
  /// A letter as LAPACK's options take it.
  init(ascii letter: Unicode.Scalar) { self = CChar(truncatingIfNeeded: letter.value) }
}
