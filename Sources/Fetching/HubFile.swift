/// A file of a revision, as the hub lists it.
package struct HubFile: Sendable, Hashable {
  /// Within the repository, such as `model.safetensors`.
  package let path: String
  package let size: Int
  package let hash: BlobHash
}

/// The hash that names a file's content in the cache.
package enum BlobHash: Sendable, Hashable, CustomStringConvertible {
  /// SHA-256 of the content: files in large file storage.
  case sha256(String)
  /// git's SHA-1 of a blob: all others.
  case gitBlob(String)

  /// nil unless `name` is 64 or 40 lower-case hexadecimal digits.
  package init?(name: String) {
    guard name.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }) else {
      return nil
    }
    switch name.utf8.count {
    case 64: self = .sha256(name)
    case 40: self = .gitBlob(name)
    default: return nil
    }
  }

  /// The name of the blob.
  package var name: String {
    switch self {
    case .sha256(let name), .gitBlob(let name): name
    }
  }

  package var description: String { name }
}
