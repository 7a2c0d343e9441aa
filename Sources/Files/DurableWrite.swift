#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Writing that survives a kill, a full disk and a power cut: at every moment the path holds the old
/// content or the new one, whole.
///
/// A unique temporary file in the same folder is written and fsynced, renamed over the path, and the
/// folder is fsynced (the order of PostgreSQL's durable_rename, commit 606e0f9). Whatever fails, the
/// temporary file is removed.
package enum DurableWrite {
  /// Every temporary file's name begins so, and no other file's does.
  package static let temporaryPrefix = ".tend-tmp-"

  /// Makes `bytes` the content of `path`.
  package static func write(_ bytes: [UInt8], to path: String) throws(FileError) {
    try replace(path, with: bytes)
    try synchronise(folder: Folder.parent(of: path))
  }

  /// As `write`, but whether the old or the new content is there after a power cut is open until the
  /// folder is synchronised: for many files of one folder.
  package static func replace(_ path: String, with bytes: [UInt8]) throws(FileError) {
    try put(bytes, at: path, synchronises: true)
  }

  /// As `replace`, but a power cut soon after may lose the content as well: for the thousands of small
  /// files of a site, where waiting for the disk at each takes longer than making them. What was lost
  /// differs in size or time from what the stamp of the report holds, and is made again.
  package static func place(_ bytes: [UInt8], at path: String) throws(FileError) {
    try put(bytes, at: path, synchronises: false)
  }

  private static func put(
    _ bytes: [UInt8], at path: String, synchronises: Bool
  ) throws(FileError) {
    let folder = Folder.parent(of: path)
    let temporary = folder + "/" + temporaryName(for: String(path.utf8.count))
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw .system(action: "write", path: path, code: errno) }
    var step: (action: String, code: Int32)?
    if let code = fill(descriptor, bytes) { step = ("write", code) }
    if synchronises, step == nil, fsync(descriptor) != 0 { step = ("write (fsync)", errno) }
    if close(descriptor) != 0, step == nil { step = ("write (close)", errno) }
    if step == nil, rename(temporary, path) != 0 { step = ("rename into place", errno) }
    if let step {
      unlink(temporary)
      throw .system(action: step.action, path: path, code: step.code)
    }
  }

  package static func write(_ text: String, to path: String) throws(FileError) {
    try write(Array(text.utf8), to: path)
  }

  /// As `write`, but a file that already holds these bytes is left alone; whether it was written.
  @discardableResult
  package static func writeIfChanged(_ bytes: [UInt8], to path: String) throws(FileError) -> Bool {
    if Folder.kind(of: path) == .file {
      let reader = try FileReader(path)
      if reader.size == bytes.count, try reader.readAll() == bytes { return false }
    }
    try write(bytes, to: path)
    return true
  }

  /// Makes `path` a symbolic link to `target`; one that is already so is left alone.
  package static func link(_ path: String, to target: String) throws(FileError) {
    var known = [CChar](repeating: 0, count: 4097)
    let length = readlink(path, &known, 4096)
    if length >= 0, known.prefix(length).elementsEqual(target.utf8.map(CChar.init(bitPattern:))) {
      return
    }
    let temporary = Folder.parent(of: path) + "/" + temporaryName(for: "link")
    guard symlink(target, temporary) == 0 else {
      throw .system(action: "link", path: path, code: errno)
    }
    guard rename(temporary, path) == 0 else {
      let code = errno
      unlink(temporary)
      throw .system(action: "rename into place", path: path, code: code)
    }
  }

  /// Makes a rename in `folder` durable. POSIX: fsync on the folder.
  package static func synchronise(folder: String) throws(FileError) {
    let descriptor = open(folder, O_RDONLY | O_CLOEXEC | O_DIRECTORY)
    guard descriptor >= 0 else { throw .system(action: "open", path: folder, code: errno) }
    defer { close(descriptor) }
    // Some file systems cannot fsync a folder and say EINVAL; there is nothing to wait for then.
    guard fsync(descriptor) == 0 || errno == EINVAL else {
      throw .system(action: "write (fsync)", path: folder, code: errno)
    }
  }

  /// Removes temporary files in `folder` that a killed process left, older than `seconds`; their names.
  @discardableResult
  package static func sweep(_ folder: String, olderThan seconds: Int = 86_400) throws(FileError)
    -> [String]
  {
    var removed: [String] = []
    let now = time(nil)
    for name in try Folder.names(in: folder) where name.hasPrefix(temporaryPrefix) {
      let path = folder + "/" + name
      var status = stat()
      guard stat(path, &status) == 0, now - status.st_mtim.tv_sec >= seconds else { continue }
      if unlink(path) == 0 { removed.append(name) }
    }
    return removed
  }

  /// As `sweep`, in `folder` and everything below it that is no link; nothing where it is missing.
  package static func sweepAll(below folder: String) throws(FileError) {
    guard Folder.kind(of: folder) == .folder else { return }
    try sweep(folder)
    for name in try Folder.names(in: folder) {
      var status = stat()
      let path = folder + "/" + name
      guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { continue }
      try sweepAll(below: path)
    }
  }

  /// A name that no other process or thread uses.
  static func temporaryName(for word: String) -> String {
    let random = UInt64.random(in: .min ... .max)
    return temporaryPrefix + "\(getpid())-\(String(random, radix: 36))-\(word)"
  }

  /// Writes all of `bytes`; the errno of a failure.
  private static func fill(_ descriptor: Int32, _ bytes: [UInt8]) -> Int32? {
    bytes.withUnsafeBytes { buffer in
      guard let start = buffer.baseAddress else { return nil }
      var done = 0
      while done < buffer.count {
        let count = Glibc.write(descriptor, start + done, min(buffer.count - done, 1 << 30))
        if count < 0 {
          if errno == EINTR { continue }
          return errno
        }
        done += count
      }
      return nil
    }
  }
}
