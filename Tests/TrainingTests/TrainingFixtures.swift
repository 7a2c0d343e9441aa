import Files
import Foundation
import LanguageModels
import LinearAlgebra
import Statistics
import Tensors
import Testing

@testable import Training

/// Recipes and folders for the tests of training.
enum TrainingFixtures {
  static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
  static let nano = root.appending(path: "Tests/Fixtures/nano").path(percentEncoded: false)
  static let miniPythia =
    (ProcessInfo.processInfo.environment["TEND_SHARED"]
      ?? root.appending(path: "../shared").standardizedFileURL.path(percentEncoded: false))
    + "/data/mini-pythia"

  static var hasMiniPythia: Bool {
    FileManager.default.fileExists(atPath: "\(miniPythia)/README.md")
  }

  static let absence: Comment = "needs ../shared/data/mini-pythia beside the repository"

  /// A folder that is removed afterwards.
  static func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "tend-training-\(UUID().uuidString)").path(percentEncoded: false)
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try body(folder)
  }

  /// A model that trains in a blink: 3 layers, d = 16, 2 heads, on a text of its own.
  static func tiny(in folder: String, steps: Int = 12) throws -> TrainingRecipe {
    let text = folder + "/text.txt"
    try DurableWrite.write(self.text, to: text)
    var shape = TrainingRecipe.Shape(layers: 3, hiddenSize: 16, heads: 2)
    shape.intermediateSize = 32
    var recipe = TrainingRecipe(
      name: "tiny", model: .new(shape),
      data: .init(source: .text(path: text, .trained(vocabulary: 280))),
      batch: .init(sequences: 4, length: 16), steps: steps, checkpoints: .init(every: 4),
      output: folder + "/run")
    recipe.optimiser.learningRate = 1e-2
    recipe.schedule.warmup = 3
    recipe.logEvery = 1
    recipe.data.validation = .share(0.1)
    return recipe
  }

  /// About 2,000 words that follow each other with some regularity.
  static let text: String = {
    var generator = SeededGenerator(seed: 1)
    let words = ["the", "river", "runs", "past", "old", "mills", "and", "slow", "boats", "home"]
    var place = 0
    return (0..<2000).map { _ in
      place = (place + 1 + generator.index(below: 3)) % words.count
      return words[place]
    }.joined(separator: " ") + "\n"
  }()

  static func matrix(_ rows: Int, _ columns: Int, seed: UInt64, scale: Double = 1) -> Matrix<Float>
  {
    var generator = SeededGenerator(seed: seed)
    return Matrix(
      rows: rows, columns: columns,
      elements: (0..<rows * columns).map { _ in Float(scale * generator.gaussian()) })
  }

  /// Every file below `folder` by its path there.
  static func files(_ folder: String) throws -> [String: Data] {
    var files: [String: Data] = [:]
    for path in try FileManager.default.subpathsOfDirectory(atPath: folder) {
      guard Folder.kind(of: folder + "/" + path) == .file else { continue }
      files[path] = try Data(contentsOf: URL(filePath: folder + "/" + path))
    }
    return files
  }
}
