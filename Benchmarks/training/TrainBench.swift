import Foundation
import LinearAlgebra

@testable import Training

/// Makes updates of a model from scratch on random tokens, as many as each line of standard input says,
/// and answers with the seconds that they took.
///
///     train-bench TOKENS.npy LAYERS HIDDEN HEADS VOCABULARY SEQUENCES LENGTH THREADS
@main struct TrainBench {
  static func main() throws {
    let arguments = CommandLine.arguments
    let numbers = arguments.dropFirst(2).compactMap { Int($0) }
    guard numbers.count == 7 else {
      throw TrainingError.model(
        "usage: train-bench TOKENS.npy LAYERS HIDDEN HEADS VOCABULARY SEQUENCES LENGTH THREADS")
    }
    var shape = TrainingRecipe.Shape(layers: numbers[0], hiddenSize: numbers[1], heads: numbers[2])
    shape.vocabulary = numbers[3]
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "train-bench-\(ProcessInfo.processInfo.processIdentifier)")
      .path(percentEncoded: false)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var recipe = TrainingRecipe(
      name: "bench", model: .new(shape), data: .init(source: .tokens(path: arguments[1])),
      batch: .init(sequences: numbers[4], length: numbers[5]), steps: 1_000_000,
      checkpoints: .init(every: 1_000_000), output: folder)
    recipe.data.validation = .share(0)
    BLASThreads.set(1)
    let corpus = try TrainingCorpus(recipe.data, length: recipe.batch.length)
    let start = try StartingPoint(recipe, vocabulary: corpus.vocabulary)
    var run = try TrainedRun(recipe, corpus, start, lanes: Lanes(width: numbers[6]))
    _ = try run.begin()
    let clock = ContinuousClock()
    while let line = readLine() {
      guard let updates = Int(line) else { break }
      let begun = clock.now
      var loss = 0.0
      for _ in 0..<updates { loss = try run.update().loss }
      print(
        "{\"seconds\": \((clock.now - begun).seconds), \"loss\": \(loss)}")
      fflush(nil)
    }
  }
}
