import Foundation

/// Student's t distribution with `degreesOfFreedom` > 0.
package struct StudentT: Sendable {
  package let degreesOfFreedom: Double

  package init(degreesOfFreedom: Double) {
    precondition(
      degreesOfFreedom > 0, "t needs degrees of freedom above 0, got \(degreesOfFreedom)")
    self.degreesOfFreedom = degreesOfFreedom
  }

  /// P(T > |t|), in (0, 0.5], without loss in the far tail.
  package func upperTail(_ t: Double) -> Double {
    if t.isInfinite { return 0 }
    let square = t * t
    let total = degreesOfFreedom + square
    return 0.5
      * incompleteBeta(
        degreesOfFreedom / total, complement: square / total, degreesOfFreedom / 2, 0.5)
  }

  /// P(T ≤ t).
  package func cumulative(_ t: Double) -> Double {
    t > 0 ? 1 - upperTail(t) : upperTail(t)
  }

  /// The two-sided p-value of t.
  package func twoSidedP(_ t: Double) -> Double { 2 * upperTail(t) }

  /// The t with P(T ≤ t) = `probability` in (0, 1), to rounding.
  package func quantile(_ probability: Double) -> Double {
    precondition(
      probability > 0 && probability < 1, "t's quantile needs 0 < p < 1, got \(probability)")
    if probability == 0.5 { return 0 }
    if probability < 0.5 { return -upperQuantile(probability) }
    return upperQuantile(1 - probability)
  }

  private func upperQuantile(_ tail: Double) -> Double {
    var low = 0.0
    var high = 1.0
    while upperTail(high) > tail {
      low = high
      high *= 2
    }
    // Newton's step on the tail where it stays in the bracket, else half of it: a few steps.
    var t = low + (high - low) / 2
    for _ in 0..<200 {
      let excess = upperTail(t) - tail
      if excess > 0 { low = t } else { high = t }
      let newton = t + excess / density(t)
      let next = newton > low && newton < high ? newton : low + (high - low) / 2
      if abs(next - t) <= 2e-16 * next || next <= low || next >= high { return next }
      t = next
    }
    return t
  }

  private func density(_ t: Double) -> Double {
    let v = degreesOfFreedom
    let front = exp(logGamma((v + 1) / 2) - logGamma(v / 2)) / (v * Double.pi).squareRoot()
    return front * pow(1 + t * t / v, -(v + 1) / 2)
  }
}
