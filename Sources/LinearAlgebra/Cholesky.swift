import CLAPACKE

/// The factor L of a positive definite matrix, A = L Lᵀ. LAPACK: dpotrf.
package enum Cholesky {
  /// L [n, n], zero above the diagonal; nil where the matrix is not positive definite to rounding.
  /// Only the lower triangle is read.
  package static func lowerFactor(of matrix: Matrix<Double>) -> Matrix<Double>? {
    precondition(
      matrix.rows == matrix.columns, "Cholesky of a \(matrix.rows) x \(matrix.columns) matrix")
    let n = matrix.rows
    guard n > 0, !matrix.elements.contains(where: { !$0.isFinite }) else { return nil }
    var factor = matrix
    let order = LAPACK.dimension(n)
    // Our lower triangle is the upper one of the column-major matrix, and L there is Uᵀ.
    let info = LAPACKE_dpotrf(
      LAPACK_COL_MAJOR, CChar(ascii: "U"), order, &factor.elements, order)
    precondition(info >= 0, "dpotrf: argument \(-info) is wrong (\(n) x \(n))")
    guard info == 0 else { return nil }
    for row in 0..<n {
      for column in row + 1..<max(n, row + 1) { factor[row, column] = 0 }
    }
    return factor
  }
}
