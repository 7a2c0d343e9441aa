import Foundation

/// A correlation on Fisher's scale with its sampling variance.
package struct FisherZ: Sendable, Equatable {
  package let z: Double
  package let variance: Double

  package init(z: Double, variance: Double) {
    self.z = z
    self.variance = variance
  }

  /// z = artanh r with |r| first cut to at most 1 − 6/(n³ − n); variance 1/(n − 3) for Pearson,
  /// 1.06/(n − 3) for Spearman, 0.437/(n − 4) for Kendall (Fieller, Hartley & Pearson 1957).
  ///
  /// A control lowers n by its degrees, in both. Nil where n is too small for the variance.
  package init?(
    _ r: Double, n: Int, method: CorrelationMethod, control: CorrelationControl = .none
  ) {
    let lowered = n - control.degrees
    guard let variance = Self.variance(n: lowered, method: method) else { return nil }
    let count = Double(lowered)
    let limit = 1 - 6 / (count * count * count - count)
    z = atanh(max(-limit, min(limit, r)))
    self.variance = variance
  }

  /// z and variance of many coefficients of n pairs each; nil where n is too small.
  struct Scale {
    let variance: Double
    private let limit: Double

    init?(n: Int, method: CorrelationMethod, control: CorrelationControl) {
      let lowered = n - control.degrees
      guard let variance = FisherZ.variance(n: lowered, method: method) else { return nil }
      let count = Double(lowered)
      self.variance = variance
      limit = 1 - 6 / (count * count * count - count)
    }

    func z(_ r: Double) -> Double { atanh(max(-limit, min(limit, r))) }
  }

  private static func variance(n: Int, method: CorrelationMethod) -> Double? {
    switch method {
    case .pearson: n > 3 ? 1 / Double(n - 3) : nil
    case .spearman: n > 3 ? 1.06 / Double(n - 3) : nil
    case .kendallB: n > 4 ? 0.437 / Double(n - 4) : nil
    }
  }
}

/// tanh: from Fisher's scale back to a coefficient.
package func inverseFisher(_ z: Double) -> Double { tanh(z) }
