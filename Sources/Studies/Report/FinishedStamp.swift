import Capture
import Files
import Foundation

/// What a finished run looked like: the contents that went in and the files that came out, each part
/// under its name.
///
/// Where none changed, analysis and drawing would give the same bytes again and are left out.
struct FinishedStamp {
  /// A part of what results, figures and site are made from, as a hash.
  struct Part: Sendable, Equatable {
    let name: String
    let hash: String
  }

  private let path: String
  private let outputs: [(name: String, folder: String)]

  /// `name` tells what was finished: each has a stamp of its own.
  init(_ folders: OutputFolders, of name: String = "finished") {
    path = folders.working + "/" + name
    outputs = [
      ("results/", folders.results), ("figures/", folders.figures), ("site/", folders.site),
    ]
  }

  /// The artifacts that the report of the last run is made of; empty where no run ended yet.
  func artifacts() throws(FileError) -> [(key: ArtifactKey, name: String)] {
    var artifacts: [(key: ArtifactKey, name: String)] = []
    for line in try lines() where line.hasPrefix(Self.artifact) {
      let words = line.dropFirst(Self.artifact.count).split(separator: " ", maxSplits: 1)
      guard words.count == 2, let key = ArtifactKey(String(words[0])) else { continue }
      artifacts.append((key, String(words[1])))
    }
    return artifacts
  }

  private static let artifact = "artifact "

  private func lines() throws(FileError) -> [Substring] {
    guard Folder.kind(of: path) == .file else { return [] }
    return String(decoding: try FileReader(path).readAll(), as: UTF8.self).split(separator: "\n")
  }

  /// Whether a run ended since the outputs were touched last.
  var isThere: Bool { Folder.kind(of: path) == .file }

  /// The names of the parts that are not as the last run left them; empty where nothing has to be made
  /// again, `nil` where no run ended yet.
  func changes(from content: [Part]) throws(FileError) -> [String]? {
    guard isThere else { return nil }
    var last: [String: String] = [:]
    for line in try lines() where !line.hasPrefix(Self.artifact) {
      guard let cut = line.firstIndex(of: " ") else { continue }
      last[String(line[line.index(after: cut)...])] = String(line[..<cut])
    }
    let now = try content + outputParts()
    let names = Set(now.map(\.name))
    let gone = last.keys.filter { !names.contains($0) }.sorted()
    return now.filter { last[$0.name] != $0.hash }.map(\.name) + gone
  }

  func write(
    _ content: [Part], artifacts: [(key: ArtifactKey, name: String)]
  ) throws(FileError) {
    let lines =
      try (content + outputParts()).map { "\($0.hash) \($0.name)\n" }
      + artifacts.map { "\(Self.artifact)\($0.key) \($0.name)\n" }
    try DurableWrite.write(lines.joined(), to: path)
  }

  /// Before outputs are touched: a run that is interrupted leaves no stamp.
  func remove() throws(FileError) {
    guard unlink(path) == 0 || errno == ENOENT else {
      throw .system(action: "remove", path: path, code: errno)
    }
  }

  private func outputParts() throws(FileError) -> [Part] {
    var parts: [Part] = []
    for (name, folder) in outputs {
      parts.append(Part(name: name, hash: try Self.hash(folder)))
    }
    return parts
  }

  /// Of names, sizes and times of everything below `folder`: a file that somebody changed or removed
  /// is written again.
  static func hash(_ folder: String) throws(FileError) -> String {
    var lines: [String] = []
    try list(folder, into: &lines)
    return SHA256Digest(of: lines.joined()).hex
  }

  private static func list(_ folder: String, into lines: inout [String]) throws(FileError) {
    guard let stream = opendir(folder) else {
      guard errno != ENOENT, errno != ENOTDIR else { return }
      throw .system(action: "list", path: folder, code: errno)
    }
    defer { closedir(stream) }
    var files: [String] = []
    var folders: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      guard name != ".", name != ".." else { continue }
      var status = stat()
      // From the open folder: the way to it is not walked again for each of its files.
      guard fstatat(dirfd(stream), name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
        throw .system(action: "examine", path: folder + "/" + name, code: errno)
      }
      if status.st_mode & S_IFMT == S_IFDIR {
        folders.append(name)
      } else {
        files.append(
          "\(name) \(status.st_size) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)\n")
      }
    }
    lines.append("\(folder)\n")
    lines += files.sorted()
    for name in folders.sorted() { try list(folder + "/" + name, into: &lines) }
  }
}
