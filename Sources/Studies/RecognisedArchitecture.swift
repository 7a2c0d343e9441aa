import Tensors

/// Which kind of model a checkpoint holds, in the word that `config.json` calls `model_type`.
enum RecognisedArchitecture {
  /// From `config.json`, where it says so.
  static func name(configuration: JSONValue) -> String? {
    configuration["model_type"]?.string ?? configuration["architectures"]?.elements?.first?.string
  }

  /// From the names of tensors, as the published files of these models have them.
  static func name(tensors: some Sequence<String>) -> String? {
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
    // One pass: there may be a million names, each read out of a header.
    var absent = marks.flatMap(\.parts)
    for name in tensors {
      absent.removeAll { contains(name, $0) }
      if absent.isEmpty { break }
    }
    return marks.first { mark in !mark.parts.contains { absent.contains($0) } }?.name
  }

  /// Whether `part`, which is ASCII, stands in `name`; a tenth of the time of comparing characters.
  private static func contains(_ name: String, _ part: String) -> Bool {
    var (name, part) = (name, part)
    return name.withUTF8 { name in
      part.withUTF8 { part in
        guard name.count >= part.count else { return false }
        return (0...name.count - part.count).contains { start in
          part.indices.allSatisfy { name[start + $0] == part[$0] }
        }
      }
    }
  }
}
