#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Folders on disk.
package enum Folder {
  /// What stands at a path.
  package enum Kind: Sendable, Equatable {
    case missing, file, folder, other
    /// Nobody can say: a folder above it may not be searched, a disk fails. The errno.
    case unreachable(Int32)
  }

  /// What stands at `path`, links followed.
  package static func kind(of path: String) -> Kind {
    var status = stat()
    guard stat(path, &status) == 0 else {
      let code = errno
      return code == ENOENT || code == ENOTDIR ? .missing : .unreachable(code)
    }
    switch status.st_mode & S_IFMT {
    case S_IFDIR: return .folder
    case S_IFREG: return .file
    default: return .other
    }
  }

  /// As `names(in:)`; no names where nothing stands at `path`. One that cannot be listed is an error.
  package static func namesWhereThere(_ path: String) throws(FileError) -> [String] {
    kind(of: path) == .missing ? [] : try names(in: path)
  }

  /// The names in `path`, in the order of their bytes; names that are not UTF-8 are repaired.
  package static func names(in path: String) throws(FileError) -> [String] {
    try entries(in: path).map(\.name)
  }

  /// The paths of all files at or below `path`, links followed, folder by folder in the order of their
  /// names; none where nothing stands there.
  package static func files(below path: String) throws(FileError) -> [String] {
    switch kind(of: path) {
    case .file: return [path]
    case .folder: break
    case .unreachable(let code): throw .system(action: "examine", path: path, code: code)
    case .missing, .other: return []
    }
    var files: [String] = []
    for entry in try entries(in: path) {
      let file = path + "/" + entry.name
      // Thousands of files need not be examined to know that they are some; some file systems do not tell.
      if entry.type == UInt8(DT_REG) {
        files.append(file)
      } else {
        files += try self.files(below: file)
      }
    }
    return files
  }

  /// `type`: as readdir tells it (DT_REG, DT_DIR, …).
  private static func entries(
    in path: String
  ) throws(FileError) -> [(name: String, type: UInt8)] {
    guard let stream = opendir(path) else {
      throw .system(action: "list", path: path, code: errno)
    }
    defer { closedir(stream) }
    var entries: [(name: String, type: UInt8)] = []
    while true {
      errno = 0
      guard let entry = readdir(stream) else {
        guard errno == 0 else { throw .system(action: "list", path: path, code: errno) }
        break
      }
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { entries.append((name, entry.pointee.d_type)) }
    }
    return entries.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
  }

  /// Makes `path` and the folders above it where they are missing.
  package static func make(_ path: String) throws(FileError) {
    switch kind(of: path) {
    case .folder: return
    case .file, .other: throw .system(action: "make the folder", path: path, code: ENOTDIR)
    case .unreachable(let code):
      throw .system(action: "make the folder", path: path, code: code)
    case .missing: break
    }
    let parent = parent(of: path)
    if parent != path { try make(parent) }
    guard mkdir(path, 0o777) == 0 || errno == EEXIST else {
      throw .system(action: "make the folder", path: path, code: errno)
    }
  }

  /// Why nothing can be written into `path`, or into the nearest folder above it that exists; nil
  /// where it can. Leaves nothing behind.
  package static func obstacle(toWritingInto path: String) -> FileError? {
    switch kind(of: path) {
    case .missing:
      let parent = parent(of: path)
      return parent == path
        ? .system(action: "find", path: path, code: ENOENT)
        : obstacle(toWritingInto: parent)
    case .file, .other:
      return .system(action: "write into", path: path, code: ENOTDIR)
    case .unreachable(let code):
      return .system(action: "write into", path: path, code: code)
    case .folder:
      // A trial instead of access(): root passes the permission check on a read-only file system.
      let trial = path + "/" + DurableWrite.temporaryName(for: "trial")
      let descriptor = open(trial, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
      guard descriptor >= 0 else {
        return .system(action: "write into", path: path, code: errno)
      }
      close(descriptor)
      unlink(trial)
      return nil
    }
  }

  /// The bytes that may still be written where `path` is or would be made. POSIX: statvfs.
  package static func freeBytes(at path: String) throws(FileError) -> Int {
    var path = path
    while kind(of: path) == .missing, parent(of: path) != path { path = parent(of: path) }
    var status = statvfs()
    guard statvfs(path, &status) == 0 else {
      throw .system(action: "examine", path: path, code: errno)
    }
    let (bytes, overflow) = Int(clamping: status.f_bavail).multipliedReportingOverflow(
      by: Int(clamping: status.f_frsize))
    return overflow ? .max : bytes
  }

  /// `path` with all links followed; nil where nothing stands there. POSIX: realpath.
  package static func resolved(_ path: String) -> String? {
    guard let pointer = realpath(path, nil) else { return nil }
    defer { free(pointer) }
    return String(cString: pointer)
  }

  /// The folder that holds `path`.
  package static func parent(of path: String) -> String {
    var trimmed = Substring(path)
    while trimmed.count > 1, trimmed.last == "/" { trimmed.removeLast() }
    guard let slash = trimmed.lastIndex(of: "/") else { return trimmed == "." ? "/" : "." }
    return slash == trimmed.startIndex ? "/" : String(trimmed[..<slash])
  }
}
