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

  /// The names of the parts that are not as the last run left them; empty where nothing has to be made
  /// again, `nil` where no run ended yet.
  func changes(from content: [Part]) throws(FileError) -> [String]? {
    guard Folder.kind(of: path) == .file else { return nil }
    let text = String(decoding: try FileReader(path).readAll(), as: UTF8.self)
    var last: [String: String] = [:]
    for line in text.split(separator: "\n") {
      guard let cut = line.firstIndex(of: " ") else { continue }
      last[String(line[line.index(after: cut)...])] = String(line[..<cut])
    }
    let now = try content + outputParts()
    let names = Set(now.map(\.name))
    let gone = last.keys.filter { !names.contains($0) }.sorted()
    return now.filter { last[$0.name] != $0.hash }.map(\.name) + gone
  }

  func write(_ content: [Part]) throws(FileError) {
    let lines = try (content + outputParts()).map { "\($0.hash) \($0.name)\n" }
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

extension StudyRunner {
  /// Everything that results, figures and site are made from: units, study, the author's pages and
  /// templates, and the program itself.
  func content(
    units: [StudyUnit], failures: [FailedUnit]
  ) throws(FileError) -> [FinishedStamp.Part] {
    func hash(_ bytes: [UInt8]) -> String { SHA256Digest(of: bytes).hex }
    var parts = [
      FinishedStamp.Part(name: "study.yaml", hash: hash(try FileReader(study.file).readAll())),
      FinishedStamp.Part(
        name: "measurements",
        hash: SHA256Digest(of: units.map { "\($0.name) \($0.key)\n" }.joined()).hex),
      FinishedStamp.Part(
        name: "failures", hash: SHA256Digest(of: failures.map { $0.line + "\n" }.joined()).hex),
    ]
    for folder in ["pages", "templates"] {
      parts.append(
        FinishedStamp.Part(
          name: folder, hash: try FinishedStamp.hash("\(study.folder)/\(folder)")))
    }
    for (name, path) in [
      ("evaluations", study.analysis.evaluations), ("table", study.measurements),
    ] {
      if let path {
        parts.append(FinishedStamp.Part(name: name, hash: hash(try FileReader(path).readAll())))
      }
    }
    for run in study.runs {
      let log = (run.checkpoints ?? "") + "/training_log.csv"
      if Folder.kind(of: log) == .file {
        parts.append(
          FinishedStamp.Part(
            name: "training log of \(run.name)", hash: hash(try FileReader(log).readAll())))
      }
    }
    parts.append(FinishedStamp.Part(name: "tend", hash: ProgramIdentity.current))
    return parts
  }
}

extension StudyRunner {
  /// Everything that a report is made from, by content: a page that was saved again without a change
  /// is no change.
  func reportContent() throws(FileError) -> [FinishedStamp.Part] {
    let own = [study.file] + [study.measurements, study.analysis.evaluations].compactMap { $0 }
    var files = own.filter { Folder.kind(of: $0) == .file }
    if study.measurements == nil {
      files += ResultsFolder.inputs.map { folders.results + "/" + $0 }
        .filter { Folder.kind(of: $0) == .file }
    }
    for folder in ["pages", "templates"] {
      try Self.addFiles(below: study.folder + "/" + folder, to: &files)
    }
    var parts: [FinishedStamp.Part] = []
    for file in files {
      let hash = SHA256Digest(of: try FileReader(file).readAll()).hex
      parts.append(FinishedStamp.Part(name: file, hash: hash))
    }
    return parts + [FinishedStamp.Part(name: "tend", hash: ProgramIdentity.current)]
  }

  private static func addFiles(
    below path: String, to files: inout [String]
  ) throws(FileError) {
    switch Folder.kind(of: path) {
    case .file: files.append(path)
    case .folder:
      for name in try Folder.names(in: path) { try addFiles(below: path + "/" + name, to: &files) }
    case .unreachable(let code): throw .system(action: "examine", path: path, code: code)
    case .missing, .other: break
    }
  }
}

/// Which program this is: its version, and the state of its file.
enum ProgramIdentity {
  static var current: String {
    var status = stat()
    let path = Bundle.main.executablePath ?? ""
    guard stat(path, &status) == 0 else { return TendVersion.current }
    return "\(TendVersion.current)/\(status.st_size)/\(status.st_mtim.tv_sec)"
  }
}
