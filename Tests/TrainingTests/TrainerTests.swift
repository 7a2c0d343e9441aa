import Checkpoints
import Files
import Foundation
import LanguageModels
import LinearAlgebra
import Tensors
import Testing
import Tokenization

@testable import Training

@Suite struct TrainerTests {
  @Test func `a run learns, and writes checkpoints, log, tokenizer and what was held out`() throws {
    try TrainingFixtures.withFolder { folder in
      let recipe = try TrainingFixtures.tiny(in: folder, steps: 80)
      let result = try Trainer(recipe, lanes: Lanes(width: 2)).run()
      let loss = try #require(result.validationLoss)
      // Three words may follow each: ln 3 nats for a word of several tokens.
      #expect(loss < 0.75 * result.unigramEntropy)
      let run = try RunFolder(recipe.output)
      #expect(run.entries.map(\.step) == [0, 1, 2, 4] + stride(from: 8, through: 80, by: 4))
      #expect(run.entries.allSatisfy { $0.obstacle == nil })
      let checkpoint = try Checkpoint(folder: recipe.output + "/step80", step: 80)
      let configuration = try ModelConfiguration(config: checkpoint.configuration)
      #expect(configuration.layers == 3 && configuration.intermediateSize == 32)
      let tokenizer = try Tokenizer(path: recipe.output + "/tokenizer.json")
      #expect(configuration.vocabulary == tokenizer.vocabularySize)
      // The stored weights give the logged loss on the stored sequences.
      let array = try NumPyFile(recipe.output + "/validation.npy")
      let batch = TokenBatch(
        sequences: array.shape[0], length: array.shape[1], tokens: try array.integers())
      var weights: [String: (shape: [Int], elements: [Float])] = [:]
      for tensor in checkpoint.weights.tensors {
        weights[tensor.name] = (tensor.shape, try checkpoint.floats(tensor.name))
      }
      let model = try LanguageModel(configuration: configuration, source: InMemoryWeights(weights))
      #expect(abs(try model.forward(batch).loss - loss) < 1e-5)
      let log = try String(contentsOfFile: recipe.output + "/training_log.csv", encoding: .utf8)
      let lines = log.split(separator: "\n")
      #expect(lines[0] == "step,train_loss,validation_loss,grad_norm,lr,tokens")
      #expect(lines.count == 82)
      #expect(lines[81].hasPrefix("80,") && lines[81].hasSuffix(",5120"))
    }
  }

  @Test func `the seed fixes initialisation and order`() throws {
    try TrainingFixtures.withFolder { folder in
      var recipe = try TrainingFixtures.tiny(in: folder, steps: 2)
      var steps: [[String: Data]] = []
      for (index, seed) in [UInt64(1), 1, 2].enumerated() {
        recipe.seed = seed
        recipe.output = "\(folder)/\(index)"
        _ = try Trainer(recipe, lanes: .single).run()
        steps.append(try TrainingFixtures.files(recipe.output))
      }
      for file in ["step0/model.safetensors", "step2/model.safetensors"] {
        #expect(steps[0][file] == steps[1][file])
        #expect(steps[0][file] != steps[2][file])
      }
    }
  }

  @Test func `accumulated passes make the update of one batch`() throws {
    try TrainingFixtures.withFolder { folder in
      var recipe = try TrainingFixtures.tiny(in: folder, steps: 3)
      recipe.batch = .init(sequences: 8, length: 16)
      var losses: [Double] = []
      for passes in [1, 4] {
        recipe.batch = .init(sequences: 8 / passes, length: 16, accumulate: passes)
        recipe.output = "\(folder)/\(passes)"
        let corpus = try TrainingCorpus(recipe.data, length: 16)
        let start = try StartingPoint(recipe, vocabulary: corpus.vocabulary)
        var run = try TrainedRun(recipe, corpus, start, lanes: .single)
        _ = try run.begin()
        for _ in 0..<3 { losses.append(try run.update().loss) }
      }
      for index in 0..<3 { #expect(abs(losses[index] - losses[index + 3]) < 1e-5) }
    }
  }

  @Test func `the initialisation has GPT-NeoX's deviations`() throws {
    var shape = TrainingRecipe.Shape(layers: 3, hiddenSize: 64, heads: 4)
    shape.vocabulary = 500
    let recipe = TrainingRecipe(
      name: "a", model: .new(shape), data: .init(source: .tokens(path: "")),
      batch: .init(sequences: 1, length: 8), steps: 1, checkpoints: .init(every: 1), output: "")
    let start = try StartingPoint(recipe, vocabulary: 500)
    for tensor in start.tensors {
      if tensor.isMatrix {
        let scaled = tensor.name.contains("attention.dense") || tensor.name.contains("4h_to_h")
        let expected = scaled ? 2 / (3 * 8.0) : (2 / (5 * 64.0)).squareRoot()
        let found = (Elementwise.sumOfSquares(tensor.values) / Double(tensor.values.count))
          .squareRoot()
        // The standard error of a deviation is 1 / √(2 n) of it.
        #expect(
          abs(found / expected - 1) < 4 / Double(2 * tensor.values.count).squareRoot(),
          "\(tensor.name)")
      } else {
        let value: Float = tensor.name.hasSuffix("norm.weight") ? 1 : 0
        #expect(tensor.values.allSatisfy { $0 == value }, "\(tensor.name)")
      }
    }
  }

  @Test func `checkpoints are log-spaced, then linear`() {
    var recipe = TrainingRecipe(
      name: "a", model: .checkpoint(folder: ""), data: .init(source: .tokens(path: "")),
      batch: .init(sequences: 1, length: 2), steps: 2500, checkpoints: .init(every: 1000),
      output: "")
    #expect(
      recipe.checkpointSteps == [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1000, 2000, 2500])
    recipe.checkpoints.logSpaced = false
    recipe.checkpoints.steps = [7, 9000]
    #expect(recipe.checkpointSteps == [0, 7, 1000, 2000, 2500])
  }

  @Test func `the learning rate warms up, then falls along a cosine`() {
    var recipe = TrainingRecipe(
      name: "a", model: .checkpoint(folder: ""), data: .init(source: .tokens(path: "")),
      batch: .init(sequences: 1, length: 2), steps: 3000, checkpoints: .init(every: 1000),
      output: "")
    recipe.schedule.warmup = 30
    // mini-pythia's own log, by the number of the update from 1.
    for (update, rate) in [
      (1, 3.33333e-05), (11, 0.000366667), (31, 0.001), (61, 0.000999773), (101, 0.000998767),
      (2991, 0.000100025), (3000, 0.0001),
    ] {
      #expect(abs(recipe.learningRate(after: update - 1) - rate) < 6e-6 * rate, "\(update)")
    }
    for place in 0...1000 {
      let x = Double.pi * Double(place) / 1000
      #expect(abs(Training.cosine(x) - cos(x)) < 1e-15)
    }
  }

  @Test func `sequences come once an epoch, each epoch in an order of its own`() {
    let windows = TokenWindows(
      length: 2, tokens: (0..<20).map(Int32.init), order: .shuffled, seed: 3)
    let stream = windows.batch(from: 0, sequences: 30).tokens
    let epochs = (0..<3).map { Array(stream[$0 * 20..<($0 + 1) * 20]) }
    for epoch in epochs { #expect(epoch.sorted() == Array(0..<20)) }
    #expect(epochs[0] != epochs[1] && epochs[1] != epochs[2])
    // Windows stay whole, and a batch across epochs is the stream's.
    #expect(stride(from: 0, to: 60, by: 2).allSatisfy { stream[$0] + 1 == stream[$0 + 1] })
    #expect(windows.batch(from: 7, sequences: 8).tokens == Array(stream[14..<30]))
  }

  @Test func `mistakes in data and model are told with what is there`() throws {
    try TrainingFixtures.withFolder { folder in
      var recipe = try TrainingFixtures.tiny(in: folder)
      recipe.data.source = .text(path: folder + "/none.txt", .trained(vocabulary: 280))
      #expect(throws: TrainingError.self) { try Trainer(recipe, lanes: .single).run() }
      recipe = try TrainingFixtures.tiny(in: folder)
      recipe.batch.length = 100_000
      #expect(throws: TrainingError.self) { try Trainer(recipe, lanes: .single).run() }
      recipe = try TrainingFixtures.tiny(in: folder)
      recipe.interventions = [InterventionSettings(kind: .muon, layers: 1...3)]
      #expect(
        throws: TrainingError.model(
          "intervention muon: layer 3 of a model with layers 0 to 2")
      ) { try Trainer(recipe, lanes: .single).run() }
      recipe = try TrainingFixtures.tiny(in: folder)
      recipe.optimiser.learningRate = 1e30
      recipe.optimiser.clip = 0
      recipe.schedule.warmup = 0
      #expect { try Trainer(recipe, lanes: .single).run() } throws: { error in
        guard case TrainingError.diverged(run: "tiny", _, _) = error else { return false }
        return true
      }
    }
  }
}
