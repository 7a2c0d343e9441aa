import Foundation
import LinearAlgebra
import Tensors
import Testing

@testable import LanguageModels

/// Tiny random models of every architecture and option against transformers, whose values
/// scripts/reference/architectures.py stores; or against those in the folder that
/// `TEND_ARCHITECTURE_REFERENCE` names, which `make test-all` makes afresh.
@Suite("Architectures agree with transformers")
struct ArchitectureReferenceTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let seed: Int
    let loss: Double
    let config: JSONValue
    let tokens: [[Int]]

    var testDescription: String { name }

    init(_ value: JSONValue) throws {
      name = try #require(value["name"]?.string)
      seed = try #require(value["seed"]?.integer)
      loss = try #require(value["loss"]?.double)
      config = try #require(value["config"])
      tokens = try #require(value["tokens"]?.elements).map { row in
        (row.elements ?? []).compactMap(\.integer)
      }
    }

    var batch: TokenBatch {
      TokenBatch(sequences: tokens.count, length: tokens[0].count, tokens: tokens.flatMap(\.self))
    }

    /// The model with the weights that the script draws: one number after the other, tensors in the
    /// order of their names.
    func model() throws -> LanguageModel {
      SingleThreadedBLAS.require()
      let configuration = try ModelConfiguration(config: config)
      // Names as transformers writes them: of Phi 3 the fused ones.
      let isFused = config["model_type"]?.string == "phi3"
      let architecture = try #require(
        ArchitectureRegistry.architecture(named: configuration.architecture))
      let layout = architecture.layout(configuration) { name in
        name == "lm_head.weight"
          || isFused && (name.contains("qkv_proj") || name.contains("gate_up_proj"))
      }
      var generator = SplitMix64(seed: UInt64(seed))
      var tensors: [String: (shape: [Int], elements: [Float])] = [:]
      let parameters = layout.parameters(configuration).sorted {
        $0.name.utf8.lexicographicallyPrecedes($1.name.utf8)
      }
      for parameter in parameters {
        let name = parameter.name
        let isScale = name.hasSuffix("weight") && (name.contains("norm") || name.contains("ln_"))
        let elements = (0..<parameter.count).map { _ in
          Float(Double(generator.next() >> 40) / Double(1 << 24) - 0.5 + (isScale ? 1 : 0))
        }
        tensors[name] = (parameter.shape, elements)
      }
      return try LanguageModel(
        configuration: configuration, layout: layout, source: InMemoryWeights(tensors))
    }
  }

  static let folder =
    ProcessInfo.processInfo.environment["TEND_ARCHITECTURE_REFERENCE"]
    ?? ReferenceData.root.appending(path: "Tests/Fixtures/architectures").path(
      percentEncoded: false)

  static let cases: [Case] = {
    guard let file = try? ReferenceData.json("\(folder)/cases.json"),
      let values = file["cases"]?.elements
    else { return [] }
    return values.compactMap { try? Case($0) }
  }()

  @Test("There are cases of every architecture that transformers has")
  func all() throws {
    let file = try ReferenceData.json("\(Self.folder)/cases.json")
    #expect(Self.cases.count == file["cases"]?.elements?.count)
    let known = Set(Self.cases.compactMap { $0.config["model_type"]?.string })
    let built = Set(ArchitectureRegistry.all.flatMap { $0.modelTypes })
    #expect(known.union(["pico_decoder"]) == built)
  }

  @Test("Logits within 1e-4, the loss within 1e-5", arguments: cases)
  func forward(example: Case) throws {
    let (model, batch) = (try example.model(), example.batch)
    let result = try model.forward(batch)
    #expect(abs(result.loss - example.loss) < 1e-5)
    let values = try TensorFile("\(Self.folder)/values.safetensors")
    let expected = try values.floats("\(example.name)/logits")
    let logits = try model.logits(batch)
    let rows = expected.count / batch.sequences / logits.columns
    let last = (0..<batch.sequences).flatMap { sequence in
      (batch.length - rows..<batch.length).map { sequence * batch.length + $0 }
    }
    #expect(
      largestDifference(logits.selectingRows(last).elements, expected.map(Double.init)) < 1e-4)
  }

  @Test("Hook points within 1e-4", arguments: cases)
  func hookPoints(example: Case) throws {
    let (model, batch) = (try example.model(), example.batch)
    let values = try TensorFile("\(Self.folder)/values.safetensors")
    let hooks: Set<HookPoint> = [.value, .attention, .mlp, .residual]
    var compared = 0
    try model.forward(
      batch, observing: Observation(hooks: hooks, positions: [batch.length - 1])
    ) { block in
      for hook in hooks {
        // transformers 5 gives no output of the last block before the final norm where it was
        // hooked on the block: the hook sees it all the same.
        let expected = try values.floats("\(example.name)/hook/\(block.layer)/\(hook.rawValue)")
        let found = try #require(block.rows[hook])
        #expect(found.elements.count == expected.count)
        #expect(largestDifference(found.elements, expected.map(Double.init)) < 1e-4, "\(hook)")
        compared += 1
      }
    }
    #expect(compared == 4 * model.configuration.layers)
  }

  @Test("All gradients within 1e-3 of their norm", arguments: cases)
  func gradients(example: Case) throws {
    var model = try example.model()
    // Two micro-batches, so that their sums are tested as well.
    model.microBatchTokens = example.batch.length
    let values = try TensorFile("\(Self.folder)/values.safetensors")
    var found: [String: [Float]] = [:]
    let result = try model.gradients(example.batch) { gradients in
      found.merge(gradients.gradients) { _, _ in preconditionFailure("one gradient twice") }
    }
    #expect(abs(result.loss - example.loss) < 1e-5)
    let prefix = "\(example.name)/gradient/"
    let expected = values.tensors.map(\.name).filter { $0.hasPrefix(prefix) }
    #expect(Set(found.keys) == Set(expected.map { String($0.dropFirst(prefix.count)) }))
    for name in expected {
      let gradient = try #require(found[String(name.dropFirst(prefix.count))])
      let distance = relativeDistance(gradient, try values.floats(name).map(Double.init))
      #expect(distance < 1e-3, "\(name)")
    }
  }
}
