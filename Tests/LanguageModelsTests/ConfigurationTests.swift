import LanguageModels
import Tensors
import Testing

@Suite("config.json in its two forms")
struct ConfigurationTests {
  static let hub: [String: String] = [
    "model_type": "\"gpt_neox\"", "hidden_size": "64", "num_hidden_layers": "4",
    "num_attention_heads": "4", "intermediate_size": "256", "vocab_size": "1024",
    "max_position_embeddings": "256", "rotary_pct": "0.25", "rotary_emb_base": "10000",
    "hidden_act": "\"gelu\"", "layer_norm_eps": "1e-05", "use_parallel_residual": "true",
    "tie_word_embeddings": "false", "torch_dtype": "\"float16\"",
  ]

  static func read(_ changes: [String: String?]) throws -> ModelConfiguration {
    var fields = hub
    for (name, value) in changes { fields[name] = value }
    let text = "{" + fields.map { "\"\($0)\": \($1)" }.joined(separator: ",") + "}"
    return try ModelConfiguration(config: JSONReader.read(Array(text.utf8)))
  }

  @Test("The Hub's form and transformers 5's give the same model")
  func twoForms() throws {
    let expected = GPTNeoX.configuration(
      hiddenSize: 64, layers: 4, heads: 4, intermediateSize: 256, vocabulary: 1024, context: 256,
      rotary: Rotary(dimensions: 4, base: 10_000))
    #expect(try Self.read([:]) == expected)
    let modern = """
      {"partial_rotary_factor": 0.5, "rope_theta": 20000, "rope_type": "default"}
      """
    let found = try Self.read([
      "rotary_pct": nil, "rotary_emb_base": nil, "torch_dtype": nil, "dtype": "\"bfloat16\"",
      "rope_parameters": modern, "attention_bias": "true",
    ])
    #expect(found.rotary.dimensions == found.headSize / 2)
    #expect(found.rotary.base == 20_000)
    for step in [0, 3000] {
      let file = ReferenceData.fixture + "/step\(step)/config.json"
      #expect(try ModelConfiguration(config: ReferenceData.json(file)) == expected)
    }
  }

  @Test("What the library gives a default may be missing")
  func defaults() throws {
    let found = try Self.read([
      "rotary_pct": nil, "rotary_emb_base": nil, "hidden_act": nil, "layer_norm_eps": nil,
      "use_parallel_residual": nil, "tie_word_embeddings": nil, "rope_scaling": "null",
    ])
    #expect(found == (try Self.read([:])))
  }

  @Test("What differs from the default is read")
  func variants() throws {
    let found = try Self.read([
      "use_parallel_residual": "false", "attention_bias": "false", "tie_word_embeddings": "true",
      "hidden_act": "\"silu\"", "layer_norm_eps": "0.001",
    ])
    #expect(found.residual == .sequential && !found.hasQueryKeyValueBias && found.tiesEmbeddings)
    #expect(found.activation == .silu && found.normEpsilon == 0.001)
  }

  @Test(
    "A field that stops it is named",
    arguments: [
      ("hidden_size", nil), ("hidden_size", "64.0"), ("hidden_size", "-64"),
      ("vocab_size", "99999999999999999999"), ("num_hidden_layers", "0"),
      ("num_hidden_layers", "1048576"), ("num_hidden_layers", "4097"),
      ("max_position_embeddings", "2097152"),
      ("intermediate_size", "\"256\""), ("num_attention_heads", "5"), ("rotary_pct", "1.5"),
      ("rotary_pct", "0.2"), ("rotary_emb_base", "0"), ("layer_norm_eps", "-1"),
      ("use_parallel_residual", "1"), ("hidden_act", "3"), ("model_type", nil),
    ] as [(String, String?)])
  func invalid(field: String, value: String?) {
    #expect {
      try Self.read([field: value])
    } throws: { error in
      guard case .invalidField(let named, _, _) = error as? LanguageModelError else { return false }
      return named == field
    }
  }

  @Test(
    "What is not supported is named with its value",
    arguments: [
      ("model_type", "\"mamba\"", "model_type"), ("hidden_act", "\"gelu_10\"", "hidden_act"),
      ("rope_parameters", "{\"rope_type\": \"longrope\"}", "rope_parameters.rope_type"),
      ("rope_scaling", "{\"type\": \"su\", \"factor\": 2}", "rope_scaling.type"),
      ("quantization_config", "{\"bits\": 4}", "quantization_config"),
    ])
  func unsupported(field: String, value: String, named: String) {
    #expect {
      try Self.read([field: value])
    } throws: { error in
      guard case .unsupported(let found, _, _) = error as? LanguageModelError else { return false }
      return found == named
    }
  }

  @Test("A file that holds no object", arguments: ["[]", "3", "null"])
  func noObject(_ text: String) {
    #expect(throws: LanguageModelError.self) {
      try ModelConfiguration(config: JSONReader.read(Array(text.utf8)))
    }
  }
}
