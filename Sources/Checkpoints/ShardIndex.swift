import Files
import Tensors

/// An index of shards (`model.safetensors.index.json`), which says in which file each tensor lies.
struct ShardIndex {
  private let path: String
  /// Shard by the bytes of the tensor's name.
  private let shards: [[UInt8]: String]

  init(folder: String, name: String) throws(CheckpointError) {
    path = folder + "/" + name
    let root = try JSONFile.read(path, largest: 100 << 20, depth: 8)
    guard let map = root["weight_map"]?.members else {
      throw .configuration(file: path, "expected an object weight_map, found none")
    }
    var shards: [[UInt8]: String] = [:]
    for member in map {
      guard let shard = member.value.string else {
        throw .configuration(
          file: path,
          "weight_map: expected the name of a file for \(TensorError.quoted(member.name)), "
            + "found \(member.value.kind)")
      }
      shards[Array(member.name.utf8)] = shard
    }
    self.shards = shards
    names = Set(shards.values).sorted()
    for shard in names { try Self.confine(shard, folder: folder, index: path) }
    missing = names.filter { Folder.kind(of: folder + "/" + $0) == .missing }
  }

  /// The files, in the order of their names.
  let names: [String]
  /// Those that are not there.
  let missing: [String]

  /// The tensors that the index puts into shard `name`, in the order of their bytes.
  func tensors(of name: String) -> [String] {
    shards.filter { $0.value == name }.map { String(decoding: $0.key, as: UTF8.self) }
      .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// Throws the first shard that is missing.
  func checkPresence() throws(CheckpointError) {
    guard let first = missing.first else { return }
    throw .configuration(
      file: path,
      "the shard \(TensorError.quoted(first)) is missing"
        + (missing.count > 1 ? " with \(missing.count - 1) more" : "")
        + "; fetch it, then run again")
  }

  /// A shard must be a plain name and lie, links followed, in the folder of the index or in the
  /// `blobs` of the same Hugging Face cache entry.
  private static func confine(
    _ shard: String, folder: String, index: String
  ) throws(CheckpointError) {
    guard !shard.isEmpty, !shard.contains("/"), !shard.contains("\\"), shard != ".", shard != "..",
      !shard.utf8.contains(0)
    else {
      throw .configuration(
        file: index,
        "weight_map: expected the plain name of a file beside it, found \(TensorError.quoted(shard))"
      )
    }
    let file = folder + "/" + shard
    guard Folder.kind(of: file) != .missing else { return }
    guard let real = Folder.resolved(file), let home = Folder.resolved(folder) else { return }
    let parent = Folder.parent(of: real)
    // …/models--OWNER--NAME/snapshots/REVISION beside …/models--OWNER--NAME/blobs.
    let blobs = Folder.parent(of: Folder.parent(of: home)) + "/blobs"
    guard parent == home || parent == blobs else {
      throw .configuration(
        file: index, "the shard \(TensorError.quoted(shard)) is a link that leads out of its folder"
      )
    }
  }

  /// Throws unless every tensor of the index lies in its shard, and every tensor of a shard in the
  /// index.
  func check(_ files: [TensorFile]) throws(CheckpointError) {
    for (file, name) in zip(files, names) {
      for tensor in file.tensors {
        let key = Array(tensor.name.utf8)
        guard let shard = shards[key], shard == name else {
          throw .configuration(
            file: path,
            "\(TensorError.quoted(name)) holds tensor \(TensorError.quoted(tensor.name)), which the "
              + "index \(shards[key].map { "puts into \(TensorError.quoted($0))" } ?? "does not list")"
          )
        }
      }
    }
    // Each lies in the one file that the index names, once: where the numbers agree, none is missing.
    guard files.reduce(0, { $0 + $1.tensors.count }) != shards.count else { return }
    let missing = shards.keys.map { String(decoding: $0, as: UTF8.self) }
      .filter { name in files.allSatisfy { $0.tensor(name) == nil } }.sorted()
    if let first = missing.first, let shard = shards[Array(first.utf8)] {
      throw .configuration(
        file: path,
        "\(missing.count) tensors are not where it says; the first, \(TensorError.quoted(first)), is "
          + "not in \(TensorError.quoted(shard))")
    }
  }
}
