import Foundation
import LinearAlgebra
import Tensors
import Testing

@testable import LanguageModels

/// An architecture is one file and one registration.
@Suite("Architectures")
struct ArchitectureTests {
  /// Made here, of parts that exist: what a new file would hold.
  enum Toy: Architecture {
    static let modelTypes = ["toy"]
    static let classNames = ["ToyForCausalLM"]

    static func configuration(_ fields: ConfigurationFields) throws -> ModelConfiguration {
      ModelConfiguration(
        architecture: "toy", hiddenSize: try fields.size("width"), layers: 1, heads: 2,
        keyValueHeads: 1, intermediateSize: 8, vocabulary: 11, context: 16, positions: .learned,
        norm: .rootMeanSquare, normEpsilon: 1e-5, residual: .parallel, activation: .relu,
        hasQueryKeyValueBias: false, hasOutputBias: true, hasMLPBias: false, tiesEmbeddings: true)
    }

    static func layout(
      _ configuration: ModelConfiguration, contains: (String) -> Bool
    ) -> ParameterLayout {
      ParameterLayout(
        inputEmbedding: "e", positionEmbedding: "p", finalNorm: .init(scale: "n"),
        blocks: [
          .init(
            attentionNorm: .init(scale: "a"), mlpNorm: .init(scale: "m"),
            queryKeyValue: [.init(name: "q", rows: 8), .init(name: "kv", rows: 8)],
            output: .init(name: "o", rows: 8, isTransposed: true), outputBias: "b",
            up: [.init(name: "u", rows: 8)], down: .init(name: "d", rows: 8))
        ])
    }
  }

  @Test("A new one runs forward and backward with nothing else said about it")
  func toy() throws {
    SingleThreadedBLAS.require()
    let fields = ConfigurationFields(try JSONReader.read(Array(#"{"width": 8}"#.utf8)))
    let configuration = try Toy.configuration(fields)
    let layout = Toy.layout(configuration) { _ in true }
    var generator = SplitMix64(seed: 3)
    var tensors: [String: (shape: [Int], elements: [Float])] = [:]
    for parameter in layout.parameters(configuration) {
      tensors[parameter.name] = (
        parameter.shape,
        (0..<parameter.count).map { _ in Float.random(in: -0.5...0.5, using: &generator) }
      )
    }
    let model = try LanguageModel(
      configuration: configuration, layout: layout, source: InMemoryWeights(tensors))
    let batch = TokenBatch(sequences: 2, length: 5, tokens: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    var found: [String: [Float]] = [:]
    try model.gradients(batch) { found.merge($0.gradients) { a, _ in a } }
    #expect(Set(found.keys) == Set(tensors.keys))
    // Against differences of the loss, in each parameter along its own gradient.
    for (name, gradient) in found {
      let norm = gradient.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
      guard norm > 1e-3 else { continue }
      func loss(_ step: Double) throws -> Double {
        var moved = tensors
        for (index, slope) in gradient.enumerated() {
          moved[name]?.elements[index] += Float(step * Double(slope) / norm)
        }
        return try LanguageModel(
          configuration: configuration, layout: layout, source: InMemoryWeights(moved)
        ).forward(batch).loss
      }
      let slope = (try loss(0.01) - loss(-0.01)) / 0.02
      // Float32 losses differ by about 1e-7, the step of 0.01 leaves the third derivative.
      #expect(abs(slope - norm) < 0.02 * max(norm, 0.02), "\(name)")
    }
  }

  @Test("No other file names an architecture")
  func oneFile() throws {
    let sources = ReferenceData.root.appending(path: "Sources")
    let names = ArchitectureRegistry.all.map { "\($0)" }
    #expect(names.contains("GPTNeoX") && names.contains("OLMo2"))
    let files = try #require(
      FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil)
    ).compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" }
    #expect(files.count > 100)
    for file in files {
      let path = file.path(percentEncoded: false)
      guard !path.contains("/LanguageModels/Architectures/"),
        !path.hasSuffix("/LanguageModels/Architecture.swift"),
        // What `tend inspect` guesses from the names of tensors alone, without a config.json: families
        // that are not built as well.
        !path.hasSuffix("/Studies/RecognisedArchitecture.swift")
      else { continue }
      let text = try String(contentsOf: file, encoding: .utf8)
      for type in ArchitectureRegistry.all {
        for model in type.modelTypes {
          #expect(!text.contains("\"\(model)\""), "\(path) knows \(model)")
        }
      }
    }
    for type in ArchitectureRegistry.all {
      let file = sources.appending(path: "LanguageModels/Architectures/\(type).swift")
      #expect(try String(contentsOf: file, encoding: .utf8).contains("enum \(type): Architecture"))
    }
  }

  @Test("Pico turns neighbours: Llama with each head's query and key rows in another order")
  func pico() throws {
    SingleThreadedBLAS.require()
    let pico = try ModelConfiguration(
      config: JSONReader.read(
        Array(
          #"""
          {"model_type": "pico_decoder", "d_model": 16, "n_layers": 2, "vocab_size": 11,
           "attention_n_heads": 2, "attention_n_kv_heads": 1, "activation_hidden_dim": 12,
           "norm_eps": 1e-6, "position_emb_theta": 50, "max_seq_len": 32}
          """#.utf8)))
    let llama = try ModelConfiguration(
      config: JSONReader.read(
        Array(
          #"""
          {"model_type": "llama", "hidden_size": 16, "num_hidden_layers": 2, "vocab_size": 11,
           "num_attention_heads": 2, "num_key_value_heads": 1, "intermediate_size": 12,
           "rms_norm_eps": 1e-6, "rope_theta": 50, "max_position_embeddings": 32}
          """#.utf8)))
    let layout = Pico.layout(pico) { _ in true }
    var generator = SplitMix64(seed: 5)
    var tensors: [String: (shape: [Int], elements: [Float])] = [:]
    var renamed: [String: (shape: [Int], elements: [Float])] = [:]
    let parameters = zip(
      layout.parameters(pico), Llama.layout(llama) { _ in false }.parameters(llama))
    for (parameter, other) in parameters {
      let elements = (0..<parameter.count).map { _ in
        Float.random(in: -0.5...0.5, using: &generator)
      }
      tensors[parameter.name] = (parameter.shape, elements)
      var moved = elements
      if other.name.hasSuffix("q_proj.weight") || other.name.hasSuffix("k_proj.weight") {
        // Within a head of 8: rows 0 2 4 6, then 1 3 5 7.
        for row in 0..<parameter.shape[0] {
          let (head, place) = (row / 8, row % 8)
          let from = 8 * head + (place < 4 ? 2 * place : 2 * (place - 4) + 1)
          moved.replaceSubrange(
            16 * row..<16 * row + 16, with: elements[16 * from..<16 * from + 16])
        }
      }
      renamed[other.name] = (other.shape, moved)
    }
    let batch = TokenBatch(sequences: 1, length: 9, tokens: [1, 2, 3, 4, 5, 6, 7, 8, 9])
    let own = try LanguageModel(configuration: pico, source: InMemoryWeights(tensors))
    let other = try LanguageModel(configuration: llama, source: InMemoryWeights(renamed))
    #expect(own.parameters.map(\.name).contains("layers.0.swiglu.w_2.weight"))
    let (a, b) = (try own.logits(batch), try other.logits(batch))
    #expect(largestDifference(a.elements, b.elements.map(Double.init)) < 1e-5)
  }

  @Test(
    "A configuration that is not supported is named with the field that stops it",
    arguments: [
      (#""rope_scaling": {"rope_type": "longrope", "factor": 2}"#, "rope_scaling.rope_type"),
      (#""sliding_window": 8"#, "sliding_window"),
      (#""layer_types": ["full_attention", "sliding_attention"]"#, "layer_types"),
      (#""hidden_act": "gelu_10""#, "hidden_act"),
      (#""quantization_config": {"bits": 4}"#, "quantization_config"),
      (#""num_key_value_heads": 3"#, "num_key_value_heads"),
      (#""rope_scaling": {"type": "llama3", "factor": 2}"#, "rope_scaling.low_freq_factor"),
      (#""head_dim": 5"#, "rope_parameters.partial_rotary_factor"),
    ])
  func unsupported(field: String, named: String) throws {
    let text =
      #"{"model_type": "llama", "hidden_size": 16, "num_hidden_layers": 2, "vocab_size": 11, "#
      + #""num_attention_heads": 4, "intermediate_size": 12, "max_position_embeddings": 32, \#(field)}"#
    let config = try JSONReader.read(Array(text.utf8))
    #expect {
      try ModelConfiguration(config: config)
    } throws: { error in
      switch error as? LanguageModelError {
      case .unsupported(let found, _, _), .invalidField(let found, _, _): found == named
      default: false
      }
    }
  }
}
