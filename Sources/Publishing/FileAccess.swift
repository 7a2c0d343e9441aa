import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The few calls on files that writing a site takes, with errors that name the file.
enum FileAccess {
  enum Kind {
    case file
    case folder
    /// A link, a device: nothing that a site is made of.
    case other
  }

  /// What stands at `path`, links not followed; nil for nothing.
  static func kind(of path: String) -> Kind? {
    var status = stat()
    guard lstat(path, &status) == 0 else { return nil }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return .file
    case S_IFDIR: return .folder
    default: return .other
    }
  }

  /// Whether a folder stands at `path`, links followed.
  static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  static func size(of path: String) -> Int? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    return Int(status.st_size)
  }

  /// The whole file; throws ``SiteError`` where it cannot be read or has more than `limit` bytes.
  static func read(_ path: String, limit: Int = .max) throws -> [UInt8] {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw error("reading", path) }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0 else { throw error("reading", path) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw error("reading", path, reason: "is not a file")
    }
    let count = Int(status.st_size)
    guard count <= limit else {
      throw error("reading", path, reason: "has \(count) bytes, more than \(limit)")
    }
    return try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      // SAFETY: reads stay within the buffer: offset + length = count.
      while filled < count, let base = buffer.baseAddress {
        let got = Foundation.read(file, base + filled, count - filled)
        if got < 0, errno == EINTR { continue }
        guard got > 0 else {
          throw got < 0 ? error("reading", path) : error("reading", path, reason: "became shorter")
        }
        filled += got
      }
    }
  }

  /// The names in a folder, sorted.
  static func names(in folder: String) throws -> [String] {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    } catch {
      throw self.error("listing", folder, reason: error.localizedDescription)
    }
  }

  static func makeFolder(_ path: String) throws {
    if mkdir(path, 0o755) == 0 || errno == EEXIST { return }
    throw error("creating", path)
  }

  static func remove(_ path: String) throws {
    guard unlink(path) == 0 || errno == ENOENT else { throw error("removing", path) }
  }

  /// Removes `path` if it is an empty folder.
  static func removeIfEmpty(_ path: String) { rmdir(path) }

  /// Runs `body` while this process alone holds `folder`; another one waits.
  static func locked<T>(_ folder: String, _ body: () throws -> T) throws -> T {
    let file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard file >= 0 else { throw error("opening", folder) }
    defer { close(file) }
    while flock(file, LOCK_EX) != 0 {
      // File systems without locks: the rename of each file still keeps them whole.
      if errno != EINTR { break }
    }
    return try body()
  }

  static func error(_ doing: String, _ path: String, reason: String? = nil) -> SiteError {
    let reason = reason ?? String(cString: strerror(errno))
    return SiteError([.init(page: "", problem: .file(path, doing: doing, reason: reason))])
  }
}
