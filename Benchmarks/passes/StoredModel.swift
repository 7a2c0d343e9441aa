import Foundation
import LanguageModels
import Tensors

/// A checkpoint folder with one safetensors file, and tokens to run through it.
struct StoredModel {
  let model: LanguageModel
  let batch: TokenBatch

  init(_ folder: String, tokens: String) throws {
    let config = try Data(contentsOf: URL(filePath: "\(folder)/config.json"))
    model = try LanguageModel(
      configuration: ModelConfiguration(config: JSONReader.read([UInt8](config))),
      source: StoredWeights(file: TensorFile("\(folder)/model.safetensors")))
    let array = try NumPyFile(tokens)
    batch = TokenBatch(
      sequences: array.shape[0], length: array.shape[1], tokens: try array.integers())
  }
}

/// A safetensors file as a source of weights.
private struct StoredWeights: WeightSource {
  let file: TensorFile

  func shape(of name: String) -> [Int]? { file.tensor(name)?.shape }
  func floats(_ name: String) throws -> [Float] { try file.floats(name) }
}
