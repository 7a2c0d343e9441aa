import LinearAlgebra

@testable import LanguageModels

/// SplitMix64 (Steele et al. 2014), so that random models are the same everywhere.
struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// Threads come from `Lanes` alone; a pool inside BLAS would fight with the tests' own threads.
enum SingleThreadedBLAS {
  private static let once: Void = BLASThreads.set(1)

  static func require() { once }
}

/// Random models small enough for slow formulas, and batches for them.
struct TinyModel {
  let configuration: ModelConfiguration
  let weights: InMemoryWeights

  /// Weights uniform with a deviation that lets every non-linearity bend; norms around 1.
  init(_ configuration: ModelConfiguration, seed: UInt64 = 1) {
    var generator = SplitMix64(seed: seed)
    var tensors: [String: (shape: [Int], elements: [Float])] = [:]
    let layout = GPTNeoX.layout(configuration) { _ in false }
    for parameter in layout.parameters(configuration) {
      let isScale = parameter.name.contains("norm") && parameter.name.hasSuffix("weight")
      let elements = (0..<parameter.count).map { _ in
        Float.random(in: -0.6...0.6, using: &generator) + (isScale ? 1 : 0)
      }
      tensors[parameter.name] = (parameter.shape, elements)
    }
    self.configuration = configuration
    weights = InMemoryWeights(tensors)
  }

  func model() throws -> LanguageModel {
    SingleThreadedBLAS.require()
    return try LanguageModel(configuration: configuration, source: weights)
  }

  var reference: ReferenceNeoX { ReferenceNeoX(configuration: configuration, weights: weights) }

  func batch(sequences: Int, length: Int, seed: UInt64 = 7) -> TokenBatch {
    var generator = SplitMix64(seed: seed)
    return TokenBatch(
      sequences: sequences, length: length,
      tokens: (0..<sequences * length).map { _ in
        Int.random(in: 0..<configuration.vocabulary, using: &generator)
      })
  }

  /// d 24, 3 heads of 8, 2 layers: nothing is a power of two, a head is one vector wide.
  static func configuration(
    parallel: Bool = true, activation: Activation = .gelu, attentionBias: Bool = true,
    tied: Bool = false, rotaryFraction: Double = 0.5, inner: Int = 52
  ) -> ModelConfiguration {
    GPTNeoX.configuration(
      hiddenSize: 24, layers: 2, heads: 3, intermediateSize: inner, vocabulary: 37, context: 300,
      rotary: Rotary(dimensions: Int(8 * rotaryFraction), base: 10_000),
      usesParallelResidual: parallel, activation: activation,
      hasAttentionBias: attentionBias, tiesEmbeddings: tied)
  }
}

/// ‖a - b‖ / ‖b‖ (Frobenius).
func relativeDistance(_ a: [Float], _ b: [Double]) -> Double {
  precondition(a.count == b.count, "\(a.count) against \(b.count) elements")
  var (difference, norm) = (0.0, 0.0)
  for (x, y) in zip(a, b) {
    difference += (Double(x) - y) * (Double(x) - y)
    norm += y * y
  }
  return norm == 0 ? difference.squareRoot() : (difference / norm).squareRoot()
}

/// The largest |a - b|.
func largestDifference(_ a: some Sequence<Float>, _ b: some Sequence<Double>) -> Double {
  zip(a, b).reduce(0) { max($0, abs(Double($1.0) - $1.1)) }
}

extension GPTNeoX {
  /// The key of one of a layer's parameters, such as `mlp.dense_4h_to_h.weight`.
  static func key(layer: Int, _ suffix: String) -> String { "gpt_neox.layers.\(layer).\(suffix)" }
}

extension ModelConfiguration {
  var rotary: Rotary {
    guard case .rotary(let rotary) = positions else { preconditionFailure("learned positions") }
    return rotary
  }
}
