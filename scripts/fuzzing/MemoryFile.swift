import Glibc

/// A file in memory whose content is replaced for every input.
struct MemoryFile {
  private let descriptor: Int32
  /// A path under which it can be opened.
  let path: String

  init(_ name: String) {
    let place = "/dev/shm/tend-fuzz-\(name)-\(getpid())"
    descriptor = open(place, O_RDWR | O_CREAT | O_EXCL, 0o600)
    precondition(descriptor >= 0, "no file in memory: errno \(errno)")
    unlink(place)
    path = "/proc/self/fd/\(descriptor)"
  }

  func replace(by bytes: UnsafeRawBufferPointer) {
    precondition(ftruncate(descriptor, 0) == 0, "errno \(errno)")
    guard let start = bytes.baseAddress, !bytes.isEmpty else { return }
    precondition(pwrite(descriptor, start, bytes.count, 0) == bytes.count, "errno \(errno)")
  }
}
