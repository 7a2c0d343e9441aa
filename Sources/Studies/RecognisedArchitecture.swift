import Tensors

/// Which kind of model a checkpoint holds, in the word that `config.json` calls `model_type`.
enum RecognisedArchitecture {
  /// From `config.json`, where it says so.
  static func name(configuration: JSONValue) -> String? {
    configuration["model_type"]?.string ?? configuration["architectures"]?.elements?.first?.string
  }

  /// From the names of tensors, as the published files of these models have them.
  static func name(tensors: [String]) -> String? {
    let marks: [(name: String, parts: [String])] = [
      ("gpt_neox", ["gpt_neox.layers.", ".attention.query_key_value.weight"]),
      ("gpt2", ["h.", ".attn.c_attn.weight"]),
      ("gpt_neo", ["transformer.h.", ".attn.attention.q_proj.weight"]),
      ("opt", ["decoder.layers.", ".self_attn.q_proj.weight"]),
      ("bloom", ["h.", ".self_attention.query_key_value.weight"]),
      ("bert", ["encoder.layer.", ".attention.self.query.weight"]),
      ("pico_decoder", ["layers.", ".attention.q_proj.weight", "swiglu"]),
      ("olmo2", ["layers.", ".post_feedforward_layernorm.weight", "post_attention"]),
      ("llama", ["model.layers.", ".self_attn.q_proj.weight"]),
    ]
    return marks.first { mark in
      mark.parts.allSatisfy { part in tensors.contains { $0.contains(part) } }
    }?.name
  }
}
