/// Why a factorisation has no result.
package enum LinearAlgebraError: Error, Equatable, CustomStringConvertible {
  /// An entry is NaN or infinite, at this place.
  case nonFinite(routine: String, row: Int, column: Int)
  /// LAPACK returned a positive `info`: the iteration did not converge.
  case notConverged(routine: String, rows: Int, columns: Int, info: Int)

  package var description: String {
    switch self {
    case .nonFinite(let routine, let row, let column):
      "\(routine): the entry at row \(row), column \(column) is not finite; "
        + "expected finite numbers, so leave this matrix out or repair its file"
    case .notConverged(let routine, let rows, let columns, let info):
      "\(routine) did not converge on a \(rows) x \(columns) matrix (info \(info)); "
        + "try the other route (gram or exact)"
    }
  }
}
