/// OLMo 2 (OLMo Team 2025): Llama with the norms behind attention and MLP instead of before them, and
/// norms over all queries and all keys of a position.
package enum OLMo2: Architecture {
  package static let modelTypes = ["olmo2"]
  package static let classNames = ["Olmo2ForCausalLM"]

  package static func configuration(_ fields: ConfigurationFields) throws -> ModelConfiguration {
    var configuration = try Llama.sharedConfiguration(
      fields, as: modelTypes[0], norm: .rootMeanSquare)
    configuration.normEpsilon = try fields.number(["rms_norm_eps"], in: 0...1, default: 1e-5)
    configuration.residual = .normAfter
    configuration.normalisesQueriesAndKeys = true
    let hasBias = try fields.flag("attention_bias", default: false)
    configuration.hasQueryKeyValueBias = hasBias
    configuration.hasOutputBias = hasBias
    return configuration
  }

  package static func layout(
    _ configuration: ModelConfiguration, contains: (String) -> Bool
  ) -> ParameterLayout {
    var layout = Llama.sharedLayout(configuration, contains: contains) { prefix in
      (
        .init(scale: "\(prefix).post_attention_layernorm.weight"),
        .init(scale: "\(prefix).post_feedforward_layernorm.weight")
      )
    }
    for layer in layout.blocks.indices {
      let attention = "model.layers.\(layer).self_attn"
      layout.blocks[layer].queryNorm = "\(attention).q_norm.weight"
      layout.blocks[layer].keyNorm = "\(attention).k_norm.weight"
    }
    return layout
  }
}
