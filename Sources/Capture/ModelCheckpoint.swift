package import Checkpoints
import Files
package import LanguageModels
import Tensors

/// A checkpoint with the model that its `config.json` describes, as far as headers tell.
package struct ModelCheckpoint: Sendable {
  package let step: Int
  package let folder: String
  package let model: LanguageModel
  package let checkpoint: Checkpoint

  /// Opens the checkpoint in `folder`; every parameter is there in its shape, no data is read.
  package init(step: Int, folder: String) throws {
    let checkpoint = try Checkpoint(folder: folder, step: step)
    do {
      model = try LanguageModel(
        configuration: ModelConfiguration(config: checkpoint.configuration),
        source: CheckpointSource(checkpoint))
    } catch let error as LanguageModelError {
      var message = "\(error)"
      let foreign = checkpoint.weights.foreignObjects
      if case .missingTensor = error, !foreign.isEmpty {
        message +=
          "; objects of \(foreign.map(TensorError.quoted).joined(separator: ", ")) are there and "
          + "never built: save model.state_dict() alone"
      }
      throw CaptureError.model(folder: folder, message)
    }
    self.step = step
    self.folder = folder
    self.checkpoint = checkpoint
  }

  /// The parameters that the configuration of `checkpoint` asks for; throws the field that keeps it
  /// from being understood.
  package static func parameterNames(_ checkpoint: Checkpoint) throws -> [String] {
    let configuration = try ModelConfiguration(config: checkpoint.configuration)
    // The model names one tensor at a time that it misses; each is granted until none is left.
    var source = GrantingSource(checkpoint: checkpoint)
    while true {
      do {
        return try LanguageModel(configuration: configuration, source: source).parameters.map(
          \.name)
      } catch LanguageModelError.missingTensor(let name) {
        source.granted[name] = []
      } catch LanguageModelError.shape(let name, let expected, _)
        where source.granted[name] != expected
      {
        source.granted[name] = expected
      }
    }
  }

  /// A checkpoint's shapes, with tensors that it lacks.
  private struct GrantingSource: WeightSource {
    let checkpoint: Checkpoint
    var granted: [String: [Int]] = [:]

    func shape(of name: String) -> [Int]? { granted[name] ?? checkpoint.shape(of: name) }
    func floats(_ name: String) throws -> [Float] { try checkpoint.floats(name) }
  }

  /// The tensors of the analysed matrices of every layer (METHODS section 2).
  package var analysedTensors: [String] {
    (0..<model.configuration.layers).flatMap { model.analysedTensors(layer: $0) }
  }

  /// Bytes of the files that hold the tensors, or held them before they were removed.
  package var byteCount: Int {
    checkpoint.weights.record?.bytes
      ?? checkpoint.weights.files.reduce(0) { $0 + Int($1.identity.size) }
  }

  /// Whether its weights were removed once they were measured.
  package var isRemoved: Bool { checkpoint.weights.record != nil }

  package var weights: any WeightSource { CheckpointSource(checkpoint) }
}

/// A checkpoint's tensors as a model reads them.
package struct CheckpointSource: WeightSource {
  private let checkpoint: Checkpoint

  package init(_ checkpoint: Checkpoint) { self.checkpoint = checkpoint }

  package func shape(of name: String) -> [Int]? { checkpoint.shape(of: name) }

  package func floats(_ name: String) throws -> [Float] { try checkpoint.floats(name) }
}
