import Files
package import Tensors

/// The tensors of one checkpoint, in one file or in shards.
///
/// The files are looked for in the order of Hugging Face transformers: `model.safetensors`, its
/// shards with an index, `pytorch_model.bin`, its shards with an index.
package struct CheckpointWeights: Sendable {
  /// The files, in the order of their names; none where they were removed.
  package let files: [TensorFile]
  /// What is known of files that were removed once they were measured.
  package let record: WeightsRecord?
  /// Place of a tensor in the record by the bytes of its name.
  private let places: [ArraySlice<UInt8>: Int]

  static let singleFiles = ["model.safetensors", "pytorch_model.bin"]

  /// What a user should know of the folder: files that are not read.
  package let notes: [String]

  /// Opens the files in `folder`, all shards of an index included; reads no data.
  package init(folder: String) throws(CheckpointError) {
    let names = try Self.names(in: folder)
    record = try WeightsRecord.standing(in: folder)
    if let record {
      files = []
      notes = []
      places = Dictionary(
        record.tensors.enumerated().map { (Array($1.name.utf8)[...], $0) },
        uniquingKeysWith: { first, _ in first })
      return
    }
    for single in Self.singleFiles {
      if names.contains(single) {
        files = [try Self.open(folder + "/" + single)]
        places = [:]
        notes = Self.notes(single, names)
        return
      }
      let index = single + ".index.json"
      if names.contains(index) {
        let shards = try ShardIndex(folder: folder, name: index)
        try shards.checkPresence()
        var files: [TensorFile] = []
        for shard in shards.names { files.append(try Self.open(folder + "/" + shard)) }
        try shards.check(files)
        self.files = files
        places = [:]
        notes = []
        return
      }
    }
    throw .unreadable(folder: folder, reason: Self.obstacle(names) ?? "has no weights")
  }

  /// The weights of a folder as far as they are there, and the tensors that an index names in shards
  /// that are not: what can be listed of an incomplete download.
  package static func listing(
    folder: String
  ) throws(CheckpointError) -> (files: [TensorFile], missing: [MissingShard], notes: [String]) {
    let names = try names(in: folder)
    for single in singleFiles {
      if names.contains(single) { break }
      let index = single + ".index.json"
      guard names.contains(index) else { continue }
      let shards = try ShardIndex(folder: folder, name: index)
      guard !shards.missing.isEmpty else { break }
      var files: [TensorFile] = []
      for shard in shards.names where !shards.missing.contains(shard) {
        files.append(try open(folder + "/" + shard))
      }
      return (
        files, shards.missing.map { MissingShard(file: $0, tensors: shards.tensors(of: $0)) }, []
      )
    }
    let weights = try CheckpointWeights(folder: folder)
    return (weights.files, [], weights.notes)
  }

  /// A file that an index names and that is not there.
  package struct MissingShard: Sendable {
    package let file: String
    package let tensors: [String]
  }

  private static func names(in folder: String) throws(CheckpointError) -> [String] {
    do { return try Folder.names(in: folder) } catch { throw .tensors(.file(error)) }
  }

  /// A single file beside shards: transformers reads the file, so it is read here, and told.
  private static func notes(_ single: String, _ names: [String]) -> [String] {
    let index = single + ".index.json"
    guard names.contains(index) else { return [] }
    return [
      "\(single) is read, as transformers does; \(index) and its shards lie beside it and are not: "
        + "remove those that are stale"
    ]
  }

  /// All tensors, file by file, in the order of their data.
  package var tensors: [TensorDescription] { record?.tensors ?? files.flatMap(\.tensors) }

  package func tensor(_ name: String) -> TensorDescription? {
    guard let record else { return files.lazy.compactMap { $0.tensor(name) }.first }
    return places[Array(name.utf8)[...]].map { record.tensors[$0] }
  }

  /// What of PyTorch archives was not built, for the message where a tensor is missing.
  package var foreignObjects: [String] {
    var seen: Set<String> = []
    return files.flatMap(\.foreignObjects).filter { seen.insert($0).inserted }
  }

  /// The file that holds tensor `name`, one of few; nil where it was removed.
  package func file(of name: String) -> TensorFile? {
    files.first { $0.tensor(name) != nil }
  }

  /// Why no weights can be read from a folder with these files; nil where there are some.
  static func obstacle(_ names: [String]) -> String? {
    if names.contains(WeightsRecord.fileName) { return nil }
    for single in singleFiles
    where names.contains(single) || names.contains(single + ".index.json") { return nil }
    if let other = names.first(where: { $0.hasSuffix(".bin") || $0.hasSuffix(".pt") }) {
      return "has \(TensorError.quoted(other)), but no model.safetensors and no pytorch_model.bin"
    }
    return "has no model.safetensors and no pytorch_model.bin"
  }

  private static func open(_ path: String) throws(CheckpointError) -> TensorFile {
    do { return try TensorFile(path) } catch { throw .tensors(error) }
  }
}
