/// The Llama family (Touvron et al. 2023; SmolLM ships as it): root-mean-square norms, full rotary
/// embedding with its scalings, grouped queries, a gated MLP. With projections fused as Phi 3 stores
/// them (`qkv_proj`, `gate_up_proj`) as well.
package enum Llama: Architecture {
  package static let modelTypes = ["llama", "phi3"]
  package static let classNames = ["LlamaForCausalLM", "Phi3ForCausalLM"]

  package static func configuration(_ fields: ConfigurationFields) throws -> ModelConfiguration {
    let hasAttentionBias = try fields.flag("attention_bias", default: false)
    var configuration = try sharedConfiguration(fields, as: modelTypes[0], norm: .rootMeanSquare)
    configuration.normEpsilon = try fields.number(["rms_norm_eps"], in: 0...1, default: 1e-6)
    configuration.hasQueryKeyValueBias = hasAttentionBias
    configuration.hasOutputBias = hasAttentionBias
    configuration.hasMLPBias = try fields.flag("mlp_bias", default: false)
    return configuration
  }

  package static func layout(
    _ configuration: ModelConfiguration, contains: (String) -> Bool
  ) -> ParameterLayout {
    sharedLayout(configuration, contains: contains) { prefix in
      (
        .init(scale: "\(prefix).input_layernorm.weight"),
        .init(scale: "\(prefix).post_attention_layernorm.weight")
      )
    }
  }

  /// What models derived from Llama have in common with it.
  static func sharedConfiguration(
    _ fields: ConfigurationFields, as name: String, norm: ModelConfiguration.Norm
  ) throws -> ModelConfiguration {
    let hiddenSize = try fields.size("hidden_size")
    let heads = try fields.size("num_attention_heads")
    let context = try fields.size("max_position_embeddings")
    let headSize = try fields.headSize(hiddenSize: hiddenSize, heads: heads)
    try fields.requireFullAttention(context: context)
    var configuration = ModelConfiguration(
      architecture: name, hiddenSize: hiddenSize,
      layers: try fields.size("num_hidden_layers", atMost: ConfigurationFields.mostLayers),
      heads: heads, keyValueHeads: try fields.optionalSize("num_key_value_heads"),
      headSize: headSize, intermediateSize: try fields.size("intermediate_size"),
      vocabulary: try fields.size("vocab_size"), context: context,
      positions: .rotary(try fields.rotary(headSize: headSize, context: context)), norm: norm,
      normEpsilon: 1e-5, residual: .sequential, activation: try fields.activation(default: .silu),
      hasQueryKeyValueBias: false, hasOutputBias: false, hasMLPBias: false,
      tiesEmbeddings: try fields.flag("tie_word_embeddings", default: false))
    configuration.gatesMLP = true
    return configuration
  }

  static func sharedLayout(
    _ configuration: ModelConfiguration, contains: (String) -> Bool,
    norms: (String) -> (attention: ParameterLayout.NormNames, mlp: ParameterLayout.NormNames)
  ) -> ParameterLayout {
    ParameterLayout(
      inputEmbedding: "model.embed_tokens.weight",
      outputEmbedding: configuration.tiesEmbeddings ? nil : "lm_head.weight",
      finalNorm: .init(scale: configuration.norm == .plainLayer ? nil : "model.norm.weight"),
      blocks: (0..<configuration.layers).map { layer in
        let prefix = "model.layers.\(layer)"
        let (attentionNorm, mlpNorm) = norms(prefix)
        return block(configuration, prefix, attentionNorm, mlpNorm, contains: contains)
      })
  }

  private static func block(
    _ configuration: ModelConfiguration, _ prefix: String,
    _ attentionNorm: ParameterLayout.NormNames, _ mlpNorm: ParameterLayout.NormNames,
    contains: (String) -> Bool
  ) -> ParameterLayout.Block {
    let (d, inner) = (configuration.hiddenSize, configuration.intermediateSize)
    let keys = configuration.keyValueHeads * configuration.headSize
    let (attention, mlp) = ("\(prefix).self_attn", "\(prefix).mlp")
    let projections =
      contains("\(attention).qkv_proj.weight")
      ? [("\(attention).qkv_proj", configuration.fusedSize)]
      : [
        ("\(attention).q_proj", configuration.attentionSize), ("\(attention).k_proj", keys),
        ("\(attention).v_proj", keys),
      ]
    let expansions =
      contains("\(mlp).gate_up_proj.weight")
      ? [("\(mlp).gate_up_proj", 2 * inner)]
      : [("\(mlp).gate_proj", inner), ("\(mlp).up_proj", inner)]
    func parts(_ named: [(String, Int)], _ suffix: String) -> [ParameterLayout.Part] {
      named.map { ParameterLayout.Part(name: "\($0).\(suffix)", rows: $1) }
    }
    return ParameterLayout.Block(
      attentionNorm: attentionNorm, mlpNorm: mlpNorm,
      queryKeyValue: parts(projections, "weight"),
      queryKeyValueBias: configuration.hasQueryKeyValueBias ? parts(projections, "bias") : [],
      output: .init(name: "\(attention).o_proj.weight", rows: d),
      outputBias: configuration.hasOutputBias ? "\(attention).o_proj.bias" : nil,
      up: parts(expansions, "weight"),
      upBias: configuration.hasMLPBias ? parts(expansions, "bias") : [],
      down: .init(name: "\(mlp).down_proj.weight", rows: d),
      downBias: configuration.hasMLPBias ? "\(mlp).down_proj.bias" : nil)
  }
}
