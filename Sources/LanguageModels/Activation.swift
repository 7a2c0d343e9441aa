/// The MLP's non-linearity, by the names that `hidden_act` uses in `config.json`.
package enum Activation: String, Sendable, CaseIterable {
  /// x Φ(x), exact (through the error function).
  case gelu
  /// The tanh approximation of GELU (Hendrycks & Gimpel 2016).
  case geluTanh
  /// x σ(1.702 x).
  case quickGELU
  /// x σ(x).
  case silu
  case relu
  case tanh

  /// The activation that `hidden_act: name` asks for in the transformers library.
  package init?(hiddenAct name: String) {
    switch name {
    case "gelu", "gelu_python": self = .gelu
    case "gelu_new", "gelu_fast", "gelu_pytorch_tanh", "gelu_accurate": self = .geluTanh
    case "quick_gelu": self = .quickGELU
    case "silu", "swish": self = .silu
    case "relu": self = .relu
    case "tanh": self = .tanh
    default: return nil
    }
  }

  package static let supportedNames =
    "gelu, gelu_python, gelu_new, gelu_fast, gelu_pytorch_tanh, gelu_accurate, quick_gelu, silu, "
    + "swish, relu, tanh"
}

extension Activation {
  /// Writes f(x) for `count` elements; `output` may be `input`.
  func apply(
    _ input: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>, count: Int
  ) {
    // One loop a case, so that the choice is made once and not for each element.
    switch self {
    case .gelu: VectorMath.map(input, output, count) { gated($0) }
    case .geluTanh: VectorMath.map(input, output, count) { tanhGated($0) }
    case .quickGELU: VectorMath.map(input, output, count) { $0 * VectorMath.sigmoid(1.702 * $0) }
    case .silu: VectorMath.map(input, output, count) { $0 * VectorMath.sigmoid($0) }
    case .relu: VectorMath.map(input, output, count) { $0.replacing(with: 0, where: $0 .< 0) }
    case .tanh: VectorMath.map(input, output, count) { VectorMath.tanh($0) }
    }
  }

  /// Multiplies `gradient` by f'(x) for `count` elements.
  func multiplyByDerivative(
    at input: UnsafePointer<Float>, _ gradient: UnsafeMutablePointer<Float>, count: Int
  ) {
    switch self {
    case .gelu: scale(input, gradient, count) { gatedDerivative($0) }
    case .geluTanh: scale(input, gradient, count) { tanhGatedDerivative($0) }
    case .quickGELU: scale(input, gradient, count) { sigmoidProductDerivative($0, 1.702) }
    case .silu: scale(input, gradient, count) { sigmoidProductDerivative($0, 1) }
    case .relu:
      scale(input, gradient, count) {
        SIMD8<Float>(repeating: 1).replacing(with: 0, where: $0 .<= 0)
      }
    case .tanh:
      scale(input, gradient, count) {
        let t = VectorMath.tanh($0)
        return 1 - t * t
      }
    }
  }

  @inline(__always)
  private func scale(
    _ input: UnsafePointer<Float>, _ gradient: UnsafeMutablePointer<Float>, _ count: Int,
    _ derivative: (SIMD8<Float>) -> SIMD8<Float>
  ) {
    var index = 0
    while index + 8 <= count {
      let product =
        VectorMath.load(gradient + index) * derivative(VectorMath.load(input + index))
      VectorMath.store(product, gradient + index)
      index += 8
    }
    while index < count {
      gradient[index] *= derivative(SIMD8(repeating: input[index]))[0]
      index += 1
    }
  }
}

/// √(2/π).
private let tanhScale: Float = 0.797_884_560_802_865_4
/// 1/√2.
private let inverseRootOfTwo: Float = 0.707_106_781_186_547_5
/// 1/√(2π).
private let normalDensityAtZero: Float = 0.398_942_280_401_432_7

@inline(__always)
private func gated(_ x: SIMD8<Float>) -> SIMD8<Float> {
  0.5 * x * (1 + VectorMath.erf(x * inverseRootOfTwo))
}

/// Φ(x) + x φ(x).
@inline(__always)
private func gatedDerivative(_ x: SIMD8<Float>) -> SIMD8<Float> {
  0.5 * (1 + VectorMath.erf(x * inverseRootOfTwo))
    + x * VectorMath.exp(-0.5 * x * x) * normalDensityAtZero
}

@inline(__always)
private func tanhGated(_ x: SIMD8<Float>) -> SIMD8<Float> {
  0.5 * x * (1 + VectorMath.tanh(tanhScale * (x + 0.044715 * x * x * x)))
}

@inline(__always)
private func tanhGatedDerivative(_ x: SIMD8<Float>) -> SIMD8<Float> {
  let t = VectorMath.tanh(tanhScale * (x + 0.044715 * x * x * x))
  let inner = tanhScale * (1 + 3 * 0.044715 * x * x)
  return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * inner
}

/// The derivative of x σ(a x).
@inline(__always)
private func sigmoidProductDerivative(_ x: SIMD8<Float>, _ a: Float) -> SIMD8<Float> {
  let s = VectorMath.sigmoid(a * x)
  return s + a * x * s * (1 - s)
}
