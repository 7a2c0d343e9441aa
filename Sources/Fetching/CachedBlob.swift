import Files

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A blob in the cache.
package enum CachedBlob {
  /// Whether `file` is in the folder `blobs`, as far as its size tells.
  static func isThere(_ file: HubFile, blobs: String) -> Bool {
    var status = stat()
    return stat(blobs + "/" + file.hash.name, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
      && Int(status.st_size) == file.size
  }

  /// The hash that the content at `path` has, where it is another than its name says; nil where all is
  /// right. Reads the whole file.
  package static func mismatch(_ path: String, hash: BlobHash) throws(FetchError) -> String? {
    do throws(FileError) {
      let reader = try FileReader(path)
      var hasher =
        switch hash {
        case .sha256: ContentHasher.sha256()
        case .gitBlob: ContentHasher.gitBlob(size: reader.size)
        }
      var offset = 0
      while offset < reader.size {
        let piece = try reader.read(at: offset, count: min(4 << 20, reader.size - offset))
        piece.withUnsafeBytes { hasher.update($0) }
        offset += piece.count
      }
      let found = hasher.finalize()
      return found == hash.name ? nil : found
    } catch {
      throw .file(error)
    }
  }

  static func remove(_ path: String) throws(FetchError) {
    guard unlink(path) == 0 || errno == ENOENT else {
      throw .file(.system(action: "remove", path: path, code: errno))
    }
  }
}
