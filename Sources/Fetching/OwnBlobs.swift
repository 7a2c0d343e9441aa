import Files

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Which blobs of a repository were fetched by `tend` itself: those alone may be removed again.
///
/// `fetched-by-tend` in the repository's folder has a line for each, with hash, inode and time of its
/// last change: a blob of the same name that another program brought later is another file.
struct OwnBlobs {
  private let record: String
  private let blobs: String

  init(_ repository: CachedRepository) {
    record = repository.folder + "/fetched-by-tend"
    blobs = repository.blobs
  }

  /// Notes that the blob `hash` was fetched here. POSIX: an append of one line is whole or missing.
  func note(_ hash: BlobHash) throws(FetchError) {
    guard let line = line(of: hash.name) else { return }
    let descriptor = open(record, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else {
      throw .file(.system(action: "write", path: record, code: errno))
    }
    defer { close(descriptor) }
    let bytes = Array((line + "\n").utf8)
    guard write(descriptor, bytes, bytes.count) == bytes.count else {
      throw .file(.system(action: "write", path: record, code: errno))
    }
  }

  /// The names of the blobs that were fetched here and are as they were then.
  func names() throws(FetchError) -> Set<String> {
    guard Folder.kind(of: record) == .file else { return [] }
    do throws(FileError) {
      let text = String(decoding: try FileReader(record).readAll(), as: UTF8.self)
      let lines = text.split(separator: "\n").filter { line in
        guard let hash = BlobHash(name: String(line.prefix { $0 != " " })) else { return false }
        return self.line(of: hash.name).map { $0 == line } ?? false
      }
      return Set(lines.map { String($0.prefix { $0 != " " }) })
    } catch {
      throw .file(error)
    }
  }

  /// The blob as it is now; nil where it is not there.
  private func line(of hash: String) -> String? {
    var status = stat()
    guard lstat(blobs + "/" + hash, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      return nil
    }
    #if canImport(Glibc)
      let changed = status.st_mtim
    #else
      let changed = status.st_mtimespec
    #endif
    return "\(hash) \(status.st_ino) \(changed.tv_sec).\(changed.tv_nsec)"
  }
}
