import Testing

@testable import LanguageModels

@Suite("Activations against the C library in double precision")
struct ActivationTests {
  /// Dense where the functions bend, and far out where they saturate.
  static let points: [Float] =
    (-4000...4000).map { Float($0) / 400 } + [-1e30, -3e4, -300, -88.5, -20, 20, 88.5, 300, 3e4]

  @Test("f(x) within 2e-6 of max(1, |x|)", arguments: Activation.allCases)
  func values(_ activation: Activation) {
    var found = [Float](repeating: 0, count: Self.points.count)
    activation.apply(Self.points, &found, count: found.count)
    for (x, y) in zip(Self.points, found) {
      let error = abs(Double(y) - activation.referenceValue(Double(x)))
      #expect(error <= 2e-6 * max(1, abs(Double(x))), "\(activation) at \(x): \(y)")
    }
  }

  @Test("f'(x) within 5e-6", arguments: Activation.allCases)
  func derivatives(_ activation: Activation) {
    let moderate = Self.points.filter { abs($0) <= 3e4 }
    var found = [Float](repeating: 2, count: moderate.count)
    activation.multiplyByDerivative(at: moderate, &found, count: found.count)
    for (x, y) in zip(moderate, found) {
      let error = abs(Double(y) / 2 - activation.referenceDerivative(Double(x)))
      #expect(error <= 5e-6, "\(activation) at \(x): \(y)")
    }
  }

  @Test("The reference's derivatives are its slopes", arguments: Activation.allCases)
  func slopes(_ activation: Activation) {
    for x in stride(from: -6.05, through: 6, by: 0.1) {
      let slope =
        (activation.referenceValue(x + 1e-5) - activation.referenceValue(x - 1e-5)) / 2e-5
      #expect(abs(slope - activation.referenceDerivative(x)) < 1e-8, "\(activation) at \(x)")
    }
  }

  @Test("Elements left over by whole vectors get the same value")
  func remainder() {
    for activation in Activation.allCases {
      let input = (0..<13).map { Float($0) / 3 - 2 }
      var output = [Float](repeating: 0, count: 13)
      activation.apply(input, &output, count: 13)
      for (x, y) in zip(input, output) {
        var padded = [Float](repeating: x, count: 8)
        activation.apply(padded, &padded, count: 8)
        #expect(padded[0] == y)
      }
    }
  }

  @Test(
    "Names of transformers",
    arguments: [
      ("gelu", Activation.gelu), ("gelu_new", .geluTanh), ("gelu_fast", .geluTanh),
      ("gelu_pytorch_tanh", .geluTanh), ("quick_gelu", .quickGELU), ("silu", .silu),
      ("swish", .silu), ("relu", .relu), ("tanh", .tanh),
    ])
  func names(_ name: String, _ activation: Activation) {
    #expect(Activation(hiddenAct: name) == activation)
  }

  @Test("An unknown name is no activation")
  func unknownName() { #expect(Activation(hiddenAct: "gelu_10") == nil) }
}
