extension SeededGenerator {
  /// A uniform index in `0..<bound`, without bias (Lemire 2019: multiply, reject the short end).
  package mutating func index(below bound: Int) -> Int {
    precondition(bound > 0, "index(below:) needs a bound of at least 1, got \(bound)")
    let range = UInt64(bound)
    var product = range.multipliedFullWidth(by: next())
    if product.low < range {
      // The division is paid for only where a rejection is possible at all.
      let threshold = (0 &- range) % range
      while product.low < threshold { product = range.multipliedFullWidth(by: next()) }
    }
    return Int(truncatingIfNeeded: product.high)
  }

  /// A uniform number in [0, 1): a multiple of 2⁻⁵³.
  package mutating func uniform() -> Double {
    Double(next() >> 11) * 0x1p-53
  }

  /// A draw from the normal distribution with mean 0 and variance 1 (Marsaglia's polar method).
  ///
  /// Only operations that IEEE 754 rounds exactly are used (a platform's `log` may differ in its
  /// last bit), so the draws are equal on every machine.
  package mutating func gaussian() -> Double {
    if let spare = spareGaussian {
      spareGaussian = nil
      return spare
    }
    while true {
      let u = 2 * uniform() - 1
      let v = 2 * uniform() - 1
      let s = u * u + v * v
      if s < 1, s > 0 {
        let factor = (-2 * portableLog(s) / s).squareRoot()
        spareGaussian = v * factor
        return u * factor
      }
    }
  }

  /// `count` independent draws of `gaussian()`, in order.
  package mutating func gaussians(_ count: Int) -> [Double] {
    (0..<count).map { _ in gaussian() }
  }

  /// A uniformly random permutation of `0..<count` (Fisher–Yates, from the last place down).
  package mutating func permutation(of count: Int) -> [Int] {
    var order = Array(0..<count)
    permute(&order)
    return order
  }

  /// Puts the elements into a uniformly random order, in place (Fisher–Yates).
  package mutating func permute<Element>(_ elements: inout [Element]) {
    var last = elements.count - 1
    while last > 0 {
      elements.swapAt(last, index(below: last + 1))
      last -= 1
    }
  }

  /// `count` different indices of `0..<population`, ascending, every subset equally likely
  /// (the first places of a Fisher–Yates permutation).
  package mutating func sample(_ count: Int, of population: Int) -> [Int] {
    precondition(
      count >= 0 && count <= population, "cannot draw \(count) different of \(population)")
    var pool = Array(0..<population)
    for place in 0..<count {
      pool.swapAt(place, place + index(below: population - place))
    }
    return pool[..<count].sorted()
  }

  /// `count` indices of `0..<population` with replacement, in the order drawn.
  package mutating func resample(_ count: Int, of population: Int) -> [Int] {
    (0..<count).map { _ in index(below: population) }
  }
}

/// ln x for a positive, normal x, within 2 units in the last place, by exactly rounded operations
/// alone: x = 2^e · m with m in [√½, √2), ln m = 2 artanh((m − 1)/(m + 1)) as its power series.
func portableLog(_ x: Double) -> Double {
  var exponent = Double(x.exponent)
  var mantissa = x.significand
  if mantissa > 1.4142135623730951 {
    mantissa /= 2
    exponent += 1
  }
  let s = (mantissa - 1) / (mantissa + 1)
  let square = s * s
  // |s| ≤ 0.1716, so the term after s²⁵/25 is below 1e-21.
  var series = 0.0
  var denominator = 25.0
  while denominator >= 3 {
    series = series * square + 1 / denominator
    denominator -= 2
  }
  let logOfMantissa = 2 * s + 2 * s * square * series
  // ln 2 in two parts: exponent · high is exact.
  let high = 0x1.62e42feep-1
  let low = 0x1.a39ef35793c76p-33
  return exponent * high + (exponent * low + logOfMantissa)
}
