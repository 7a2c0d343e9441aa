/// Effects of several studies combined under a random-effects model.
package struct RandomEffects: Sendable, Equatable {
  /// The weighted mean Σw*z / Σw*, w* = 1 / (v + τ²).
  package let mean: Double
  /// Variance between studies, DerSimonian–Laird's moment estimate, cut at 0; 0 for one study.
  package let betweenVariance: Double
  /// Hartung & Knapp's standard error of the mean, on `count` − 1 degrees of freedom; nil for one study.
  package let standardError: Double?
  package let count: Int

  /// Combines effects (DerSimonian & Laird 1986; Hartung & Knapp 2001); nil if there are none.
  package init?(_ effects: [FisherZ]) {
    guard !effects.isEmpty else { return nil }
    count = effects.count
    let between = Self.betweenVariance(effects)
    betweenVariance = between
    var total = 0.0
    var weighted = 0.0
    for effect in effects {
      let weight = 1 / (effect.variance + between)
      total += weight
      weighted += weight * effect.z
    }
    let center = weighted / total
    mean = center
    if effects.count > 1 {
      var squares = 0.0
      for effect in effects {
        squares += (effect.z - center) * (effect.z - center) / (effect.variance + between)
      }
      standardError = (squares / (Double(effects.count - 1) * total)).squareRoot()
    } else {
      standardError = nil
    }
  }

  /// The mean of effects whose variances stay the same from draw to draw, without making a value of
  /// each: what resampling needs thousands of times. Equal to `RandomEffects(_:).mean`.
  static func mean(of z: [Double], variances: [Double]) -> Double {
    precondition(z.count == variances.count, "\(z.count) effects, \(variances.count) variances")
    var (w1, w2, wz) = (0.0, 0.0, 0.0)
    for i in z.indices {
      let weight = 1 / variances[i]
      w1 += weight
      w2 += weight * weight
      wz += weight * z[i]
    }
    let center = wz / w1
    var q = 0.0
    for i in z.indices { q += (z[i] - center) * (z[i] - center) / variances[i] }
    let between =
      z.count > 1 ? max(0, (q - Double(z.count - 1)) / (w1 - w2 / w1)) : 0
    if between == 0 { return center }
    var (total, weighted) = (0.0, 0.0)
    for i in z.indices {
      let weight = 1 / (variances[i] + between)
      total += weight
      weighted += weight * z[i]
    }
    return weighted / total
  }

  /// max(0, (Q − (k − 1)) / (Σw − Σw²/Σw)), w = 1/v.
  private static func betweenVariance(_ effects: [FisherZ]) -> Double {
    guard effects.count > 1 else { return 0 }
    var w1 = 0.0
    var w2 = 0.0
    var wz = 0.0
    for effect in effects {
      let weight = 1 / effect.variance
      w1 += weight
      w2 += weight * weight
      wz += weight * effect.z
    }
    let center = wz / w1
    let q = effects.reduce(0) { $0 + ($1.z - center) * ($1.z - center) / $1.variance }
    return max(0, (q - Double(effects.count - 1)) / (w1 - w2 / w1))
  }

  /// Hartung–Knapp: t on k − 1 degrees of freedom around the mean; nil for one study.
  package func interval(level: Double = 0.95) -> Interval? {
    guard let standardError else { return nil }
    let t = StudentT(degreesOfFreedom: Double(count - 1)).quantile(0.5 + level / 2)
    return Interval(lower: mean - t * standardError, upper: mean + t * standardError)
  }

  /// Two-sided p of mean = 0 by the same t; nil for one study.
  package var p: Double? {
    guard let standardError else { return nil }
    guard standardError > 0 else { return mean == 0 ? 1 : 0 }
    return StudentT(degreesOfFreedom: Double(count - 1)).twoSidedP(mean / standardError)
  }
}
