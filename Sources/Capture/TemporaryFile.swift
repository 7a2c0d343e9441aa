import Files
import Foundation

/// A file that is written in one pass under a temporary name and gets its own name only when it is
/// complete and on the disk: `DurableWrite` for content that is never in memory as a whole.
///
/// Whatever happens before leaves nothing under the final name.
final class TemporaryFile {
  private let folder: String
  private let temporary: String
  private var descriptor: Int32
  private var buffer: [UInt8] = []
  private(set) var count = 0

  private static let bufferSize = 1 << 20

  init(in folder: String) throws(FileError) {
    self.folder = folder
    let unique = String(UInt64.random(in: .min ... .max), radix: 36)
    temporary = "\(folder)/\(DurableWrite.temporaryPrefix)\(getpid())-\(unique)-artifact"
    descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw Self.error(folder, "write into") }
  }

  deinit {
    guard descriptor >= 0 else { return }
    close(descriptor)
    unlink(temporary)
  }

  func append(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    count += bytes.count
    if buffer.count + bytes.count <= Self.bufferSize {
      buffer.append(contentsOf: bytes)
    } else {
      try flush()
      try write(bytes)
    }
  }

  func append(_ bytes: [UInt8]) throws(FileError) {
    count += bytes.count
    buffer += bytes
    if buffer.count > Self.bufferSize { try flush() }
  }

  /// Makes the file durable under `name`, replacing what is there.
  func commit(as name: String) throws(FileError) {
    try flush()
    guard fsync(descriptor) == 0 else { throw Self.error(temporary, "write (fsync)") }
    let path = folder + "/" + name
    // The error of a close is the last that a network file system tells.
    let closing = close(descriptor)
    descriptor = -1
    guard closing == 0 else { throw abandoned(path, "write (close)") }
    guard rename(temporary, path) == 0 else { throw abandoned(path, "rename into place") }
    try DurableWrite.synchronise(folder: folder)
  }

  private func abandoned(_ path: String, _ action: String) -> FileError {
    let error = Self.error(path, action)
    unlink(temporary)
    return error
  }

  private func flush() throws(FileError) {
    let pending = buffer
    buffer.removeAll(keepingCapacity: true)
    var failure: FileError?
    pending.withUnsafeBytes { bytes in
      do throws(FileError) { try write(bytes) } catch { failure = error }
    }
    if let failure { throw failure }
  }

  private func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    guard let start = bytes.baseAddress else { return }
    var done = 0
    while done < bytes.count {
      // SAFETY: start is valid for bytes.count bytes while the caller's closure runs.
      let written = Foundation.write(descriptor, start + done, min(bytes.count - done, 1 << 30))
      if written < 0 {
        if errno == EINTR { continue }
        throw Self.error(folder, "write into")
      }
      done += written
    }
  }

  private static func error(_ path: String, _ action: String) -> FileError {
    .system(action: action, path: path, code: errno)
  }
}
