import Files
package import Tensors

/// The weights of a run at one step: `config.json` and its tensors, open and validated.
package struct Checkpoint: Sendable {
  package let folder: String
  package let step: Int
  /// `config.json`; what it means is the model's business.
  package let configuration: JSONValue
  package let weights: SafetensorsFile

  /// Largest config.json that is read.
  private static let largestConfiguration = 16 << 20

  /// Opens the checkpoint in `folder`; reads headers, no tensor data.
  package init(folder: String, step: Int) throws(CheckpointError) {
    self.folder = folder
    self.step = step
    if let obstacle = Self.obstacle(in: folder) {
      throw .unreadable(folder: folder, reason: obstacle)
    }
    configuration = try Self.readConfiguration(folder + "/config.json")
    do { weights = try SafetensorsFile(folder + "/model.safetensors") } catch {
      throw .tensors(error)
    }
  }

  /// The shape of tensor `name`, or `nil` where there is none. Reads no data.
  package func shape(of name: String) -> [Int]? { weights.tensor(name)?.shape }

  /// All elements of tensor `name` as Float, row-major.
  package func floats(_ name: String) throws(CheckpointError) -> [Float] {
    do { return try weights.floats(name) } catch { throw .tensors(error) }
  }

  /// Why the checkpoint in `folder` cannot be read, as far as the names of its files tell.
  static func obstacle(in folder: String) -> String? {
    let names: [String]
    do { names = try Folder.names(in: folder) } catch { return error.description }
    guard names.contains("config.json") else {
      return "has no config.json; copy the model's there"
    }
    if names.contains("model.safetensors") { return nil }
    if names.contains("model.safetensors.index.json") {
      return "holds shards (model.safetensors.index.json), which are not read yet"
    }
    if names.contains(where: { $0.hasSuffix(".bin") || $0.hasSuffix(".pt") }) {
      return "holds a PyTorch archive, which is not read yet; save it as model.safetensors"
    }
    return "has no model.safetensors"
  }

  private static func readConfiguration(_ path: String) throws(CheckpointError) -> JSONValue {
    let bytes: [UInt8]
    do throws(FileError) {
      let reader = try FileReader(path)
      guard reader.size <= largestConfiguration else {
        throw FileError.notRegular(path: path, kind: "\(reader.size) bytes, more than a config has")
      }
      bytes = try reader.readAll()
    } catch {
      throw .tensors(.file(error))
    }
    do {
      return try JSONReader.read(bytes)
    } catch {
      throw .configuration(file: path, error.description)
    }
  }
}

/// Why a checkpoint cannot be opened or read.
package enum CheckpointError: Error, Equatable, CustomStringConvertible {
  case unreadable(folder: String, reason: String)
  case configuration(file: String, String)
  case tensors(TensorError)

  package var description: String {
    switch self {
    case .unreadable(let folder, let reason): "\(folder): \(reason)"
    case .configuration(let file, let message): "\(file): \(message)"
    case .tensors(let error): error.description
    }
  }
}
