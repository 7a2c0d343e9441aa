import LinearAlgebra

/// The checkpoint keys of GPT-NeoX and the shapes that they must have.
package struct GPTNeoXParameters: Sendable {
  package struct Parameter: Sendable, Equatable {
    package let name: String
    package let shape: [Int]

    package var count: Int { shape.reduce(1, *) }
  }

  let configuration: GPTNeoXConfiguration
  /// `embed_out.weight`, or `lm_head.weight` as transformers 5 calls it.
  let outputEmbeddingName: String

  static let inputEmbedding = "gpt_neox.embed_in.weight"
  static let finalScale = "gpt_neox.final_layer_norm.weight"
  static let finalShift = "gpt_neox.final_layer_norm.bias"
  static let outputEmbedding = "embed_out.weight"
  static let renamedOutputEmbedding = "lm_head.weight"

  /// The key of one of a layer's parameters, such as `mlp.dense_4h_to_h.weight`.
  package static func key(layer: Int, _ suffix: String) -> String {
    "gpt_neox.layers.\(layer).\(suffix)"
  }

  /// Every parameter of the model, input embedding first.
  package var all: [Parameter] {
    [Parameter(name: Self.inputEmbedding, shape: embeddingShape)]
      + (0..<configuration.layers).flatMap(block)
      + [
        Parameter(name: Self.finalScale, shape: [configuration.hiddenSize]),
        Parameter(name: Self.finalShift, shape: [configuration.hiddenSize]),
      ]
      + (configuration.tiesEmbeddings
        ? [] : [Parameter(name: outputEmbeddingName, shape: embeddingShape)])
  }

  /// The parameters of one layer.
  func block(_ layer: Int) -> [Parameter] {
    let (d, inner) = (configuration.hiddenSize, configuration.intermediateSize)
    var parameters: [(String, [Int])] = [
      ("input_layernorm.weight", [d]), ("input_layernorm.bias", [d]),
      ("post_attention_layernorm.weight", [d]), ("post_attention_layernorm.bias", [d]),
      ("attention.query_key_value.weight", [3 * d, d]),
      ("attention.dense.weight", [d, d]),
      ("mlp.dense_h_to_4h.weight", [inner, d]), ("mlp.dense_h_to_4h.bias", [inner]),
      ("mlp.dense_4h_to_h.weight", [d, inner]), ("mlp.dense_4h_to_h.bias", [d]),
    ]
    if configuration.hasAttentionBias {
      parameters += [
        ("attention.query_key_value.bias", [3 * d]), ("attention.dense.bias", [d]),
      ]
    }
    return parameters.map { Parameter(name: Self.key(layer: layer, $0), shape: $1) }
  }

  private var embeddingShape: [Int] { [configuration.vocabulary, configuration.hiddenSize] }
}

/// One layer's weights in memory.
struct BlockWeights: Sendable {
  let attentionNorm: LayerNormalization
  let mlpNorm: LayerNormalization
  /// [3d, d], interleaved by head: rows h·3·d_h + {0, d_h, 2·d_h} … are query, key and value.
  let queryKeyValue: [Float]
  let queryKeyValueBias: [Float]
  /// W_O, [d, d].
  let dense: [Float]
  let denseBias: [Float]
  /// [4d, d].
  let up: [Float]
  let upBias: [Float]
  /// W_down, [d, 4d].
  let down: [Float]
  let downBias: [Float]
}

extension GPTNeoX {
  /// Reads tensor `name` and throws if there are too few elements or one is NaN or infinite.
  func read(_ name: String) throws -> [Float] {
    let elements = try source.floats(name)
    let shape = source.shape(of: name) ?? []
    guard elements.count == shape.reduce(1, *) else {
      throw LanguageModelError.shape(tensor: name, expected: shape, found: [elements.count])
    }
    guard VectorMath.allFinite(elements) else {
      throw LanguageModelError.nonFinite(
        tensor: name, count: elements.count(where: { !$0.isFinite }))
    }
    return elements
  }

  func readBlock(_ layer: Int) throws -> BlockWeights {
    func tensor(_ suffix: String) throws -> [Float] {
      try read(GPTNeoXParameters.key(layer: layer, suffix))
    }
    func bias(_ suffix: String, count: Int) throws -> [Float] {
      configuration.hasAttentionBias ? try tensor(suffix) : .init(repeating: 0, count: count)
    }
    let d = configuration.hiddenSize
    let epsilon = Float(configuration.layerNormEpsilon)
    return BlockWeights(
      attentionNorm: LayerNormalization(
        scale: try tensor("input_layernorm.weight"), shift: try tensor("input_layernorm.bias"),
        epsilon: epsilon),
      mlpNorm: LayerNormalization(
        scale: try tensor("post_attention_layernorm.weight"),
        shift: try tensor("post_attention_layernorm.bias"), epsilon: epsilon),
      queryKeyValue: try tensor("attention.query_key_value.weight"),
      queryKeyValueBias: try bias("attention.query_key_value.bias", count: 3 * d),
      dense: try tensor("attention.dense.weight"),
      denseBias: try bias("attention.dense.bias", count: d),
      up: try tensor("mlp.dense_h_to_4h.weight"), upBias: try tensor("mlp.dense_h_to_4h.bias"),
      down: try tensor("mlp.dense_4h_to_h.weight"),
      downBias: try tensor("mlp.dense_4h_to_h.bias"))
  }
}
