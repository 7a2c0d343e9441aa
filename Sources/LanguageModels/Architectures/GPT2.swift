/// GPT-2 (Radford et al. 2019): learned positions, layer norms, matrices stored as [inputs, outputs]
/// (Conv1D), tied embeddings. Files of the original export have no `transformer.` before the names.
package enum GPT2: Architecture {
  package static let modelTypes = ["gpt2"]
  package static let classNames = ["GPT2LMHeadModel"]

  package static func configuration(_ fields: ConfigurationFields) throws -> ModelConfiguration {
    let hiddenSize = try fields.size("n_embd")
    let heads = try fields.size("n_head")
    guard hiddenSize.isMultiple(of: heads) else {
      throw LanguageModelError.invalidField(
        "n_head", expected: "a divisor of n_embd \(hiddenSize)", found: "\(heads)")
    }
    try fields.require("scale_attn_weights", true)
    try fields.require("scale_attn_by_inverse_layer_idx", false)
    try fields.require("add_cross_attention", false)
    return ModelConfiguration(
      architecture: modelTypes[0], hiddenSize: hiddenSize,
      layers: try fields.size("n_layer", atMost: ConfigurationFields.mostLayers), heads: heads,
      intermediateSize: try fields.optionalSize("n_inner") ?? 4 * hiddenSize,
      vocabulary: try fields.size("vocab_size"),
      context: try fields.optionalSize("n_positions") ?? fields.size("n_ctx"),
      positions: .learned, norm: .layer,
      normEpsilon: try fields.number(["layer_norm_epsilon"], in: 0...1, default: 1e-5),
      residual: .sequential,
      activation: try fields.activation("activation_function", default: .geluTanh),
      hasQueryKeyValueBias: true, hasOutputBias: true, hasMLPBias: true,
      tiesEmbeddings: try fields.flag("tie_word_embeddings", default: true))
  }

  package static func layout(
    _ configuration: ModelConfiguration, contains: (String) -> Bool
  ) -> ParameterLayout {
    let root = contains("wte.weight") ? "" : "transformer."
    let (d, inner) = (configuration.hiddenSize, configuration.intermediateSize)
    func norm(_ name: String) -> ParameterLayout.NormNames {
      ParameterLayout.NormNames(scale: "\(name).weight", shift: "\(name).bias")
    }
    func matrix(_ name: String, rows: Int) -> ParameterLayout.Part {
      ParameterLayout.Part(name: "\(name).weight", rows: rows, isTransposed: true)
    }
    return ParameterLayout(
      inputEmbedding: "\(root)wte.weight", positionEmbedding: "\(root)wpe.weight",
      outputEmbedding: configuration.tiesEmbeddings ? nil : "lm_head.weight",
      finalNorm: norm("\(root)ln_f"),
      blocks: (0..<configuration.layers).map { layer in
        let prefix = "\(root)h.\(layer)"
        return ParameterLayout.Block(
          attentionNorm: norm("\(prefix).ln_1"), mlpNorm: norm("\(prefix).ln_2"),
          queryKeyValue: [matrix("\(prefix).attn.c_attn", rows: 3 * d)],
          queryKeyValueBias: [.init(name: "\(prefix).attn.c_attn.bias", rows: 3 * d)],
          output: matrix("\(prefix).attn.c_proj", rows: d),
          outputBias: "\(prefix).attn.c_proj.bias",
          up: [matrix("\(prefix).mlp.c_fc", rows: inner)],
          upBias: [.init(name: "\(prefix).mlp.c_fc.bias", rows: inner)],
          down: matrix("\(prefix).mlp.c_proj", rows: d), downBias: "\(prefix).mlp.c_proj.bias")
      })
  }
}
