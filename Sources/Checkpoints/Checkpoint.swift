import Files
package import Tensors

/// The weights of a run at one step: `config.json` and its tensors, open and validated.
package struct Checkpoint: Sendable {
  package let folder: String
  package let step: Int
  /// `config.json`; what it means is the model's business.
  package let configuration: JSONValue
  package let weights: CheckpointWeights

  /// Opens the checkpoint in `folder`; reads headers, no tensor data.
  package init(folder: String, step: Int) throws(CheckpointError) {
    self.folder = folder
    self.step = step
    if let obstacle = Self.obstacle(in: folder) {
      throw .unreadable(folder: folder, reason: obstacle)
    }
    configuration = try Self.configuration(folder: folder)
    weights = try CheckpointWeights(folder: folder)
  }

  /// `config.json` of the checkpoint in `folder`.
  package static func configuration(folder: String) throws(CheckpointError) -> JSONValue {
    try JSONFile.read(folder + "/config.json", largest: 16 << 20, depth: 64)
  }

  /// The shape of tensor `name`, or `nil` where there is none. Reads no data.
  package func shape(of name: String) -> [Int]? { weights.tensor(name)?.shape }

  /// All elements of tensor `name` as Float, row-major.
  package func floats(_ name: String) throws(CheckpointError) -> [Float] {
    let file = try file(of: name)
    do { return try file.floats(name) } catch { throw .tensors(error) }
  }

  /// The file that holds tensor `name`.
  func file(of name: String) throws(CheckpointError) -> TensorFile {
    if let file = weights.file(of: name) { return file }
    if let record = weights.record {
      throw .removed(folder: folder, step: step, repository: record.repository)
    }
    throw .tensors(.missingTensor(file: folder, tensor: name))
  }

  /// Why the checkpoint in `folder` cannot be read, as far as the names of its files tell.
  static func obstacle(in folder: String) -> String? {
    let names: [String]
    do { names = try Folder.names(in: folder) } catch { return error.description }
    guard names.contains("config.json") else {
      return "has no config.json; copy the model's there"
    }
    return CheckpointWeights.obstacle(names)
  }
}

/// Why a checkpoint cannot be opened or read.
package enum CheckpointError: Error, Equatable, CustomStringConvertible {
  case unreadable(folder: String, reason: String)
  case configuration(file: String, String)
  case tensors(TensorError)
  /// The weights of a step were removed once they were measured.
  case removed(folder: String, step: Int, repository: String)

  package var description: String {
    switch self {
    case .unreadable(let folder, let reason): "\(FileError.shown(folder)): \(reason)"
    case .configuration(let file, let message): "\(FileError.shown(file)): \(message)"
    case .tensors(let error): error.description
    case .removed(let folder, let step, let repository):
      "\(FileError.shown(folder)): the weights of step \(step) were removed once they were measured; to have them "
        + "again: tend fetch \(repository) --steps \(step)"
    }
  }
}
