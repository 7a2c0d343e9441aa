import Foundation

/// A monotone map from data to a line on which equal distances look equal.
package enum Transform: Sendable, Hashable, Encodable {
  case linear
  /// log₂(1 + t): training steps, with room for step 0.
  case log2
  case log10
  case squareRoot
  /// Linear up to `threshold` on both sides of 0, logarithmic beyond.
  case symmetricLog(threshold: Double)

  /// Not a number where the transform is not defined: a mark is not drawn there.
  package func callAsFunction(_ v: Double) -> Double {
    switch self {
    case .linear: v
    case .log2: v > -1 ? log1p(v) / log(2) : .nan
    case .log10: v > 0 ? Foundation.log10(v) : .nan
    case .squareRoot: v >= 0 ? v.squareRoot() : .nan
    case .symmetricLog(let threshold):
      (v < 0 ? -1 : 1) * log1p(abs(v) / threshold)
    }
  }

  package func inverse(_ u: Double) -> Double {
    switch self {
    case .linear: u
    case .log2: exp2(u) - 1
    case .log10: pow(10, u)
    case .squareRoot: u * abs(u)
    case .symmetricLog(let threshold):
      (u < 0 ? -1 : 1) * threshold * expm1(abs(u))
    }
  }
}
