import LanguageModels
import LinearAlgebra
import Testing

/// Two links: the double-precision reference's gradients are the slopes of its loss (central finite
/// differences), and the model's float32 gradients are the reference's.
@Suite("Gradients against finite differences and a double-precision GPT-NeoX")
struct GradientReferenceTests {
  /// A five-point stencil: its error falls with h⁴, so that h can be large enough for rounding.
  @Test(
    "The reference's gradients are the slopes of its loss, every element of every parameter",
    arguments: [
      smallest(parallel: true, .gelu), smallest(parallel: false, .gelu),
      smallest(parallel: true, .geluTanh), smallest(parallel: false, .silu, tied: true),
      smallest(parallel: true, .quickGELU, attentionBias: false), smallest(parallel: true, .tanh),
    ])
  func finiteDifferences(_ configuration: ModelConfiguration) throws {
    let tiny = TinyModel(configuration)
    let batch = tiny.batch(sequences: 2, length: 5)
    var reference = tiny.reference
    let gradients = reference.gradients(batch)
    #expect(gradients.count == (try tiny.model().parameters.count))
    let h = 2e-3
    for (name, gradient) in gradients {
      var (difference, norm) = (0.0, 0.0)
      for index in gradient.elements.indices {
        let value = reference[name].elements[index]
        let losses = [-2.0, -1, 1, 2].map { step in
          reference.weights[name]?.elements[index] = value + step * h
          return reference.loss(batch)
        }
        reference.weights[name]?.elements[index] = value
        let slope = (losses[0] - 8 * losses[1] + 8 * losses[2] - losses[3]) / (12 * h)
        difference += (slope - gradient.elements[index]) * (slope - gradient.elements[index])
        norm += slope * slope
      }
      #expect(difference.squareRoot() <= 1e-6 * norm.squareRoot(), "\(name)")
    }
  }

  @Test(
    "The model's gradients are the reference's, every parameter",
    arguments: ForwardReferenceTests.configurations)
  func agrees(_ configuration: ModelConfiguration) throws {
    let tiny = TinyModel(configuration)
    let batch = tiny.batch(sequences: 3, length: 9)
    let expected = tiny.reference.gradients(batch)
    let found = try collectGradients(tiny.model(), batch)
    #expect(abs(found.loss / tiny.reference.loss(batch) - 1) < 1e-6)
    #expect(Set(found.gradients.keys) == Set(expected.keys))
    for (name, gradient) in expected {
      let values = try #require(found.gradients[name])
      // float32 rounding; the norm of all stands in where cancellation leaves a gradient near 0.
      let error = relativeDistance(values, gradient.elements)
      #expect(error < 1e-5, "\(name): \(error)")
    }
  }

  @Test("Sequences longer than a block of queries", arguments: [127, 129, 300])
  func longSequences(length: Int) throws {
    let tiny = TinyModel(TinyModel.configuration(inner: 24))
    let batch = tiny.batch(sequences: 1, length: length)
    let expected = tiny.reference.gradients(batch)
    let found = try collectGradients(tiny.model(), batch)
    for (name, gradient) in expected {
      let values = try #require(found.gradients[name])
      #expect(relativeDistance(values, gradient.elements) < 1e-5, "\(name)")
    }
  }

  static func smallest(
    parallel: Bool, _ activation: Activation, attentionBias: Bool = true, tied: Bool = false
  ) -> ModelConfiguration {
    GPTNeoX.configuration(
      hiddenSize: 8, layers: 2, heads: 2, intermediateSize: 12, vocabulary: 11, context: 16,
      rotary: Rotary(dimensions: 2, base: 10_000), usesParallelResidual: parallel,
      activation: activation,
      hasAttentionBias: attentionBias, tiesEmbeddings: tied)
  }
}

/// All gradients of a pass and its loss.
func collectGradients(
  _ model: LanguageModel, _ batch: TokenBatch, of selection: GradientSelection = .all,
  lanes: Lanes = .single, activationMemory: Int = 2 << 30
) throws -> (loss: Double, gradients: [String: [Float]]) {
  var all: [String: [Float]] = [:]
  let result = try model.gradients(
    batch, of: selection, lanes: lanes, activationMemory: activationMemory
  ) { part in
    all.merge(part.gradients) { _, _ in preconditionFailure("a gradient came twice") }
  }
  return (result.loss, all)
}
