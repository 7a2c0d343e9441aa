import CLAPACKE

/// The checking wrapper around LAPACK: every call goes through `check`.
enum LAPACK {
  /// Throws for a positive `info` (numerical failure); a negative one is our own wrong argument.
  static func check(_ info: Int32, routine: String, rows: Int, columns: Int)
    throws(LinearAlgebraError)
  {
    precondition(info >= 0, "\(routine): argument \(-info) is wrong (\(rows) x \(columns))")
    guard info == 0 else {
      throw .notConverged(routine: routine, rows: rows, columns: columns, info: Int(info))
    }
  }

  /// A dimension as LAPACK takes it.
  static func dimension(_ value: Int) -> LAPACKInteger {
    guard let converted = LAPACKInteger(exactly: value) else {
      preconditionFailure("dimension \(value) exceeds what LAPACK can address")
    }
    return converted
  }
}

extension Matrix {
  /// Throws if an entry is NaN or infinite. LAPACKE reports these as wrong arguments.
  func requireFinite(for routine: String) throws(LinearAlgebraError) {
    guard !isFinite() else { return }
    let index = elements.firstIndex { !$0.isFinite } ?? 0
    throw .nonFinite(routine: routine, row: index / columns, column: index % columns)
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func isFinite() -> Bool {
    elements.withUnsafeBufferPointer { values in
      // x * 0 is 0 for every finite x and NaN for the rest, so one sum answers for all; four
      // running ones don't wait for each other.
      var (s0, s1, s2, s3): (Scalar, Scalar, Scalar, Scalar) = (0, 0, 0, 0)
      let whole = values.count / 4 * 4
      for start in stride(from: 0, to: whole, by: 4) {
        s0 += values[start] * 0
        s1 += values[start + 1] * 0
        s2 += values[start + 2] * 0
        s3 += values[start + 3] * 0
      }
      for index in whole..<values.count { s0 += values[index] * 0 }
      return (s0 + s1) + (s2 + s3) == 0
    }
  }
}
