import LinearAlgebra

/// Rows in Double, less the mean of the first batch and divided by a power of two, so that features
/// with a large mean lose no digits in sums of squares and no square of squares overflows.
struct ShiftedRows: Sendable {
  let features: Int
  /// The mean of the first batch's rows; nil before it. Any constant would do: the estimates do not
  /// depend on it.
  private(set) var shift: [Double]?
  /// Rows are divided by 2 to this power, that of the first batch's largest entry; nil before it.
  private(set) var exponent: Int?
  /// False once an entry was NaN or infinite.
  private(set) var allFinite = true

  /// With a given `exponent` where sums are to go with others that were taken with it.
  init(features: Int, exponent: Int? = nil) {
    self.features = features
    self.exponent = exponent
  }

  mutating func shifted<Scalar: BLASScalar>(_ batch: Matrix<Scalar>) -> [Double] {
    precondition(
      batch.columns == features, "\(batch.columns) features, expected \(features)")
    guard batch.rows > 0 else { return [] }
    let shift = shift ?? batch.columnMeans
    self.shift = shift
    var rows = batch.shiftedRows(by: shift)
    // A number that is not finite makes the sum so.
    if !rows.reduce(0, +).isFinite && rows.contains(where: { !$0.isFinite }) { allFinite = false }
    guard allFinite else { return rows }
    let exponent = exponent ?? Self.exponent(of: rows)
    self.exponent = exponent
    if exponent != 0 {
      let factor = Double(sign: .plus, exponent: -exponent, significand: 1)
      for index in rows.indices { rows[index] *= factor }
    }
    return rows
  }

  private static func exponent(of rows: [Double]) -> Int {
    let largest = rows.reduce(0) { max($0, abs($1)) }
    // 2 to the power of 1023 is the largest that there is.
    return largest > 0 ? max(Int(largest.exponent), -1023) : 0
  }
}
