import LinearAlgebra

/// A GPT-NeoX language model over a source of weights, run layer by layer on the CPU in float32.
///
/// Weights are read one layer at a time; a pass keeps the residual stream of the whole batch,
/// n · L · d floats, and the inner activations of one micro-batch.
package struct GPTNeoX: Sendable {
  package let configuration: GPTNeoXConfiguration
  package let parameters: GPTNeoXParameters
  let source: any WeightSource
  /// Tokens that pass through a block together: enough to keep the products busy, few enough that
  /// their inner activations stay near 256 MB. A function of the model's shape alone, so that
  /// results do not depend on the machine; a test may set another.
  var microBatchTokens: Int

  /// A model over `source`, after every parameter was found there with its shape. Reads no data.
  package init(configuration: GPTNeoXConfiguration, source: any WeightSource) throws {
    self.configuration = configuration
    self.source = source
    let floatsPerToken = 6 * configuration.hiddenSize + 2 * configuration.intermediateSize
    microBatchTokens = min(4096, max(256, (64 << 20) / floatsPerToken))
    let renamed = GPTNeoXParameters.renamedOutputEmbedding
    let standard = GPTNeoXParameters.outputEmbedding
    parameters = GPTNeoXParameters(
      configuration: configuration,
      outputEmbeddingName: source.shape(of: standard) == nil && source.shape(of: renamed) != nil
        ? renamed : standard)
    for parameter in parameters.all {
      guard let found = source.shape(of: parameter.name) else {
        throw LanguageModelError.missingTensor(parameter.name)
      }
      guard found == parameter.shape else {
        throw LanguageModelError.shape(
          tensor: parameter.name, expected: parameter.shape, found: found)
      }
    }
  }

  /// Elements of all parameters, embeddings included.
  package var parameterCount: Int { parameters.all.reduce(0) { $0 + $1.count } }

  /// Sequences of `length` that pass through a block together.
  func microBatch(length: Int) -> Int { max(1, microBatchTokens / length) }

  var outputEmbedding: String {
    configuration.tiesEmbeddings
      ? GPTNeoXParameters.inputEmbedding : parameters.outputEmbeddingName
  }

  func rotary(length: Int) -> RotaryEmbedding {
    RotaryEmbedding(
      dimensions: configuration.rotaryDimensions, base: configuration.rotaryBase, length: length)
  }

  func finalNorm() throws -> LayerNormalization {
    LayerNormalization(
      scale: try read(GPTNeoXParameters.finalScale), shift: try read(GPTNeoXParameters.finalShift),
      epsilon: Float(configuration.layerNormEpsilon))
  }
}
