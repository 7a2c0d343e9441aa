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
  mutating func write(_ files: [(name: String, bytes: [UInt8])]) throws(ReportError) {
    let before = hashes()
    var after: [String: String] = [:]
    for file in files { after[file.name] = SHA256Digest(of: file.bytes).hex }
    // Owned before they are there: a killed call leaves no strangers.
    let both = before.merging(after) { _, new in new }
    if both != before { try put(Self.text(both), Self.manifest) }
    for file in files {
      if contents(file.name) == Data(file.bytes) {
        unchanged += 1
      } else {
        try put(file.bytes, file.name)
        written += 1
      }
    }
    for (name, hash) in before.sorted(by: { $0.key < $1.key }) where after[name] == nil {
      guard let bytes = contents(name), SHA256Digest(of: [UInt8](bytes)).hex == hash else {
        continue
      }
      do {
        try FileManager.default.removeItem(atPath: path + "/" + name)
      } catch {
        throw .file(
          path: path + "/" + name, doing: "remove", reason: error.localizedDescription)
      }
      removed += 1
    }
    if both != after { try put(Self.text(after), Self.manifest) }
  }

  /// The names of the files that ``write(_:)`` would write or remove, sorted.
  func differences(from files: [(name: String, bytes: [UInt8])]) -> [String] {
    let wanted = Set(files.map(\.name))
    let changed = files.filter { contents($0.name) != Data($0.bytes) }.map(\.name)
    let leftover = hashes().keys.filter { !wanted.contains($0) && contents($0) != nil }
    return (changed + leftover).sorted()
  }

  /// The bytes of a regular file, nil for anything else.
  private func contents(_ name: String) -> Data? {
    let place = path + "/" + name
    guard Folder.kind(of: place) == .file else { return nil }
    return FileManager.default.contents(atPath: place)
  }

  private func put(_ bytes: [UInt8], _ name: String) throws(ReportError) {
    let place = path + "/" + name
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      try Data(bytes).write(to: URL(fileURLWithPath: place), options: .atomic)
    } catch {
      throw .file(path: place, doing: "write", reason: error.localizedDescription)
    }
  }

  private static func text(_ hashes: [String: String]) -> [UInt8] {
    let lines = hashes.sorted { $0.key < $1.key }.map { "\($0.value)  \($0.key)\n" }
    return Array((heading + "\n" + lines.joined()).utf8)
  }

  /// The manifest; lines that are not of its form are passed over: a manifest from elsewhere must not
  /// make us remove anything outside the folder.
  private func hashes() -> [String: String] {
    guard let bytes = contents(Self.manifest), bytes.count <= Self.longestManifest else {
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
