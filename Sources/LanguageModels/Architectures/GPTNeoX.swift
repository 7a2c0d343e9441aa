/// GPT-NeoX (Black et al. 2022): every public Pythia model. As the files on the Hugging Face Hub have
/// it, or as transformers 5 writes it (`rope_parameters`, `dtype`, `lm_head.weight`).
package enum GPTNeoX: Architecture {
  package static let modelTypes = ["gpt_neox"]
  package static let classNames = ["GPTNeoXForCausalLM"]

  package static func configuration(_ fields: ConfigurationFields) throws -> ModelConfiguration {
    let hiddenSize = try fields.size("hidden_size")
    let heads = try fields.size("num_attention_heads")
    let context = try fields.size("max_position_embeddings")
    guard hiddenSize.isMultiple(of: heads) else {
      throw LanguageModelError.invalidField(
        "num_attention_heads", expected: "a divisor of hidden_size \(hiddenSize)",
        found: "\(heads)")
    }
    return self.configuration(
      hiddenSize: hiddenSize,
      layers: try fields.size("num_hidden_layers", atMost: ConfigurationFields.mostLayers),
      heads: heads, intermediateSize: try fields.size("intermediate_size"),
      vocabulary: try fields.size("vocab_size"), context: context,
      rotary: try fields.rotary(
        headSize: hiddenSize / heads, context: context, fraction: 0.25,
        fractionFields: ["rotary_pct"], baseFields: ["rotary_emb_base"]),
      layerNormEpsilon: try fields.number(["layer_norm_eps"], in: 0...1, default: 1e-5),
      usesParallelResidual: try fields.flag("use_parallel_residual", default: true),
      activation: try fields.activation(default: .gelu),
      hasAttentionBias: try fields.flag("attention_bias", default: true),
      tiesEmbeddings: try fields.flag("tie_word_embeddings", default: false))
  }

  /// A model of this architecture.
  package static func configuration(
    hiddenSize: Int, layers: Int, heads: Int, intermediateSize: Int, vocabulary: Int, context: Int,
    rotary: Rotary, layerNormEpsilon: Double = 1e-5, usesParallelResidual: Bool = true,
    activation: Activation = .gelu, hasAttentionBias: Bool = true, tiesEmbeddings: Bool = false
  ) -> ModelConfiguration {
    var configuration = ModelConfiguration(
      architecture: modelTypes[0], hiddenSize: hiddenSize, layers: layers, heads: heads,
      intermediateSize: intermediateSize, vocabulary: vocabulary, context: context,
      positions: .rotary(rotary), norm: .layer, normEpsilon: layerNormEpsilon,
      residual: usesParallelResidual ? .parallel : .sequential, activation: activation,
      hasQueryKeyValueBias: hasAttentionBias, hasOutputBias: hasAttentionBias, hasMLPBias: true,
      tiesEmbeddings: tiesEmbeddings)
    configuration.interleavesHeads = true
    return configuration
  }

  package static func layout(
    _ configuration: ModelConfiguration, contains: (String) -> Bool
  ) -> ParameterLayout {
    let (d, inner) = (configuration.hiddenSize, configuration.intermediateSize)
    func norm(_ name: String) -> ParameterLayout.NormNames {
      ParameterLayout.NormNames(scale: "\(name).weight", shift: "\(name).bias")
    }
    let own = contains("embed_out.weight") || !contains("lm_head.weight")
    return ParameterLayout(
      inputEmbedding: "gpt_neox.embed_in.weight",
      outputEmbedding: configuration.tiesEmbeddings
        ? nil : own ? "embed_out.weight" : "lm_head.weight",
      finalNorm: norm("gpt_neox.final_layer_norm"),
      blocks: (0..<configuration.layers).map { layer in
        let prefix = "gpt_neox.layers.\(layer)"
        let hasBias = configuration.hasQueryKeyValueBias
        return ParameterLayout.Block(
          attentionNorm: norm("\(prefix).input_layernorm"),
          mlpNorm: norm("\(prefix).post_attention_layernorm"),
          queryKeyValue: [
            .init(name: "\(prefix).attention.query_key_value.weight", rows: configuration.fusedSize)
          ],
          queryKeyValueBias: hasBias
            ? [
              .init(name: "\(prefix).attention.query_key_value.bias", rows: configuration.fusedSize)
            ] : [],
          output: .init(name: "\(prefix).attention.dense.weight", rows: d),
          outputBias: hasBias ? "\(prefix).attention.dense.bias" : nil,
          up: [.init(name: "\(prefix).mlp.dense_h_to_4h.weight", rows: inner)],
          upBias: [.init(name: "\(prefix).mlp.dense_h_to_4h.bias", rows: inner)],
          down: .init(name: "\(prefix).mlp.dense_4h_to_h.weight", rows: d),
          downBias: "\(prefix).mlp.dense_4h_to_h.bias")
      })
  }
}
