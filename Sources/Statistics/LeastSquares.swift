/// A straight line fitted by least squares, with the t interval of its slope.
package struct LineFit: Sendable, Equatable {
  package let slope: Double
  package let intercept: Double
  /// Standard error of the slope on n − 2 degrees of freedom; nil for 2 points.
  package let standardError: Double?
  package let n: Int

  /// The least-squares line of y on x; nil for fewer than 2 points or a constant x.
  package init?(x: [Double], y: [Double]) {
    precondition(x.count == y.count, "lists of \(x.count) and \(y.count) values do not pair")
    guard let (dx, norm) = centered(x), let meanX = mean(of: x), let meanY = mean(of: y),
      y.allSatisfy(\.isFinite)
    else { return nil }
    let dy = y.map { $0 - meanY }
    let slope = dot(dx, dy) / (norm * norm)
    self.slope = slope
    intercept = meanY - slope * meanX
    n = x.count
    if x.count > 2 {
      var squares = 0.0
      for i in dx.indices {
        let rest = dy[i] - slope * dx[i]
        squares += rest * rest
      }
      standardError = (squares / Double(x.count - 2)).squareRoot() / norm
    } else {
      standardError = nil
    }
  }

  /// The interval of the slope at `level`, Student's t on n − 2 degrees of freedom; nil for 2 points.
  package func slopeInterval(level: Double = 0.95) -> Interval? {
    guard let standardError else { return nil }
    let t = StudentT(degreesOfFreedom: Double(n - 2)).quantile(0.5 + level / 2)
    return Interval(lower: slope - t * standardError, upper: slope + t * standardError)
  }
}

/// Lower and upper end of an interval; an end may be infinite.
package struct Interval: Sendable, Equatable {
  package var lower: Double
  package var upper: Double

  package init(lower: Double, upper: Double) {
    self.lower = lower
    self.upper = upper
  }
}

/// The t interval of a mean of independent values; nil for fewer than 2.
package func meanInterval(of values: [Double], level: Double = 0.95) -> Interval? {
  guard let center = mean(of: values), let deviation = standardDeviation(of: values) else {
    return nil
  }
  let n = Double(values.count)
  let reach =
    StudentT(degreesOfFreedom: n - 1).quantile(0.5 + level / 2) * deviation / n.squareRoot()
  return Interval(lower: center - reach, upper: center + reach)
}
