import Dispatch
import Files
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Writes a file and hashes it on the way, beside the thread that receives it.
///
/// Pieces of `pieceSize` go through a queue of `mostPieces`; whoever brings more waits. So memory is
/// constant, and a kill loses at most `pieceSize * (mostPieces + 1)` bytes that had arrived.
final class BlobWriter {
  static let pieceSize = 256 << 10
  static let mostPieces = 8
  /// After so many bytes the disk is told to begin writing, so that the fsync at the end is short.
  private static let stretch = 16 << 20

  /// File and hash, on the side of the queue.
  private struct Sink: ~Copyable {
    let descriptor: Int32
    let path: String
    var offset: Int
    var hasher: ContentHasher
    var failure: FileError?
    /// Up to here the disk was told to begin writing.
    var begun = 0
    /// Written pieces, to be filled again.
    var spare: [[UInt8]] = []

    mutating func take(_ piece: [UInt8]) {
      if failure == nil {
        piece.withUnsafeBytes { bytes in
          failure = write(bytes)
          if failure == nil { hasher.update(bytes) }
        }
      }
      var piece = piece
      piece.removeAll(keepingCapacity: true)
      spare.append(piece)
    }

    /// POSIX: pwrite.
    private mutating func write(_ bytes: UnsafeRawBufferPointer) -> FileError? {
      var done = 0
      while let base = bytes.baseAddress, done < bytes.count {
        let count = pwrite(descriptor, base + done, bytes.count - done, off_t(offset))
        if count < 0 {
          if errno == EINTR { continue }
          return .system(action: "write", path: path, code: errno)
        }
        done += count
        offset += count
      }
      if offset - begun >= BlobWriter.stretch { beginWriting() }
      return nil
    }

    /// POSIX: posix_fadvise, for which Linux writes and does not wait; where it does nothing the fsync
    /// does all.
    private mutating func beginWriting() {
      posix_fadvise(descriptor, off_t(begun), off_t(offset - begun), POSIX_FADV_DONTNEED)
      begun = offset
    }
  }

  private let hash: BlobHash
  private let size: Int
  private let queue = DispatchQueue(label: "blob")
  private let shared: Shared
  private var piece: [UInt8] = []
  /// Bytes of the file that were taken, those from an earlier call included.
  private(set) var count = 0

  /// What both sides of the queue hold.
  private final class Shared: Sendable {
    let sink: Mutex<Sink>
    let room = DispatchSemaphore(value: BlobWriter.mostPieces)

    init(_ sink: consuming sending Sink) { self.sink = Mutex(sink) }
  }

  /// A writer over the open file `descriptor`, which stays the caller's; it is empty or has its
  /// content read in by `resume`.
  init(descriptor: Int32, path: String, hash: BlobHash, size: Int) {
    self.hash = hash
    self.size = size
    shared = Shared(
      Sink(
        descriptor: descriptor, path: path, offset: 0, hasher: Self.hasher(hash, size: size)))
  }

  private static func hasher(_ hash: BlobHash, size: Int) -> ContentHasher {
    switch hash {
    case .sha256: .sha256()
    case .gitBlob: .gitBlob(size: size)
    }
  }

  /// Hashes the first `count` bytes of the file, which an earlier call left; POSIX: pread.
  func resume(_ count: Int, isStopped: () -> Bool) throws(FetchError) {
    var buffer = [UInt8](repeating: 0, count: Self.pieceSize)
    while self.count < count {
      if isStopped() { throw .cancelled }
      let wanted = min(buffer.count, count - self.count)
      let offset = self.count
      let result = shared.sink.withLock { sink -> Result<Int, FileError> in
        let got = pread(sink.descriptor, &buffer, wanted, off_t(offset))
        guard got > 0 else {
          return .failure(.system(action: "read", path: sink.path, code: got < 0 ? errno : EIO))
        }
        buffer.withUnsafeBytes { sink.hasher.update(UnsafeRawBufferPointer(rebasing: $0[..<got])) }
        sink.offset += got
        return .success(got)
      }
      switch result {
      case .success(let got): self.count += got
      case .failure(let error): throw .file(error)
      }
    }
  }

  /// Takes the next bytes; waits while the disk is behind. Throws what stopped the writing.
  func append(_ bytes: UnsafeRawBufferPointer) throws(FetchError) {
    var rest = bytes
    while !rest.isEmpty {
      if piece.capacity == 0 { piece = try nextPiece() }
      let taken = min(rest.count, Self.pieceSize - piece.count)
      piece.append(contentsOf: UnsafeRawBufferPointer(rebasing: rest[..<taken]))
      rest = UnsafeRawBufferPointer(rebasing: rest[taken...])
      count += taken
      if piece.count == Self.pieceSize { send() }
    }
  }

  private func nextPiece() throws(FetchError) -> [UInt8] {
    let (spare, failure) = shared.sink.withLock { sink in (sink.spare.popLast(), sink.failure) }
    if let failure { throw .file(failure) }
    if let spare { return spare }
    var piece: [UInt8] = []
    piece.reserveCapacity(Self.pieceSize)
    return piece
  }

  private func send() {
    guard !piece.isEmpty else { return }
    let full = piece
    piece = []
    shared.room.wait()
    queue.async { [shared] in
      shared.sink.withLock { $0.take(full) }
      shared.room.signal()
    }
  }

  /// Returns when all that was taken lies in the file. Throws what stopped the writing.
  func flush() throws(FetchError) {
    send()
    queue.sync {}
    if let failure = shared.sink.withLock({ $0.failure }) { throw .file(failure) }
  }

  /// Forgets everything: the file is begun anew.
  func restart() throws(FetchError) {
    send()
    queue.sync {}
    let hash = hash
    let size = size
    let failure = shared.sink.withLock { sink -> FileError? in
      guard ftruncate(sink.descriptor, 0) == 0 else {
        return .system(action: "shorten", path: sink.path, code: errno)
      }
      sink.offset = 0
      sink.begun = 0
      sink.hasher = Self.hasher(hash, size: size)
      return nil
    }
    if let failure { throw .file(failure) }
    count = 0
  }

  /// The hash of everything; the writer is used up.
  func finish() throws(FetchError) -> String {
    try flush()
    let hash = hash
    let size = size
    return shared.sink.withLock { sink in
      var hasher = Self.hasher(hash, size: size)
      swap(&hasher, &sink.hasher)
      return hasher.finalize()
    }
  }
}
