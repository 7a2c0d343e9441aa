import Checkpoints
import Files
package import LanguageModels
package import Tensors

/// The content of a checkpoint as hashes: what a unit's key is made of.
package struct TensorDigests: Sendable, Equatable {
  /// Hexadecimal SHA-256 by tensor.
  package let byTensor: [String: String]
  /// Of all parameters of the model.
  package let all: String
  /// Of the analysed matrices of every layer (METHODS section 2).
  package let analysed: String

  package init(byTensor: [String: String], model: LanguageModel, analysed names: [String]) {
    self.byTensor = byTensor
    all = Self.combined(model.parameters.map(\.name), byTensor)
    analysed = Self.combined(names, byTensor)
  }

  /// Digests of tensors that belong to no model, as those of exported files.
  package init(byTensor: [String: String]) {
    self.byTensor = byTensor
    all = Self.combined(Array(byTensor.keys), byTensor)
    analysed = all
  }

  /// One digest of the tensors whose names begin with one of `prefixes`.
  package func combined(prefixes: [String]) -> String {
    Self.combined(
      byTensor.keys.filter { name in prefixes.contains { name.hasPrefix($0) } }, byTensor)
  }

  private static func combined(_ names: [String], _ byTensor: [String: String]) -> String {
    var encoder = ByteEncoder()
    for name in names.sorted() {
      encoder.append(name)
      encoder.append(byTensor[name] ?? "")
    }
    return SHA256Digest(of: encoder.bytes).hex
  }
}

/// Digests of checkpoints that were hashed before, by the identity of their files.
///
/// A file whose device, inode, size and times are as they were has the content that it had.
package struct DigestCache: Sendable {
  private let folder: String

  package init(folder: String) { self.folder = folder }

  /// What is known of `checkpoint`; `nil` if it has to be hashed. Reads no tensor data.
  package func known(_ checkpoint: ModelCheckpoint) -> [String: String]? {
    // Weights that were removed left theirs behind.
    if let record = checkpoint.checkpoint.weights.record { return record.digests }
    return known(checkpoint.folder, files: checkpoint.checkpoint.weights.files)
  }

  /// What is known of the tensors of `files`, which make up what lies in `folder`.
  package func known(_ folder: String, files: [TensorFile]) -> [String: String]? {
    let path = self.path(of: folder)
    guard Folder.kind(of: path) == .file else { return nil }
    let bytes: [UInt8]
    // A cache that cannot be read is no cache.
    do { bytes = try FileReader(path).readAll() } catch { return nil }
    guard bytes.count >= 32 else { return nil }
    let content = Array(bytes.dropLast(32))
    guard SHA256Digest(of: content).bytes == Array(bytes.suffix(32)) else { return nil }
    var decoder = ByteDecoder(content)
    do {
      guard try decoder.text("an identity") == identity(of: files) else { return nil }
      var digests: [String: String] = [:]
      for _ in 0..<(try decoder.count(ofAtLeast: 8, "digests")) {
        digests[try decoder.text("a name")] = try decoder.text("a digest")
      }
      return digests
    } catch {
      return nil
    }
  }

  /// The digests of `checkpoint`, from the cache or by reading all of it; then they are kept.
  package func digests(of checkpoint: ModelCheckpoint) throws -> [String: String] {
    if let known = known(checkpoint) { return known }
    return try digests(of: checkpoint.folder, files: checkpoint.checkpoint.weights.files) {
      var digests: [String: String] = [:]
      for (name, digest) in try checkpoint.checkpoint.digests() { digests[name] = digest.hex }
      return digests
    }
  }

  /// The digests of what lies in `folder`, from the cache or by `hash`; then they are kept.
  package func digests(
    of folder: String, files: [TensorFile], hash: () throws -> [String: String]
  ) throws -> [String: String] {
    if let known = known(folder, files: files) { return known }
    let identity = identity(of: files)
    let digests = try hash()
    var encoder = ByteEncoder()
    encoder.append(identity)
    encoder.append(UInt32(digests.count))
    for (name, digest) in digests.sorted(by: { $0.key < $1.key }) {
      encoder.append(name)
      encoder.append(digest)
    }
    let bytes = encoder.bytes + SHA256Digest(of: encoder.bytes).bytes
    try CaptureError.storing { () throws(FileError) in
      try Folder.make(self.folder)
      try DurableWrite.write(bytes, to: path(of: folder))
    }
    return digests
  }

  /// Where the digests of `checkpoint` are kept.
  package func path(of checkpoint: ModelCheckpoint) -> String { path(of: checkpoint.folder) }

  private func path(of folder: String) -> String {
    "\(self.folder)/\(SHA256Digest(of: folder).hex)"
  }

  private func identity(of files: [TensorFile]) -> String {
    files.map(\.identity).map { file in
      // A network file system has a number of the mount's order, another on each machine: no identity.
      let device = file.device >> 8 & 0xFFF == 0 ? 0 : file.device
      return "\(device) \(file.inode) \(file.size) \(file.modifiedNanoseconds)"
        + " \(file.changedNanoseconds)"
    }.joined(separator: "\n")
  }
}
