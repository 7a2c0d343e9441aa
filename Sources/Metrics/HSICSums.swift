/// Sums over rows x_i [p] and y_i [q] from which, with C = Σ x_i y_iᵀ, both estimates of HSIC
/// follow in feature space. k_i = x_i · x_i and l_i = y_i · y_i.
///
/// Adding a constant to every x_i or y_i changes none of the estimates, so rows are shifted towards
/// 0 before they are summed. Sums of disjoint sets of rows add up, and one can be taken away.
struct HSICSums: Sendable {
  /// The number of rows.
  var count = 0.0
  /// Σ x_i [p] and Σ y_i [q].
  var x: [Double]
  var y: [Double]
  /// Σ x_i l_i [p] and Σ y_i k_i [q].
  var xByL: [Double]
  var yByK: [Double]
  /// Σ k_i, Σ l_i and Σ k_i l_i.
  var k = 0.0
  var l = 0.0
  var kl = 0.0

  init(_ p: Int, _ q: Int) {
    x = .init(repeating: 0, count: p)
    xByL = x
    y = .init(repeating: 0, count: q)
    yByK = y
  }

  /// Adds `sign` times the sums over other rows: 1 joins them, −1 takes them away.
  mutating func add(_ other: HSICSums, sign: Double = 1) {
    count += sign * other.count
    k += sign * other.k
    l += sign * other.l
    kl += sign * other.kl
    for index in x.indices {
      x[index] += sign * other.x[index]
      xByL[index] += sign * other.xByL[index]
    }
    for index in y.indices {
      y[index] += sign * other.y[index]
      yByK[index] += sign * other.yByK[index]
    }
  }

  /// Adds `rows` rows of X [rows, p] and Y [rows, q].
  mutating func add(_ xs: [Double], _ ys: [Double], rows: Int) {
    let (p, q) = (x.count, y.count)
    for row in 0..<rows {
      let (a, b) = (row * p..<(row + 1) * p, row * q..<(row + 1) * q)
      let (squareOfX, squareOfY) = (squareSum(xs[a]), squareSum(ys[b]))
      for index in 0..<p {
        x[index] += xs[a.lowerBound + index]
        xByL[index] += xs[a.lowerBound + index] * squareOfY
      }
      for index in 0..<q {
        y[index] += ys[b.lowerBound + index]
        yByK[index] += ys[b.lowerBound + index] * squareOfX
      }
      k += squareOfX
      l += squareOfY
      kl += squareOfX * squareOfY
    }
    count += Double(rows)
  }

  /// HSIC up to the factor that cancels in CKA, with `product(a, b)` the entry C_ab.
  ///
  /// The debiased form is the U-statistic over all pairs of different rows, of Song et al. 2007,
  /// eq. 5, written with sums over features.
  func hsic(_ estimator: CKAEstimator, product: (_ a: Int, _ b: Int) -> Double) -> Double {
    let (p, q, n) = (x.count, y.count, count)
    var sum = 0.0
    switch estimator {
    case .biased:
      for a in 0..<p {
        let mean = x[a] / n
        for b in 0..<q {
          let centered = product(a, b) - mean * y[b]
          sum += centered * centered
        }
      }
      return sum
    case .debiased:
      // Σ_a x_a Σ_b C_ab y_b, beside ‖C‖².
      var form = 0.0
      for a in 0..<p {
        var (squares, image) = (0.0, 0.0)
        for b in 0..<q {
          let entry = product(a, b)
          squares += entry * entry
          image += entry * y[b]
        }
        sum += squares
        form += x[a] * image
      }
      let pairs = sum - kl
      let crossed = form - dotProduct(x, xByL) - dotProduct(y, yByK) + kl
      let totals = (dotProduct(x, x) - k) * (dotProduct(y, y) - l)
      return pairs - 2 / (n - 2) * crossed + totals / ((n - 1) * (n - 2))
    }
  }

  private func squareSum(_ values: ArraySlice<Double>) -> Double {
    values.withUnsafeBufferPointer { dotProduct($0, $0) }
  }
}
