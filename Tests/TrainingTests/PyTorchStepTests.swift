import Foundation
import LanguageModels
import LinearAlgebra
import Tensors
import Testing

@testable import Training

/// Twenty updates from step 0 of the nano run, as `scripts/reference/training.py` got them from PyTorch.
@Suite struct PyTorchStepTests {
  private struct Reference: Decodable {
    let sequences: Int
    let length: Int
    let steps: Int
    let warmup: Int
    let learningRate: Double
    let losses: [Double]
    let gradientNorms: [Double]
    let weightsFirstSecond: [String: [Double]]
  }

  private struct References: Decodable {
    let nano: Reference
    let miniPythia: Reference
  }

  private func references() throws -> References {
    let path = TrainingFixtures.root.appending(path: "Tests/Fixtures/training/reference.json")
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .custom { keys in
      // Parameters keep their names.
      let key = keys[keys.count - 1].stringValue
      guard !key.contains(".") else { return Key(key) }
      let words = key.split(separator: "_")
      return Key(words[0] + words.dropFirst().map(\.capitalized).joined())
    }
    return try decoder.decode(References.self, from: Data(contentsOf: path))
  }

  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(_ text: String) { stringValue = text }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  private func check(
    _ reference: Reference, start: String, _ source: TrainingRecipe.Data.Source
  ) throws {
    try TrainingFixtures.withFolder { folder in
      var recipe = TrainingRecipe(
        name: "nano", model: .checkpoint(folder: start), data: .init(source: source),
        batch: .init(sequences: reference.sequences, length: reference.length),
        steps: reference.steps, checkpoints: .init(every: reference.steps), output: folder)
      recipe.optimiser.learningRate = reference.learningRate
      recipe.schedule.warmup = reference.warmup
      recipe.data.order = .sequential
      recipe.data.validation = .share(0)
      BLASThreads.set(1)
      let corpus = try TrainingCorpus(recipe.data, length: recipe.batch.length)
      let point = try StartingPoint(recipe, vocabulary: corpus.vocabulary)
      var run = try TrainedRun(recipe, corpus, point, lanes: Lanes(width: 2))
      _ = try run.begin()
      for (step, expected) in reference.losses.enumerated() {
        let (loss, norm) = try run.update()
        #expect(abs(loss - expected) < 1e-5 * expected, "loss of step \(step)")
        let expectedNorm = reference.gradientNorms[step]
        #expect(abs(norm - expectedNorm) < 1e-4 * expectedNorm, "gradient norm of step \(step)")
      }
      #expect(run.state.tensors.count == reference.weightsFirstSecond.count)
      for tensor in run.state.tensors {
        let expected = try #require(reference.weightsFirstSecond[tensor.name])
        let found = [tensor.values, tensor.first, tensor.second].map {
          Elementwise.sumOfSquares($0).squareRoot()
        }
        for (index, limit) in [1e-5, 2e-4, 4e-4].enumerated() {
          // The bias of keys has no gradient but rounding; its part of the fused bias does not count here.
          #expect(
            abs(found[index] - expected[index]) < limit * expected[index] + 1e-12,
            "\(tensor.name), \(["weights", "first moment", "second moment"][index])")
        }
      }
    }
  }

  @Test func `twenty updates of the fixture equal PyTorch's, optimiser state included`() throws {
    try check(
      references().nano, start: TrainingFixtures.nano + "/step0",
      .tokens(path: TrainingFixtures.nano + "/tokens.npy"))
  }

  @Test(.enabled(if: TrainingFixtures.hasMiniPythia, TrainingFixtures.absence))
  func `twenty updates of mini-pythia's nano equal PyTorch's, optimiser state included`() throws {
    let data = TrainingFixtures.miniPythia
    try check(
      references().miniPythia, start: data + "/nano-seed0/step0",
      .text(
        path: data + "/corpus_sample_a.txt", .tokenizer(path: data + "/tokenizer.json")))
  }
}
