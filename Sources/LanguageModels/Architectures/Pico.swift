/// The models of pico-train (Diehl Martinez et al. 2025): Llama's parts under names of their own, with
/// rotary embedding that pairs neighbouring features. Files of the Hugging Face class have
/// `pico_decoder.` before the names.
package enum Pico: Architecture {
  package static let modelTypes = ["pico_decoder"]
  package static let classNames = ["PicoDecoderHF"]

  package static func configuration(_ fields: ConfigurationFields) throws -> ModelConfiguration {
    let hiddenSize = try fields.size("d_model")
    let heads = try fields.size("attention_n_heads")
    guard hiddenSize.isMultiple(of: 2 * heads) else {
      throw LanguageModelError.invalidField(
        "attention_n_heads",
        expected: "heads of an even number of d_model's \(hiddenSize) features",
        found: "\(heads)")
    }
    let base = try fields.number(["position_emb_theta"], in: 1...1e30, default: 10_000)
    var configuration = ModelConfiguration(
      architecture: modelTypes[0], hiddenSize: hiddenSize,
      layers: try fields.size("n_layers", atMost: ConfigurationFields.mostLayers), heads: heads,
      keyValueHeads: try fields.size("attention_n_kv_heads"),
      intermediateSize: try fields.size("activation_hidden_dim"),
      vocabulary: try fields.size("vocab_size"), context: try fields.size("max_seq_len"),
      positions: .rotary(
        Rotary(dimensions: hiddenSize / heads, base: base, pairsNeighbours: true)),
      norm: .rootMeanSquare, normEpsilon: try fields.number(["norm_eps"], in: 0...1, default: 1e-6),
      residual: .sequential, activation: .silu, hasQueryKeyValueBias: false, hasOutputBias: false,
      hasMLPBias: false, tiesEmbeddings: false)
    configuration.gatesMLP = true
    return configuration
  }

  package static func layout(
    _ configuration: ModelConfiguration, contains: (String) -> Bool
  ) -> ParameterLayout {
    let root = contains("embedding_proj.weight") ? "" : "pico_decoder."
    let (d, inner) = (configuration.hiddenSize, configuration.intermediateSize)
    let keys = configuration.keyValueHeads * configuration.headSize
    return ParameterLayout(
      inputEmbedding: "\(root)embedding_proj.weight",
      outputEmbedding: "\(root)de_embedding_proj.weight",
      finalNorm: .init(scale: "\(root)output_norm.weight"),
      blocks: (0..<configuration.layers).map { layer in
        let prefix = "\(root)layers.\(layer)"
        return ParameterLayout.Block(
          attentionNorm: .init(scale: "\(prefix).attention_norm.weight"),
          mlpNorm: .init(scale: "\(prefix).swiglu_norm.weight"),
          queryKeyValue: [
            .init(name: "\(prefix).attention.q_proj.weight", rows: configuration.attentionSize),
            .init(name: "\(prefix).attention.k_proj.weight", rows: keys),
            .init(name: "\(prefix).attention.v_proj.weight", rows: keys),
          ],
          output: .init(name: "\(prefix).attention.o_proj.weight", rows: d),
          up: [
            .init(name: "\(prefix).swiglu.w_0.weight", rows: inner),
            .init(name: "\(prefix).swiglu.w_1.weight", rows: inner),
          ],
          down: .init(name: "\(prefix).swiglu.w_2.weight", rows: d))
      })
  }
}
