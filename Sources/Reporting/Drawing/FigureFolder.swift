import Files
import Foundation

/// A folder of figures: writes files that differ from what is there, each in one move, and removes
/// what an earlier call wrote and this one does not.
///
/// Which files are ours stands in the folder itself, one line a file, `SHA-256  NAME`. A file that is
/// not listed there, or that somebody has changed since, is never removed.
struct FigureFolder {
  static let manifest = ".tend-files"
  private static let heading = "# written by tend: files that a later call may replace or remove"
  /// A longer manifest is not one.
  private static let longestManifest = 16_000_000

  let path: String
  private(set) var written = 0
  private(set) var unchanged = 0
  private(set) var removed = 0

  init(_ path: String) { self.path = path }

  /// Makes `files` the ones of ours that the folder holds.
  mutating func write(_ files: [(name: String, bytes: [UInt8])]) throws(FileError) {
    let before = try hashes()
    var after: [String: String] = [:]
    for file in files { after[file.name] = SHA256Digest(of: file.bytes).hex }
    // Owned before they are there: a killed call leaves no strangers.
    let both = before.merging(after) { _, new in new }
    if both != before {
      try Folder.make(path)
      try DurableWrite.write(Self.text(both), to: path + "/" + Self.manifest)
    }
    for file in files {
      if try contents(file.name) == file.bytes {
        unchanged += 1
      } else {
        try DurableWrite.place(file.bytes, at: path + "/" + file.name)
        written += 1
      }
    }
    for (name, hash) in before.sorted(by: { $0.key < $1.key }) where after[name] == nil {
      guard let bytes = try contents(name), SHA256Digest(of: bytes).hex == hash else { continue }
      guard unlink(path + "/" + name) == 0 || errno == ENOENT else {
        throw .system(action: "remove", path: path + "/" + name, code: errno)
      }
      removed += 1
    }
    if both != after { try DurableWrite.write(Self.text(after), to: path + "/" + Self.manifest) }
  }

  /// The files that ``write(_:)`` would write or remove, sorted by name: `cka-ov.csv: differs`.
  func differences(
    from files: [(name: String, bytes: [UInt8])]
  ) throws(FileError) -> [String] {
    let wanted = Set(files.map(\.name))
    var different: [String] = []
    for file in files {
      let there = try contents(file.name)
      guard there != file.bytes else { continue }
      different.append(file.name + (there == nil ? ": is missing" : ": differs"))
    }
    for name in try hashes().keys where !wanted.contains(name) {
      if Folder.kind(of: path + "/" + name) == .file {
        different.append(name + ": is no longer drawn")
      }
    }
    return different.sorted()
  }

  /// The bytes of a regular file, nil for anything else.
  private func contents(_ name: String) throws(FileError) -> [UInt8]? {
    let place = path + "/" + name
    guard Folder.kind(of: place) == .file else { return nil }
    return try FileReader(place).readAll()
  }

  private static func text(_ hashes: [String: String]) -> [UInt8] {
    let lines = hashes.sorted { $0.key < $1.key }.map { "\($0.value)  \($0.key)\n" }
    return Array((heading + "\n" + lines.joined()).utf8)
  }

  /// The manifest; lines that are not of its form are passed over: a manifest from elsewhere must not
  /// make us remove anything outside the folder.
  private func hashes() throws(FileError) -> [String: String] {
    guard let bytes = try contents(Self.manifest), bytes.count <= Self.longestManifest else {
      return [:]
    }
    var hashes: [String: String] = [:]
    for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
      let parts = line.split(separator: " ")
      guard parts.count == 2, parts[0].utf8.count == 64, Self.isName(parts[1]) else { continue }
      hashes[String(parts[1])] = String(parts[0])
    }
    return hashes
  }

  private static func isName(_ name: Substring) -> Bool {
    !name.hasPrefix(".")
      && name.utf8.allSatisfy { byte in
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
          || (0x61...0x7A).contains(byte) || [0x2D, 0x2E, 0x40, 0x5F].contains(byte)
      }
  }
}
