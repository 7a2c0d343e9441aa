package import Checkpoints
import Files
package import LanguageModels
import Tensors

/// A checkpoint with the model that its `config.json` describes, as far as headers tell.
package struct ModelCheckpoint: Sendable {
  package let step: Int
  package let folder: String
  package let model: GPTNeoX
  package let checkpoint: Checkpoint

  /// Opens the checkpoint in `folder`; every parameter is there in its shape, no data is read.
  package init(step: Int, folder: String) throws {
    let checkpoint = try Checkpoint(folder: folder, step: step)
    do {
      model = try GPTNeoX(
        configuration: GPTNeoXConfiguration(config: checkpoint.configuration),
        source: CheckpointSource(checkpoint))
    } catch let error as LanguageModelError {
      throw CaptureError.model(folder: folder, "\(error)")
    }
    self.step = step
    self.folder = folder
    self.checkpoint = checkpoint
  }

  /// Bytes of the files that hold the tensors.
  package var byteCount: Int { checkpoint.weights.files.reduce(0) { $0 + Int($1.identity.size) } }

  package var weights: any WeightSource { CheckpointSource(checkpoint) }
}

/// A checkpoint's tensors as a model reads them.
package struct CheckpointSource: WeightSource {
  private let checkpoint: Checkpoint

  package init(_ checkpoint: Checkpoint) { self.checkpoint = checkpoint }

  package func shape(of name: String) -> [Int]? { checkpoint.shape(of: name) }

  package func floats(_ name: String) throws -> [Float] { try checkpoint.floats(name) }
}
