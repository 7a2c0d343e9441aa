import LanguageModels

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The C library's function; the enum's own case hides it inside `Activation`.
private func hyperbolicTangent(_ x: Double) -> Double { tanh(x) }

extension Activation {
  /// f(x) with the C library's functions in double precision.
  func referenceValue(_ x: Double) -> Double {
    switch self {
    case .gelu: 0.5 * x * erfc(-x / 2.0.squareRoot())
    case .geluTanh:
      0.5 * x * (1 + hyperbolicTangent((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
    case .quickGELU: x / (1 + exp(-1.702 * x))
    case .silu: x / (1 + exp(-x))
    case .relu: max(x, 0)
    case .tanh: hyperbolicTangent(x)
    }
  }

  /// f'(x) in double precision.
  func referenceDerivative(_ x: Double) -> Double {
    switch self {
    case .gelu:
      return 0.5 * erfc(-x / 2.0.squareRoot())
        + x * exp(-0.5 * x * x) / (2 * Double.pi).squareRoot()
    case .geluTanh:
      let scale = (2 / Double.pi).squareRoot()
      let t = hyperbolicTangent(scale * (x + 0.044715 * x * x * x))
      let inner = scale * (1 + 3 * 0.044715 * x * x)
      return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * inner
    case .quickGELU:
      let s = 1 / (1 + exp(-1.702 * x))
      return s + 1.702 * x * s * (1 - s)
    case .silu:
      let s = 1 / (1 + exp(-x))
      return s + x * s * (1 - s)
    case .relu: return x > 0 ? 1 : 0
    case .tanh: return 1 - hyperbolicTangent(x) * hyperbolicTangent(x)
    }
  }
}
