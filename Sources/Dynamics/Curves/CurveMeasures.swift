import Statistics

/// Measures of one curve c over the fraction of training u, both in the order of the steps
/// (METHODS, section 5). u never falls.
package struct CurveMeasures: Sendable {
  let steps: [Double]
  let u: [Double]
  let c: [Double]

  /// `steps` in optimiser updates, `u` in [0, 1], `c` finite; equally long.
  package init(steps: [Double], u: [Double], c: [Double]) {
    precondition(
      steps.count == u.count && u.count == c.count,
      "a curve of \(steps.count) steps, \(u.count) fractions and \(c.count) values")
    self.steps = steps
    self.u = u
    self.c = c
  }

  /// c at u = f: the point itself, else linear between its neighbours; nil outside u(t_1) … u(t_m).
  package func at(_ f: Double) -> Double? {
    guard let first = u.first, let last = u.last, first <= f, f <= last else { return nil }
    if let exact = u.firstIndex(of: f) { return c[exact] }
    guard let right = u.firstIndex(where: { $0 > f }), right > 0 else { return nil }
    let left = right - 1
    return c[left] + (f - u[left]) / (u[right] - u[left]) * (c[right] - c[left])
  }

  /// The smallest u(t_i) from which c stays at `q` or above; +∞ where it never settles; nil without
  /// a point. No interpolation.
  package func settling(_ q: Double) -> Double? {
    guard !c.isEmpty else { return nil }
    guard let below = c.lastIndex(where: { $0 < q }) else { return u[0] }
    return below + 1 < c.count ? u[below + 1] : .infinity
  }

  /// As `settling`, linear between the last point below `q` and the next: for curves over different u.
  package func crossing(_ q: Double) -> Double? {
    guard !c.isEmpty else { return nil }
    guard let below = c.lastIndex(where: { $0 < q }) else { return u[0] }
    guard below + 1 < c.count else { return .infinity }
    let part = (q - c[below]) / (c[below + 1] - c[below])
    return u[below] + part * (u[below + 1] - u[below])
  }

  /// Trapezoid area under c over u, divided by its width; nil for a width of 0.
  package var area: Double? { Self.meanHeight(over: u, c) }

  /// The area within `range` of u alone, linear between the points; nil where the curve does not reach both
  /// ends, or for a width of 0.
  package func area(within range: ClosedRange<Double>) -> Double? {
    let (low, high) = (range.lowerBound, range.upperBound)
    guard low < high, let first = at(low), let last = at(high) else { return nil }
    let inner = u.indices.filter { low < u[$0] && u[$0] < high }
    return Self.meanHeight(
      over: [low] + inner.map { u[$0] } + [high], [first] + inner.map { c[$0] } + [last])
  }

  /// The same over log₂(1 + t), t in steps.
  package var areaLog: Double? { Self.meanHeight(over: steps.map { log2Shifted($0) }, c) }

  /// 1 − (sum of decreases) / (sum of absolute changes), in [0, 1]; 1 where nothing changes.
  package var monotonicity: Double? {
    guard c.count > 1 else { return nil }
    var (falls, total) = (0.0, 0.0)
    for i in 1..<c.count {
      let change = c[i] - c[i - 1]
      total += abs(change)
      if change < 0 { falls -= change }
    }
    return total == 0 ? 1 : 1 - falls / total
  }

  /// The sum of decreases, at least 0.
  package var instability: Double? {
    guard c.count > 1 else { return nil }
    var falls = 0.0
    for i in 1..<c.count { falls += max(0, c[i - 1] - c[i]) }
    return falls
  }

  /// Spearman's ρ of c with the step; nil for a constant curve.
  package var spearmanStep: Double? { c.count > 1 ? spearman(c, steps) : nil }

  /// Standard deviation of the changes between neighbours, divisor m − 2; nil for fewer than 3 points.
  package var incrementDeviation: Double? {
    guard c.count > 2 else { return nil }
    return standardDeviation(of: (1..<c.count).map { c[$0] - c[$0 - 1] })
  }

  /// Sample standard deviation over the unweighted mean; nil for fewer than 2 points or a mean of 0.
  package var variation: Double? {
    guard let center = mean(of: c), center != 0, let deviation = standardDeviation(of: c) else {
      return nil
    }
    return deviation / center
  }

  /// The least-squares slope of c against u; nil for a constant u.
  package var slope: Double? { LineFit(x: u, y: c)?.slope }

  private static func meanHeight(over x: [Double], _ c: [Double]) -> Double? {
    guard let first = x.first, let last = x.last, last > first else { return nil }
    var area = 0.0
    for i in 1..<c.count { area += (x[i] - x[i - 1]) * (c[i] + c[i - 1]) / 2 }
    return area / (last - first)
  }
}
