package import Files
package import Tensors

extension TensorFile {
  /// SHA-256 of a tensor's type, shape and stored bytes; not of its name, so that equal matrices are
  /// found under other names too.
  package func digest(of tensor: TensorDescription) throws(CheckpointError) -> SHA256Digest {
    var hasher = SHA256Hasher()
    hasher.update("\(tensor.typeName) \(tensor.shape)\n")
    do throws(TensorError) {
      try withBytes(of: tensor) { hasher.update($0) }
    } catch {
      throw .tensors(error)
    }
    return hasher.finalize()
  }
}

extension Checkpoint {
  /// The digest of a tensor in whichever file it is.
  package func digest(of tensor: TensorDescription) throws(CheckpointError) -> SHA256Digest {
    try file(of: tensor.name).digest(of: tensor)
  }

  /// The digests of all tensors by name, in the order of the file.
  package func digests() throws(CheckpointError) -> [(name: String, digest: SHA256Digest)] {
    var digests: [(name: String, digest: SHA256Digest)] = []
    for tensor in weights.tensors { digests.append((tensor.name, try digest(of: tensor))) }
    return digests
  }
}
