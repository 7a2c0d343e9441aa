#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A regular file open for reading at any offset, from several threads at once.
///
/// Reads go through pread: a file that is truncated or lost while it is read gives an error, where a
/// mapped file would kill the process.
package final class FileReader: Sendable {
  package let path: String
  /// Bytes when it was opened.
  package let size: Int
  /// Which file this is, and in which state: changes whenever its content may have.
  package let identity: FileIdentity
  private let descriptor: Int32

  package init(_ path: String) throws(FileError) {
    // Non-blocking, so that opening a pipe without a writer does not wait for ever.
    var descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    // The checkpoints of a study stay open together, more than the 1,024 files that are usual.
    if descriptor < 0, errno == EMFILE, Self.raiseLimit() {
      descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    }
    guard descriptor >= 0 else { throw .system(action: "open", path: path, code: errno) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      let code = errno
      close(descriptor)
      throw .system(action: "examine", path: path, code: code)
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw .notRegular(path: path, kind: FileIdentity.kind(status.st_mode))
    }
    self.path = path
    self.descriptor = descriptor
    size = Int(status.st_size)
    identity = FileIdentity(status)
  }

  deinit { close(descriptor) }

  /// `count` bytes from `offset` on.
  package func read(at offset: Int, count: Int) throws(FileError) -> [UInt8] {
    precondition(offset >= 0 && count >= 0, "\(count) bytes at \(offset)")
    guard offset <= size, count <= size - offset else {
      throw .truncated(
        path: path, offset: offset, expected: count, found: max(0, size - offset))
    }
    var failure: FileError?
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      do throws(FileError) {
        try read(at: offset, into: UnsafeMutableRawBufferPointer(buffer))
        filled = count
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return bytes
  }

  /// Fills `target` from `offset` on. POSIX: pread.
  ///
  /// A read that fails or comes too short is tried once more: network file systems recover from some
  /// faults by themselves.
  package func read(at offset: Int, into target: UnsafeMutableRawBufferPointer) throws(FileError) {
    guard let start = target.baseAddress else { return }
    var done = 0
    var isSecondTry = false
    while done < target.count {
      let count = pread(descriptor, start + done, target.count - done, off_t(offset + done))
      if count > 0 {
        done += count
        continue
      }
      let code = errno
      if count < 0, code == EINTR { continue }
      guard isSecondTry else {
        isSecondTry = true
        usleep(20_000)
        continue
      }
      throw count < 0
        ? .system(action: "read", path: path, code: code)
        : .truncated(path: path, offset: offset, expected: target.count, found: done)
    }
  }

  /// Throws if the file is not what it was when it was opened: written to since, or another file at
  /// the same path. What was read may then be of two contents.
  package func checkUnchanged() throws(FileError) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw .system(action: "examine", path: path, code: errno)
    }
    let now = FileIdentity(status)
    guard now.size == identity.size, now.modifiedNanoseconds == identity.modifiedNanoseconds else {
      throw .changed(path: path, how: "was written to")
    }
    guard stat(path, &status) == 0 else {
      throw .changed(path: path, how: "was removed or became unreachable")
    }
    let there = FileIdentity(status)
    guard there.device == identity.device, there.inode == identity.inode else {
      throw .changed(path: path, how: "was replaced by another file")
    }
  }

  /// Allows as many open files as the system grants without privileges; whether that helped.
  private static func raiseLimit() -> Bool {
    var limit = rlimit()
    guard getrlimit(openFiles, &limit) == 0, limit.rlim_cur < limit.rlim_max else { return false }
    limit.rlim_cur = limit.rlim_max
    return setrlimit(openFiles, &limit) == 0
  }

  #if canImport(Glibc)
    private static let openFiles = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
  #else
    private static let openFiles = RLIMIT_NOFILE
  #endif

  /// The whole file.
  package func readAll() throws(FileError) -> [UInt8] { try read(at: 0, count: size) }
}

/// Which file lies at a path, and in which state: device, inode, size and times of change.
package struct FileIdentity: Hashable, Sendable {
  package let device: UInt64
  package let inode: UInt64
  package let size: Int64
  package let modifiedNanoseconds: Int64
  /// When content or attributes last changed; unlike the modification time nobody can set it.
  package let changedNanoseconds: Int64

  init(_ status: stat) {
    device = UInt64(status.st_dev)
    inode = UInt64(status.st_ino)
    size = Int64(status.st_size)
    modifiedNanoseconds = Self.nanoseconds(status.st_mtim)
    changedNanoseconds = Self.nanoseconds(status.st_ctim)
  }

  private static func nanoseconds(_ time: timespec) -> Int64 {
    Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
  }

  /// A kind of file in words.
  static func kind(_ mode: mode_t) -> String {
    switch mode & S_IFMT {
    case S_IFDIR: "a folder"
    case S_IFIFO: "a pipe"
    case S_IFSOCK: "a socket"
    case S_IFCHR, S_IFBLK: "a device"
    case S_IFREG: "a file"
    default: "something else"
    }
  }
}
