import Foundation

/// The regularised incomplete beta function I_x(a, b), in [0, 1], for a, b > 0 and x in [0, 1].
///
/// Continued fraction DLMF 8.17.22 by the modified Lentz method, used on the side on which it
/// converges fast: I_x(a, b) = 1 − I_{1−x}(b, a).
package func incompleteBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
  incompleteBeta(x, complement: 1 - x, a, b)
}

/// As above, where 1 − x is known more exactly than by subtraction.
func incompleteBeta(_ x: Double, complement: Double, _ a: Double, _ b: Double) -> Double {
  precondition(a > 0 && b > 0, "I_x(a, b) needs positive parameters, got \(a) and \(b)")
  precondition(x >= 0 && x <= 1, "I_x(a, b) needs x in [0, 1], got \(x)")
  if x == 0 { return 0 }
  if complement == 0 { return 1 }
  let front = exp(
    a * log(x) + b * log(complement) - (logGamma(a) + logGamma(b) - logGamma(a + b)))
  if x < (a + 1) / (a + b + 2) {
    return front * betaContinuedFraction(x, a, b) / a
  }
  return 1 - front * betaContinuedFraction(complement, b, a) / b
}

private func betaContinuedFraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
  let tiny = 1e-300
  func away(_ value: Double) -> Double { abs(value) < tiny ? tiny : value }
  var c = 1.0
  var d = 1 / away(1 - (a + b) * x / (a + 1))
  var fraction = d
  for m in 1...1000 {
    let k = Double(m)
    let even = k * (b - k) * x / ((a + 2 * k - 1) * (a + 2 * k))
    d = 1 / away(1 + even * d)
    c = away(1 + even / c)
    fraction *= d * c
    let odd = -(a + k) * (a + b + k) * x / ((a + 2 * k) * (a + 2 * k + 1))
    d = 1 / away(1 + odd * d)
    c = away(1 + odd / c)
    fraction *= d * c
    if abs(d * c - 1) < 1e-16 { break }
  }
  return fraction
}

/// ln Γ(x) for x > 0: Stirling's series from 15 on, the recurrence below it.
///
/// The C library's `lgamma` writes a global sign; this one is safe on every thread.
func logGamma(_ x: Double) -> Double {
  precondition(x > 0, "ln Γ is taken of positive numbers here, got \(x)")
  var shifted = x
  var product = 1.0
  while shifted < 15 {
    product *= shifted
    shifted += 1
  }
  let inverse = 1 / shifted
  let square = inverse * inverse
  // Bernoulli terms B₂ₖ / (2k (2k − 1) x^{2k − 1}); the next one is below 1e-16 at 15.
  let series =
    inverse
    * (1.0 / 12
      + square
      * (-1.0 / 360
        + square
        * (1.0 / 1260
          + square * (-1.0 / 1680 + square * (1.0 / 1188 - square * 691.0 / 360360)))))
  return (shifted - 0.5) * log(shifted) - shifted + 0.5 * log(2 * Double.pi) + series
    - log(product)
}
