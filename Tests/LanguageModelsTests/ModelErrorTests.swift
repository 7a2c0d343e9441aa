import LanguageModels
import Testing

@Suite("What a model refuses, by name")
struct ModelErrorTests {
  let tiny = TinyModel(TinyModel.configuration())

  @Test("A missing tensor")
  func missing() {
    var weights = tiny.weights
    weights.tensors["gpt_neox.layers.1.mlp.dense_4h_to_h.bias"] = nil
    #expect(throws: LanguageModelError.missingTensor("gpt_neox.layers.1.mlp.dense_4h_to_h.bias")) {
      try LanguageModel(configuration: tiny.configuration, source: weights)
    }
  }

  @Test("A tensor of another shape")
  func shape() {
    var weights = tiny.weights
    weights.tensors["embed_out.weight"] = ([37, 23], .init(repeating: 0, count: 37 * 23))
    #expect(
      throws: LanguageModelError.shape(
        tensor: "embed_out.weight", expected: [37, 24], found: [37, 23])
    ) { try LanguageModel(configuration: tiny.configuration, source: weights) }
  }

  @Test("A source that gives fewer elements than its shape says")
  func shortTensor() throws {
    var weights = tiny.weights
    weights.tensors["gpt_neox.final_layer_norm.weight"] = ([24], [1, 2, 3])
    let model = try LanguageModel(configuration: tiny.configuration, source: weights)
    #expect(
      throws: LanguageModelError.shape(
        tensor: "gpt_neox.final_layer_norm.weight", expected: [24], found: [3])
    ) { try model.forward(tiny.batch(sequences: 1, length: 4)) }
  }

  @Test("Weights that are not finite", arguments: [Float.nan, .infinity, -.infinity])
  func nonFinite(_ value: Float) throws {
    let name = "gpt_neox.layers.1.attention.query_key_value.weight"
    var weights = tiny.weights
    weights.tensors[name]?.elements[5] = value
    weights.tensors[name]?.elements[9] = value
    let model = try LanguageModel(configuration: tiny.configuration, source: weights)
    #expect(throws: LanguageModelError.nonFinite(tensor: name, count: 2)) {
      try model.forward(tiny.batch(sequences: 1, length: 4))
    }
  }

  @Test("Activations that overflow name their layer and hook point")
  func overflow() throws {
    let name = "gpt_neox.layers.1.mlp.dense_4h_to_h.weight"
    var weights = tiny.weights
    weights.tensors[name]?.elements = .init(repeating: 3e38, count: 24 * 52)
    let model = try LanguageModel(configuration: tiny.configuration, source: weights)
    let batch = tiny.batch(sequences: 1, length: 4)
    #expect(throws: LanguageModelError.overflow(layer: 1, hook: .mlp)) {
      try model.forward(batch, observing: Observation(hooks: [.mlp], positions: [3]))
    }
    #expect(throws: LanguageModelError.lossNotFinite) { try model.forward(batch) }
  }

  @Test("Tokens outside the vocabulary", arguments: [-1, 37])
  func token(_ token: Int) throws {
    let batch = TokenBatch(sequences: 2, length: 3, tokens: [0, 1, 2, 3, token, 5])
    #expect(
      throws: LanguageModelError.tokenOutOfRange(
        token: token, sequence: 1, position: 1, vocabulary: 37)
    ) { try tiny.model().forward(batch) }
  }

  @Test("A sequence beyond the context, or without a target")
  func length() throws {
    #expect(throws: LanguageModelError.sequenceTooLong(length: 301, context: 300)) {
      try tiny.model().forward(tiny.batch(sequences: 1, length: 301))
    }
    #expect(throws: LanguageModelError.noTargets(sequences: 3, length: 1)) {
      try tiny.model().forward(tiny.batch(sequences: 3, length: 1))
    }
    #expect(throws: LanguageModelError.noTargets(sequences: 0, length: 8)) {
      try tiny.model().forward(tiny.batch(sequences: 0, length: 8))
    }
  }

  @Test("The output embedding under its transformers-5 name")
  func renamedOutput() throws {
    var weights = tiny.weights
    weights.tensors["lm_head.weight"] = weights.tensors.removeValue(forKey: "embed_out.weight")
    let renamed = try LanguageModel(configuration: tiny.configuration, source: weights)
    let batch = tiny.batch(sequences: 2, length: 6)
    #expect(try renamed.logits(batch) == tiny.model().logits(batch))
    #expect(renamed.parameters.last?.name == "lm_head.weight")
  }
}
