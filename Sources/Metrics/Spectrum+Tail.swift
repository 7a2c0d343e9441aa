import Foundation

/// A power law p(x) ∝ x^−α fitted to the upper tail x ≥ x_min of the squared singular values.
package struct TailFit: Sendable, Equatable {
  /// α > 1: small for a heavy tail.
  package let alpha: Double
  /// x_min, one of the σ².
  package let start: Double
  /// How many values lie in the tail.
  package let count: Int
  /// The Kolmogorov–Smirnov distance of the tail from the fit.
  package let distance: Double
}

extension Spectrum {
  /// The power-law exponent of the tail of σ², by maximum likelihood for each candidate x_min, the
  /// one with the smallest Kolmogorov–Smirnov distance taken. Clauset, Shalizi & Newman 2009,
  /// eqs. 3.1 and 3.9. O(k²).
  ///
  /// Throws `too_few_values` with fewer than 10 positive values, or where all candidates' tails are
  /// constant.
  package func tailExponent() throws(Gap) -> TailFit {
    let largest = try largestValue()
    // Ascending logarithms of σ² / σ₁²: the exponent does not depend on the scale.
    let logs = values.filter { $0 > 0 }.reversed().map { 2 * log($0 / largest) }
    guard logs.count >= Self.smallestTailSample else { throw .tooFewValues }
    var best: TailFit?
    for first in 0...logs.count - Self.smallestTail {
      // Of equal values the first stands for all.
      if first > 0, logs[first] == logs[first - 1] { continue }
      let tail = logs[first...]
      let excess = tail.reduce(0) { $0 + ($1 - logs[first]) }
      guard excess > 0 else { continue }
      let alpha = 1 + Double(tail.count) / excess
      let distance = Self.distance(of: tail, alpha: alpha)
      if distance < best?.distance ?? .infinity {
        best = TailFit(
          alpha: alpha, start: exp(logs[first]) * largest * largest, count: tail.count,
          distance: distance)
      }
    }
    guard let best else { throw .tooFewValues }
    return best
  }

  private static let smallestTailSample = 10
  /// A tail of fewer values fits anything.
  private static let smallestTail = 5

  /// sup |empirical − fitted| distribution function over an ascending tail of logarithms, on both
  /// sides of each step.
  private static func distance(of tail: ArraySlice<Double>, alpha: Double) -> Double {
    guard let start = tail.first else { return .infinity }
    let count = Double(tail.count)
    var largest = 0.0
    for (place, value) in tail.enumerated() {
      let fitted = 1 - exp(-(alpha - 1) * (value - start))
      largest = max(
        largest, abs(Double(place + 1) / count - fitted), abs(fitted - Double(place) / count))
    }
    return largest
  }
}
