/// The signs of all differences of a list, kept for many Kendall coefficients against it.
struct SignTable: Sendable {
  /// sign(y_i − y_j) at i · n + j for j < i; the rest is unused.
  private let signs: [Int32]
  private let untied: Int
  let count: Int

  init(_ y: [Double]) {
    count = y.count
    var signs = [Int32](repeating: 0, count: y.count * y.count)
    var untied = 0
    for i in y.indices {
      for j in 0..<i {
        let s = sign(y[i], y[j])
        signs[i * y.count + j] = Int32(s)
        untied += s * s
      }
    }
    self.signs = signs
    self.untied = untied
  }

  /// τ-b of x with the list; 0 where x is constant.
  func tau(_ x: [Double]) -> Double {
    precondition(x.count == count, "\(x.count) values against a table of \(count)")
    var balance: Int32 = 0
    var untiedInX: Int32 = 0
    // SAFETY: every index is below count, which both buffers were checked against.
    x.withUnsafeBufferPointer { x in
      signs.withUnsafeBufferPointer { signs in
        for i in 0..<count {
          let xi = x[i]
          let row = i * count
          for j in 0..<i {
            let s: Int32 = (xi > x[j] ? 1 : 0) &- (xi < x[j] ? 1 : 0)
            balance &+= s &* signs[row + j]
            untiedInX &+= s &* s
          }
        }
      }
    }
    guard untiedInX > 0, untied > 0 else { return 0 }
    return clamped(Double(balance) / (Double(untiedInX) * Double(untied)).squareRoot())
  }
}
