package import Files
package import Tensors

/// What stays of weights that were removed once they were measured: enough to know every unit of work by
/// its contents, not enough to do one again.
///
/// Lies as `measured-by-tend.json` in the folder where the weights were. Where all of them are there
/// (again), nobody looks at it.
package struct WeightsRecord: Sendable, Equatable {
  /// A file of weights.
  package struct File: Sendable, Equatable {
    package let path: String
    package let bytes: Int
    /// The hash that names its content in the cache.
    package let hash: String
  }

  package static let fileName = "measured-by-tend.json"
  private static let format = 1

  /// Where they came from: `hf://OWNER/NAME`.
  package let repository: String
  package let files: [File]
  package let tensors: [TensorDescription]
  /// Hexadecimal SHA-256 by tensor, as `TensorFile.digest` has it.
  package let digests: [String: String]

  package var bytes: Int {
    files.reduce(0) { sum, file in
      let (next, overflow) = sum.addingReportingOverflow(file.bytes)
      return overflow ? Int.max : next
    }
  }

  /// The record of `checkpoint`, whose files are links into the cache's blobs.
  package init(
    _ checkpoint: Checkpoint, of repository: HubRepository, digests: [String: String]
  ) throws(CheckpointError) {
    self.repository = repository.address
    self.digests = digests
    tensors = checkpoint.weights.tensors
    var files: [File] = []
    for file in checkpoint.weights.files {
      let name = String(file.path.split(separator: "/").last ?? "")
      let hash = Folder.resolved(file.path)?.split(separator: "/").last.map(String.init) ?? ""
      guard Self.isFileName(name), Self.isHash(hash) else {
        throw .unreadable(folder: checkpoint.folder, reason: "\(name) is no link to a blob")
      }
      files.append(File(path: name, bytes: Int(file.identity.size), hash: hash))
    }
    self.files = files
  }

  /// The record in `folder`, or nil where the weights themselves are there or nothing was removed.
  package static func standing(in folder: String) throws(CheckpointError) -> WeightsRecord? {
    guard Folder.kind(of: folder + "/" + fileName) == .file else { return nil }
    let record = try read(folder)
    let isThere = record.files.allSatisfy { Folder.kind(of: folder + "/" + $0.path) == .file }
    return isThere ? nil : record
  }

  /// Writes it into `folder`, durably: before anything is removed.
  package func write(into folder: String) throws(FileError) {
    try DurableWrite.writeIfChanged(Array(json.utf8), to: folder + "/" + Self.fileName)
  }

  private var json: String {
    func list(_ lines: [String]) -> String {
      "[\n    " + lines.joined(separator: ",\n    ") + "\n  ]"
    }
    let files = files.map {
      "{\"path\": \(JSONString.quoted($0.path)), \"bytes\": \($0.bytes), \"hash\": \"\($0.hash)\"}"
    }
    let tensors = tensors.map {
      "{\"name\": \(JSONString.quoted($0.name)), \"dtype\": \(JSONString.quoted($0.typeName)), "
        + "\"shape\": \($0.shape), \"sha256\": \(JSONString.quoted(digests[$0.name] ?? ""))}"
    }
    return """
      {
        "format": \(Self.format),
        "repository": \(JSONString.quoted(repository)),
        "files": \(list(files)),
        "tensors": \(list(tensors))
      }

      """
  }

  // MARK: Reading

  private static func read(_ folder: String) throws(CheckpointError) -> WeightsRecord {
    let path = folder + "/" + fileName
    let json = try JSONFile.read(path, largest: 256 << 20, depth: 5)
    guard json["format"]?.integer == format else {
      throw .configuration(
        file: path,
        "expected a record of format \(format), found \(json["format"]?.kind ?? "none"); "
          + "use the version of tend that wrote it, or fetch the weights again")
    }
    guard let repository = json["repository"]?.string.flatMap(HubRepository.init(address:)),
      let files = json["files"]?.elements, let tensors = json["tensors"]?.elements,
      !files.isEmpty, tensors.count <= TensorFile.mostTensors
    else {
      throw .configuration(file: path, "expected a repository, its files and their tensors")
    }
    var found: [File] = []
    for entry in files { found.append(try file(entry, path)) }
    var descriptions: [TensorDescription] = []
    var digests: [String: String] = [:]
    for entry in tensors {
      let (tensor, digest) = try tensor(entry, path)
      guard digests.updateValue(digest, forKey: tensor.name) == nil else {
        throw .configuration(file: path, "names \(TensorError.quoted(tensor.name)) twice")
      }
      descriptions.append(tensor)
    }
    return WeightsRecord(
      repository: repository.address, files: found, tensors: descriptions, digests: digests)
  }

  private init(
    repository: String, files: [File], tensors: [TensorDescription], digests: [String: String]
  ) {
    self.repository = repository
    self.files = files
    self.tensors = tensors
    self.digests = digests
  }

  private static func tensor(
    _ entry: JSONValue, _ path: String
  ) throws(CheckpointError) -> (TensorDescription, digest: String) {
    guard let name = entry["name"]?.string, let type = entry["dtype"]?.string,
      let dimensions = entry["shape"]?.elements, let digest = entry["sha256"]?.string,
      isHash(digest),
      let tensor = TensorDescription(
        listed: name, typeName: type, shape: dimensions.map { $0.integer ?? -1 })
    else {
      throw .configuration(
        file: path, "expected a tensor's name, dtype, shape and sha256, found \(entry.kind)")
    }
    return (tensor, digest)
  }

  private static func file(_ entry: JSONValue, _ path: String) throws(CheckpointError) -> File {
    guard let name = entry["path"]?.string, isFileName(name), let bytes = entry["bytes"]?.integer,
      bytes >= 0, let hash = entry["hash"]?.string, isHash(hash)
    else {
      throw .configuration(
        file: path, "expected a file's name, bytes and hash, found \(entry.kind)")
    }
    return File(path: name, bytes: bytes, hash: hash)
  }

  /// A bare name: nothing that leads out of the folder.
  private static func isFileName(_ name: String) -> Bool {
    !name.isEmpty && name.utf8.count <= 255 && name != "." && name != ".."
      && !name.utf8.contains { $0 == 0x2F || $0 == 0 }
  }

  private static func isHash(_ text: String) -> Bool {
    (text.utf8.count == 40 || text.utf8.count == 64)
      && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
  }
}
