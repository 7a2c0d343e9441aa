import Capture
import Files
import Foundation
import Publishing

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

  /// Folders are listed several at once.
  private let workers: Workers

  /// `name` tells what was finished, with these outputs: each has a stamp of its own.
  private init(_ runner: StudyRunner, of name: String, _ outputs: [(name: String, folder: String)])
  {
    path = runner.folders.working + "/" + name
    workers = Workers(width: runner.options.threads)
    self.outputs = outputs
  }

  /// Of the last run that ended.
  static func run(_ runner: StudyRunner) -> FinishedStamp {
    FinishedStamp(runner, of: "finished", all(runner.folders))
  }

  /// Of the last report that was made from stored results.
  static func report(_ runner: StudyRunner) -> FinishedStamp {
    FinishedStamp(runner, of: "reported", all(runner.folders))
  }

  /// Of the tables alone.
  static func tables(_ runner: StudyRunner) -> FinishedStamp {
    FinishedStamp(runner, of: "tables", [("results/", runner.folders.results)])
  }

  private static func all(_ folders: OutputFolders) -> [(name: String, folder: String)] {
    [("results/", folders.results), ("figures/", folders.figures), ("site/", folders.site)]
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
    // By bytes: thousands of pages are thousands of lines.
    return String(decoding: try FileReader(path).readAll(), as: UTF8.self).utf8
      .split(separator: UInt8(ascii: "\n")).map { Substring($0) }
  }

  /// Whether a run ended since the outputs were touched last.
  var isThere: Bool { Folder.kind(of: path) == .file }

  /// The names of the parts that are not as the last run left them; empty where nothing has to be made
  /// again, `nil` where no run ended yet.
  func changes(from content: [Part]) throws(FileError) -> [String]? {
    guard isThere else { return nil }
    var last: [String: String] = [:]
    for line in try lines() where !line.hasPrefix(Self.artifact) {
      guard let cut = line.utf8.firstIndex(of: UInt8(ascii: " ")) else { continue }
      last[String(line[line.utf8.index(after: cut)...])] = String(line[..<cut])
    }
    let now = try content + outputParts()
    let names = Set(now.map(\.name))
    let gone = last.keys.filter { !names.contains($0) }.sorted()
    return now.filter { last[$0.name] != $0.hash }.map(\.name) + gone
  }

  func write(
    _ content: [Part], artifacts: [(key: ArtifactKey, name: String)] = []
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
      parts.append(Part(name: name, hash: try Self.hash(folder, workers)))
    }
    return parts
  }

  /// Of names, sizes and times of everything below `folder`: a file that somebody changed or removed
  /// is written again.
  static func hash(_ folder: String, _ workers: Workers) throws(FileError) -> String {
    var text = ""
    var level = [folder]
    while !level.isEmpty {
      let above = level
      let listings = try workers.map(above.count) { place throws(FileError) in
        try list(above[place])
      }
      level = []
      for (folder, listing) in zip(above, listings) {
        text += folder + "\n" + listing.files.joined()
        level += listing.folders.map { folder + "/" + $0 }
      }
    }
    return SHA256Digest(of: text).hex
  }

  /// A line for each file right in `folder`, links among them, and the names of its folders; nothing
  /// where it is not there.
  private static func list(
    _ folder: String
  ) throws(FileError) -> (files: [String], folders: [String]) {
    guard let stream = opendir(folder) else {
      guard errno != ENOENT, errno != ENOTDIR else { return ([], []) }
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
      // Some file systems do not tell the kind here.
      guard entry.pointee.d_type != UInt8(DT_DIR) else {
        folders.append(name)
        continue
      }
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
    return (files.sorted(), folders.sorted())
  }
}
