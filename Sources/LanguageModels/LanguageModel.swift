import LinearAlgebra

/// A decoder-only language model over a source of weights, run layer by layer on the CPU in float32.
///
/// Weights are read one layer at a time; a pass keeps the residual stream of the whole batch,
/// n · L · d floats, and the inner activations of one micro-batch.
package struct LanguageModel: Sendable {
  package let configuration: ModelConfiguration
  /// Where the parameters stand.
  package let layout: ParameterLayout
  let source: any WeightSource
  /// Tokens that pass through a block together: enough to keep the products busy, few enough that
  /// their inner activations stay near 256 MB. A function of the model's shape alone, so that
  /// results do not depend on the machine; a test may set another.
  var microBatchTokens: Int

  /// A model over `source`, its parameters named as its architecture names them, after every one was
  /// found there with its shape. Reads no data.
  package init(configuration: ModelConfiguration, source: any WeightSource) throws {
    guard let architecture = ArchitectureRegistry.architecture(named: configuration.architecture)
    else {
      throw LanguageModelError.unsupported(
        field: "model_type", value: configuration.architecture,
        supported: ArchitectureRegistry.all.map { $0.modelTypes[0] }.joined(separator: ", "))
    }
    try self.init(
      configuration: configuration,
      layout: architecture.layout(configuration) { source.shape(of: $0) != nil }, source: source)
  }

  /// A model whose parameters stand in `source` as `layout` says.
  package init(
    configuration: ModelConfiguration, layout: ParameterLayout, source: any WeightSource
  ) throws {
    self.configuration = configuration
    self.layout = layout
    self.source = source
    let floatsPerToken =
      configuration.fusedSize + configuration.attentionSize + 2 * configuration.hiddenSize
      + configuration.expandedSize + configuration.intermediateSize
    microBatchTokens = min(4096, max(256, (64 << 20) / floatsPerToken))
    for parameter in parameters {
      guard let found = source.shape(of: parameter.name) else {
        throw LanguageModelError.missingTensor(parameter.name)
      }
      guard found == parameter.shape else {
        throw LanguageModelError.shape(
          tensor: parameter.name, expected: parameter.shape, found: found)
      }
    }
  }

  /// Every parameter of the model, input embedding first.
  package var parameters: [ParameterLayout.Parameter] { layout.parameters(configuration) }

  /// Elements of all parameters, embeddings included.
  package var parameterCount: Int { parameters.reduce(0) { $0 + $1.count } }

  /// The tensors of one layer's analysed matrices (METHODS section 2).
  package func analysedTensors(layer: Int) -> [String] { layout.blocks[layer].analysed }

  /// Sequences of `length` that pass through a block together.
  func microBatch(length: Int) -> Int { max(1, microBatchTokens / length) }

  var outputEmbedding: String { layout.outputEmbedding ?? layout.inputEmbedding }

  /// The turning of queries and keys; `nil` where positions are learned.
  func rotary(length: Int) -> RotaryEmbedding? {
    guard case .rotary(let rotary) = configuration.positions else { return nil }
    return RotaryEmbedding(rotary, length: length)
  }

  func finalNorm() throws -> LayerNormalization {
    try norm(layout.finalNorm, width: configuration.hiddenSize)
  }

  /// A norm with its parameters, 1 and 0 for those that it does not have.
  func norm(_ names: ParameterLayout.NormNames, width: Int) throws -> LayerNormalization {
    LayerNormalization(
      scale: try names.scale.map(read) ?? .init(repeating: 1, count: width),
      shift: try names.shift.map(read) ?? .init(repeating: 0, count: width),
      epsilon: Float(configuration.normEpsilon),
      isCentred: configuration.norm != .rootMeanSquare)
  }
}
