import Foundation

/// The standard normal distribution.
package enum NormalDistribution {
  /// P(Z ≤ z), to full precision in both tails (through erfc).
  package static func cumulative(_ z: Double) -> Double {
    0.5 * erfc(-z / 2.0.squareRoot())
  }

  /// The z with P(Z ≤ z) = `probability`; ∓∞ at 0 and 1.
  ///
  /// Acklam's rational approximation (relative error 1e-9), then one step of Halley's method on the
  /// cumulative function, which leaves only rounding.
  package static func quantile(_ probability: Double) -> Double {
    precondition(
      probability >= 0 && probability <= 1, "a probability is in [0, 1], got \(probability)")
    if probability == 0 { return -.infinity }
    if probability == 1 { return .infinity }
    // The lower half only: there the cumulative function keeps its relative precision.
    if probability > 0.5 { return -quantile(1 - probability) }
    let z = approximateQuantile(probability)
    let error = cumulative(z) - probability
    let step = error * (2 * Double.pi).squareRoot() * exp(z * z / 2)
    return z - step / (1 + z * step / 2)
  }

  private static func approximateQuantile(_ p: Double) -> Double {
    if p < 0.02425 {
      let q = (-2 * log(p)).squareRoot()
      let numerator = polynomial(
        [
          -7.784894002430293e-3, -3.223964580411365e-1, -2.400758277161838, -2.549732539343734,
          4.374664141464968, 2.938163982698783,
        ], at: q)
      let denominator = polynomial(
        [
          7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416, 1,
        ], at: q)
      return numerator / denominator
    }
    let q = p - 0.5
    let r = q * q
    let numerator = polynomial(
      [
        -3.969683028665376e1, 2.209460984245205e2, -2.759285104469687e2, 1.38357751867269e2,
        -3.066479806614716e1, 2.506628277459239,
      ], at: r)
    let denominator = polynomial(
      [
        -5.447609879822406e1, 1.615858368580409e2, -1.556989798598866e2, 6.680131188771972e1,
        -1.328068155288572e1, 1,
      ], at: r)
    return q * numerator / denominator
  }

  /// Horner's scheme, the highest power first.
  private static func polynomial(_ coefficients: [Double], at x: Double) -> Double {
    coefficients.reduce(0) { $0 * x + $1 }
  }
}
