import Foundation
import LanguageModels
import Tensors
import Testing

/// Where reference data lies: fixtures in the tree, golden values beside it.
enum ReferenceData {
  static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
  static let fixture = root.appending(path: "Tests/Fixtures/nano").path(percentEncoded: false)
  static let miniPythia =
    (ProcessInfo.processInfo.environment["TEND_SHARED"]
      ?? root.appending(path: "../shared").standardizedFileURL.path(percentEncoded: false))
    + "/data/mini-pythia"

  static var hasMiniPythia: Bool {
    FileManager.default.fileExists(atPath: "\(miniPythia)/README.md")
  }

  static let absence: Comment = "needs ../shared/data/mini-pythia beside the repository"

  static func json(_ path: String) throws -> JSONValue {
    try JSONReader.read([UInt8](Data(contentsOf: URL(filePath: path))))
  }

  static func tokens(_ path: String) throws -> TokenBatch {
    let file = try NumPyFile(path)
    return TokenBatch(
      sequences: file.shape[0], length: file.shape[1], tokens: try file.integers())
  }

  /// The model of a `stepN` folder that holds one safetensors file.
  static func model(_ folder: String) throws -> LanguageModel {
    SingleThreadedBLAS.require()
    return try LanguageModel(
      configuration: ModelConfiguration(config: json("\(folder)/config.json")),
      source: StoredWeights(file: TensorFile("\(folder)/model.safetensors")))
  }
}

/// A safetensors file as a source of weights.
struct StoredWeights: WeightSource {
  let file: TensorFile

  func shape(of name: String) -> [Int]? { file.tensor(name)?.shape }
  func floats(_ name: String) throws -> [Float] { try file.floats(name) }
}
