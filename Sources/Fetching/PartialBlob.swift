import Files
import Foundation

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A blob that is not whole yet: `blobs/HASH.HOST-PID-MARK.incomplete`.
///
/// The name says whose it is, so that no lock is needed (file systems of clusters have none, or pretend
/// to): what a process that is gone left is taken over by renaming it, which only one can do. A file that
/// another process is filling is waited for as long as it grows. Two that fetch the same blob all the
/// same each write their own and rename the same content.
final class PartialBlob {
  private let blobs: String
  private let file: HubFile
  private let path: String
  private let descriptor: Int32
  let writer: BlobWriter
  /// The entity tag of the answer that the bytes so far are from, for If-Range.
  private(set) var tag: String?

  /// A left-over that nobody has touched for so many seconds is free, whoever made it.
  static let abandonedAfter = 600

  /// Opens what there is of `file` in the folder `blobs`, or begins it; nil where the blob is there by
  /// the time. `tell` gets a sentence for a longer wait.
  static func open(
    _ file: HubFile, blobs: String, waiting: Waiting, timing: FetchTiming,
    tell: (String) -> Void
  ) throws(FetchError) -> PartialBlob? {
    var watched: [String: (size: Int, since: ContinuousClock.Instant)] = [:]
    var hasTold = false
    while true {
      if CachedBlob.isThere(file, blobs: blobs) { return nil }
      let found = try leftOvers(of: file, blobs: blobs)
      let own = blobs + "/" + owner.name(for: file.hash)
      for path in found.free where path != own && Folder.kind(of: own) == .missing {
        // Somebody else may have been faster; then it is not there any more.
        if Glibc.rename(path, own) == 0 { break }
      }
      if Folder.kind(of: own) == .file || found.busy.isEmpty {
        return try PartialBlob(file, blobs: blobs, path: own, waiting: waiting)
      }
      var isGrowing = false
      for (path, size) in found.busy {
        let known = watched[path]
        if known?.size != size { watched[path] = (size, .now) }
        let since = watched[path]?.since ?? .now
        if ContinuousClock.now - since < .seconds(timing.stall) { isGrowing = true }
      }
      guard isGrowing else {
        return try PartialBlob(file, blobs: blobs, path: own, waiting: waiting)
      }
      if !hasTold { tell("another process is fetching \(file.path); waiting for it") }
      hasTold = true
      try waiting.sleep(0.5)
    }
  }

  private init(
    _ file: HubFile, blobs: String, path: String, waiting: Waiting
  ) throws(FetchError) {
    let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else {
      throw .file(.system(action: "write", path: path, code: errno))
    }
    self.file = file
    self.blobs = blobs
    self.path = path
    self.descriptor = descriptor
    writer = BlobWriter(
      descriptor: descriptor, path: path, hash: file.hash, size: file.size)
    tag = readTag()
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw .file(.system(action: "examine", path: path, code: errno))
    }
    guard status.st_size <= file.size else {
      try writer.restart()
      return
    }
    try writer.resume(Int(status.st_size), isStopped: { waiting.isStopped })
  }

  deinit { close(descriptor) }

  /// Notes the entity tag of the answer that bytes are now taken from.
  func note(tag: String?) throws(FetchError) {
    guard tag != self.tag else { return }
    self.tag = tag
    guard let tag else {
      unlink(tagPath)
      return
    }
    do throws(FileError) { try DurableWrite.write(tag, to: tagPath) } catch { throw .file(error) }
  }

  private var tagPath: String { blobs + "/" + file.hash.name + ".etag" }

  private func readTag() -> String? {
    guard Folder.kind(of: tagPath) == .file else { return nil }
    // Without a tag the range is asked for all the same, and the hash decides.
    guard let reader = try? FileReader(tagPath), reader.size <= 1024,
      let bytes = try? reader.readAll()
    else { return nil }
    let tag = String(decoding: bytes, as: UTF8.self)
    return tag.utf8.allSatisfy { (0x21...0x7E).contains($0) } ? tag : nil
  }

  /// Gives the finished file its name if its content has the hash; else the hash that it has, and the
  /// file is begun anew.
  func publish() throws(FetchError) -> String? {
    let found = try writer.finish()
    guard found == file.hash.name else {
      try writer.restart()
      try note(tag: nil)
      return found
    }
    guard fsync(descriptor) == 0 else {
      throw .file(.system(action: "write (fsync)", path: path, code: errno))
    }
    guard Glibc.rename(path, blobs + "/" + file.hash.name) == 0 else {
      throw .file(.system(action: "rename into place", path: path, code: errno))
    }
    unlink(tagPath)
    do throws(FileError) { try DurableWrite.synchronise(folder: blobs) } catch {
      throw .file(error)
    }
    return nil
  }

  // MARK: Whose a left-over is

  /// This process, as it stands in the names of its files.
  struct Owner: Equatable {
    let host: String
    let process: Int32
    /// Tells processes of one number on hosts of one name apart, as containers may have.
    let mark: String

    private static let ownMark = String(UInt32.random(in: .min ... .max), radix: 36)

    func name(for hash: BlobHash) -> String {
      "\(hash.name).\(host)-\(process)-\(mark).incomplete"
    }

    /// The owner that `name` tells; nil where it tells none.
    init?(name: String, hash: BlobHash) {
      guard name.hasPrefix(hash.name + "."), name.hasSuffix(".incomplete") else { return nil }
      let middle = name.dropFirst(hash.name.count + 1).dropLast(".incomplete".count)
      let parts = middle.split(separator: "-", omittingEmptySubsequences: false)
      guard parts.count == 3, let process = Int32(parts[1]), process > 0 else { return nil }
      host = String(parts[0])
      self.process = process
      mark = String(parts[2])
    }

    init(host: String, process: Int32) {
      mark = Self.ownMark
      self.host = String(
        host.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" }.prefix(48))
      self.process = process
    }

    /// Whether that process is still there, as far as this machine can tell.
    var isGone: Bool {
      guard host == PartialBlob.owner.host else { return false }
      // This process's number under another mark is that of one before.
      return process == getpid() ? mark != Self.ownMark : kill(process, 0) != 0 && errno == ESRCH
    }
  }

  static var owner: Owner { Owner(host: ProcessInfo.processInfo.hostName, process: getpid()) }

  /// The beginnings of `file` that may be taken over, the longest first, and those that may still be
  /// growing, with their sizes.
  private static func leftOvers(
    of file: HubFile, blobs: String
  ) throws(FetchError) -> (free: [String], busy: [(path: String, size: Int)]) {
    let names: [String]
    do throws(FileError) { names = try Folder.names(in: blobs) } catch { throw .file(error) }
    var free: [(path: String, size: Int)] = []
    var busy: [(path: String, size: Int)] = []
    for name in names where name.hasPrefix(file.hash.name + ".") && name.hasSuffix(".incomplete") {
      let path = blobs + "/" + name
      var status = stat()
      guard stat(path, &status) == 0 else { continue }
      let entry = (path: path, size: Int(status.st_size))
      let owner = Owner(name: name, hash: file.hash)
      let isOld = time(nil) - status.st_mtim.tv_sec > abandonedAfter
      if isOld || owner == self.owner || owner?.isGone == true {
        free.append(entry)
      } else {
        busy.append(entry)
      }
    }
    return (free.sorted { $0.size > $1.size }.map(\.path), busy)
  }

  /// Removes what gone processes left of a blob that is there by now.
  static func sweep(_ file: HubFile, blobs: String) throws(FetchError) {
    for path in try leftOvers(of: file, blobs: blobs).free { unlink(path) }
  }
}
