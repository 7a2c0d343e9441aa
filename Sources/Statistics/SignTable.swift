/// The signs of all differences of a list, kept for many Kendall coefficients against it.
struct SignTable: Sendable {
  /// Rows of 16-bit signs of pairs i < j, 0 elsewhere, padded to whole vectors of 8.
  private let rows: [Int16]
  private let width: Int
  /// Pairs that differ.
  let untied: Int
  let count: Int

  init(_ y: [Double]) {
    precondition(y.count < 1 << 14, "\(y.count) values are too many for 16-bit sums")
    count = y.count
    width = Self.paddedCount(y.count)
    var rows = [Int16](repeating: 0, count: y.count * width)
    var untied = 0
    for i in y.indices {
      for j in i..<y.count {
        let s = sign(y[i], y[j])
        rows[i * width + j] = Int16(s)
        untied += s * s
      }
    }
    self.rows = rows
    self.untied = untied
  }

  /// The length of a list of dense ranks that `balance` reads.
  static func paddedCount(_ count: Int) -> Int { (count + 7) / 8 * 8 }

  /// Σ over pairs of sign(x_i − x_j) · sign(y_i − y_j), for dense ranks of x padded with
  /// anything to `paddedCount`.
  func balance(_ x: UnsafeBufferPointer<Int16>) -> Int {
    precondition(x.count == width, "\(x.count) ranks against rows of \(width)")
    let ranks = UnsafeRawBufferPointer(x)
    var sum = SIMD8<Int16>.zero
    rows.withUnsafeBytes { rows in
      for i in 0..<count {
        let own = SIMD8<Int16>(repeating: x[i])
        // Whole vectors before the diagonal hold zeros.
        var place = i / 8 * 8
        while place < width {
          let others = ranks.loadUnaligned(fromByteOffset: 2 * place, as: SIMD8<Int16>.self)
          let signs = rows.loadUnaligned(
            fromByteOffset: 2 * (i * width + place), as: SIMD8<Int16>.self)
          sum &+= signs.replacing(with: 0, where: own .<= others)
          sum &-= signs.replacing(with: 0, where: own .>= others)
          place += 8
        }
      }
    }
    return (0..<8).reduce(0) { $0 + Int(sum[$1]) }
  }
}

/// The signs of the differences of two lists, for τ of a third against both at once.
struct SignPair: Sendable {
  private let first: LaneList
  private let second: LaneList
  /// 1 for a value, 0 for padding.
  private let present: LaneList
  private let untiedFirst: Double
  private let untiedSecond: Double
  private let count: Int

  init(_ a: [Double], _ b: [Double]) {
    let width = (a.count + 3) / 4 * 4
    func signs(_ list: [Double]) -> [Double] {
      list.indices.flatMap { i in
        (0..<width).map { j in j < list.count ? Double(sign(list[i], list[j])) : 0 }
      }
    }
    let (rowsOfA, rowsOfB) = (signs(a), signs(b))
    first = LaneList(rowsOfA)
    second = LaneList(rowsOfB)
    present = LaneList((0..<width).map { $0 < a.count ? 1 : 0 })
    untiedFirst = rowsOfA.reduce(0) { $0 + abs($1) }
    untiedSecond = rowsOfB.reduce(0) { $0 + abs($1) }
    count = a.count
  }

  /// τ-b of x with the first and with the second list; 0 where x is constant.
  func tau(_ x: LaneList) -> (Double, Double) {
    precondition(x.count == count, "\(x.count) values against a table of \(count)")
    var sums = (SIMD4<Double>.zero, SIMD4<Double>.zero, SIMD4<Double>.zero)
    x.withLanes { x in
      first.withLanes { first in
        second.withLanes { second in
          present.withLanes { present in
            for i in 0..<count {
              let own = SIMD4<Double>(repeating: x[i / 4][i % 4])
              let row = i * x.count
              for lane in 0..<x.count {
                let (a, b, one) = (first[row + lane], second[row + lane], present[lane])
                let below = own .<= x[lane]
                let above = own .>= x[lane]
                sums.0 += a.replacing(with: 0, where: below) - a.replacing(with: 0, where: above)
                sums.1 += b.replacing(with: 0, where: below) - b.replacing(with: 0, where: above)
                sums.2 +=
                  one.replacing(with: 0, where: below) + one.replacing(with: 0, where: above)
              }
            }
          }
        }
      }
    }
    let untied = sums.2.sum()
    guard untied > 0, untiedFirst > 0, untiedSecond > 0 else { return (0, 0) }
    return (
      clamped(sums.0.sum() / (untied * untiedFirst).squareRoot()),
      clamped(sums.1.sum() / (untied * untiedSecond).squareRoot())
    )
  }
}
