import Tensors
import Testing

@testable import LanguageModels

/// Every model of the Pythia suite as its config.json on the hub describes it, against the sizes that
/// its paper and its model cards print (Biderman et al. 2023, table 1; the deduplicated models are
/// built alike).
@Suite("All public Pythia configurations")
struct PythiaSuiteTests {
  struct Published: Sendable, CustomTestStringConvertible {
    let name: String
    let layers: Int
    let hiddenSize: Int
    let heads: Int
    /// Padded to a multiple of 128 times the number of devices that each was trained on.
    var vocabulary = 50_304
    let parameters: Int
    /// Without both embeddings.
    let withoutEmbeddings: Int
    /// Dimensions of a head that turn: a quarter.
    let rotary: Int

    var testDescription: String { name }

    var config: String {
      """
      {"architectures": ["GPTNeoXForCausalLM"], "bos_token_id": 0, "eos_token_id": 0,
       "hidden_act": "gelu", "hidden_size": \(hiddenSize), "initializer_range": 0.02,
       "intermediate_size": \(4 * hiddenSize), "layer_norm_eps": 1e-05,
       "max_position_embeddings": 2048, "model_type": "gpt_neox", "num_attention_heads": \(heads),
       "num_hidden_layers": \(layers), "rotary_emb_base": 10000, "rotary_pct": 0.25,
       "tie_word_embeddings": false, "torch_dtype": "float16", "transformers_version": "4.24.0",
       "use_cache": true, "use_parallel_residual": true, "vocab_size": \(vocabulary)}
      """
    }

    /// Names and shapes of its tensors on the hub.
    var shapes: [String: [Int]] {
      let d = hiddenSize
      var shapes = [
        "gpt_neox.embed_in.weight": [vocabulary, d], "embed_out.weight": [vocabulary, d],
        "gpt_neox.final_layer_norm.weight": [d], "gpt_neox.final_layer_norm.bias": [d],
      ]
      for layer in 0..<layers {
        let block = "gpt_neox.layers.\(layer)."
        for (name, rows, columns) in [
          ("attention.query_key_value", 3 * d, d), ("attention.dense", d, d),
          ("mlp.dense_h_to_4h", 4 * d, d), ("mlp.dense_4h_to_h", d, 4 * d),
        ] {
          shapes[block + name + ".weight"] = [rows, columns]
          shapes[block + name + ".bias"] = [rows]
        }
        for norm in ["input_layernorm", "post_attention_layernorm"] {
          shapes[block + norm + ".weight"] = [d]
          shapes[block + norm + ".bias"] = [d]
        }
      }
      return shapes
    }
  }

  static let suite = [
    Published(
      name: "14m", layers: 6, hiddenSize: 128, heads: 4, parameters: 14_067_712,
      withoutEmbeddings: 1_189_888, rotary: 8),
    Published(
      name: "31m", layers: 6, hiddenSize: 256, heads: 8, parameters: 30_494_720,
      withoutEmbeddings: 4_739_072, rotary: 8),
    Published(
      name: "70m", layers: 6, hiddenSize: 512, heads: 8, parameters: 70_426_624,
      withoutEmbeddings: 18_915_328, rotary: 16),
    Published(
      name: "160m", layers: 12, hiddenSize: 768, heads: 12, parameters: 162_322_944,
      withoutEmbeddings: 85_056_000, rotary: 16),
    Published(
      name: "410m", layers: 24, hiddenSize: 1024, heads: 16, parameters: 405_334_016,
      withoutEmbeddings: 302_311_424, rotary: 16),
    Published(
      name: "1b", layers: 16, hiddenSize: 2048, heads: 8, parameters: 1_011_781_632,
      withoutEmbeddings: 805_736_448, rotary: 64),
    Published(
      name: "1.4b", layers: 24, hiddenSize: 2048, heads: 16, parameters: 1_414_647_808,
      withoutEmbeddings: 1_208_602_624, rotary: 32),
    Published(
      name: "2.8b", layers: 32, hiddenSize: 2560, heads: 32, parameters: 2_775_208_960,
      withoutEmbeddings: 2_517_652_480, rotary: 20),
    Published(
      name: "6.9b", layers: 32, hiddenSize: 4096, heads: 32, vocabulary: 50_432,
      parameters: 6_857_302_016, withoutEmbeddings: 6_444_163_072, rotary: 32),
    Published(
      name: "12b", layers: 36, hiddenSize: 5120, heads: 40, vocabulary: 50_688,
      parameters: 11_846_072_320, withoutEmbeddings: 11_327_027_200, rotary: 32),
  ]

  private struct Shapes: WeightSource {
    let shapes: [String: [Int]]
    func shape(of name: String) -> [Int]? { shapes[name] }
    func floats(_ name: String) throws -> [Float] { throw LanguageModelError.missingTensor(name) }
  }

  @Test(arguments: suite)
  func theModelIsThePublishedOne(_ published: Published) throws {
    let configuration = try ModelConfiguration(
      config: JSONReader.read(Array(published.config.utf8)))
    #expect(configuration.layers == published.layers)
    #expect(configuration.headSize == published.hiddenSize / published.heads)
    #expect(configuration.rotary.dimensions == published.rotary)
    #expect(configuration.rotary.base == 10_000)
    #expect(configuration.activation == .gelu && configuration.residual == .parallel)
    #expect(configuration.hasQueryKeyValueBias && !configuration.tiesEmbeddings)
    #expect(configuration.context == 2048 && configuration.normEpsilon == 1e-5)

    let model = try LanguageModel(
      configuration: configuration, source: Shapes(shapes: published.shapes))
    #expect(model.parameters.map(\.name).sorted() == published.shapes.keys.sorted())
    #expect(model.parameterCount == published.parameters)
    let embeddings = model.parameters.filter { $0.name.contains("embed") }
    #expect(
      model.parameterCount - embeddings.reduce(0) { $0 + $1.count } == published.withoutEmbeddings)
    // One dimension too many in one layer is noticed before anything is read.
    var wrong = published.shapes
    wrong["gpt_neox.layers.\(published.layers - 1).mlp.dense_4h_to_h.weight"]?[1] += 1
    #expect(throws: LanguageModelError.self) {
      try LanguageModel(configuration: configuration, source: Shapes(shapes: wrong))
    }
  }
}
