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
    // x * 0 is 0 for every finite x and NaN for the rest, so one sum answers for all.
    let probe = elements.withUnsafeBufferPointer { buffer in
      var sum: Scalar = 0
      for value in buffer { sum += value * 0 }
      return sum
    }
    guard probe != 0 else { return }
    let index = elements.firstIndex { !$0.isFinite } ?? 0
    throw .nonFinite(routine: routine, row: index / columns, column: index % columns)
  }
}
