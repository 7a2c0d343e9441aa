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
  /// f(x) for each lane.
  @inline(__always)
  func value(_ x: SIMD8<Float>) -> SIMD8<Float> {
    switch self {
    case .gelu: 0.5 * x * (1 + VectorMath.erf(x * Float(0.5).squareRoot()))
    case .geluTanh: 0.5 * x * (1 + VectorMath.tanh(Self.tanhScale * (x + 0.044715 * x * x * x)))
    case .quickGELU: x * VectorMath.sigmoid(1.702 * x)
    case .silu: x * VectorMath.sigmoid(x)
    case .relu: x.replacing(with: 0, where: x .< 0)
    case .tanh: VectorMath.tanh(x)
    }
  }

  /// f'(x) for each lane.
  @inline(__always)
  func derivative(_ x: SIMD8<Float>) -> SIMD8<Float> {
    switch self {
    case .gelu:
      // Φ(x) + x φ(x)
      return 0.5 * (1 + VectorMath.erf(x * Float(0.5).squareRoot()))
        + x * VectorMath.exp(-0.5 * x * x) * Self.normalDensityAtZero
    case .geluTanh:
      let t = VectorMath.tanh(Self.tanhScale * (x + 0.044715 * x * x * x))
      let inner = Self.tanhScale * (1 + 3 * 0.044715 * x * x)
      return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * inner
    case .quickGELU:
      let s = VectorMath.sigmoid(1.702 * x)
      return s + 1.702 * x * s * (1 - s)
    case .silu:
      let s = VectorMath.sigmoid(x)
      return s + x * s * (1 - s)
    case .relu:
      return SIMD8<Float>(repeating: 1).replacing(with: 0, where: x .<= 0)
    case .tanh:
      let t = VectorMath.tanh(x)
      return 1 - t * t
    }
  }

  /// √(2/π).
  private static let tanhScale: Float = 0.797_884_560_802_865_4
  /// 1/√(2π).
  private static let normalDensityAtZero: Float = 0.398_942_280_401_432_7

  /// Writes f(x) for `count` elements; `output` may be `input`.
  func apply(
    _ input: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>, count: Int
  ) {
    // One loop a case, so that the choice is made once and not for each element.
    switch self {
    case .gelu: VectorMath.map(input, output, count) { Activation.gelu.value($0) }
    case .geluTanh: VectorMath.map(input, output, count) { Activation.geluTanh.value($0) }
    case .quickGELU: VectorMath.map(input, output, count) { Activation.quickGELU.value($0) }
    case .silu: VectorMath.map(input, output, count) { Activation.silu.value($0) }
    case .relu: VectorMath.map(input, output, count) { Activation.relu.value($0) }
    case .tanh: VectorMath.map(input, output, count) { Activation.tanh.value($0) }
    }
  }

  /// Multiplies `gradient` by f'(x) for `count` elements.
  func multiplyByDerivative(
    at input: UnsafePointer<Float>, _ gradient: UnsafeMutablePointer<Float>, count: Int
  ) {
    switch self {
    case .gelu: scale(input, gradient, count) { Activation.gelu.derivative($0) }
    case .geluTanh: scale(input, gradient, count) { Activation.geluTanh.derivative($0) }
    case .quickGELU: scale(input, gradient, count) { Activation.quickGELU.derivative($0) }
    case .silu: scale(input, gradient, count) { Activation.silu.derivative($0) }
    case .relu: scale(input, gradient, count) { Activation.relu.derivative($0) }
    case .tanh: scale(input, gradient, count) { Activation.tanh.derivative($0) }
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
