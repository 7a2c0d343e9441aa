import Foundation
import Synchronization

@testable import Studies

/// A study in a folder of its own, with what happens while it runs.
final class StudyFolder: Sendable {
  let folder: URL
  private let seen = Mutex<[StudyEvent]>([])

  init(_ folder: URL) { self.folder = folder }

  var file: URL { folder.appending(path: "study.yaml") }

  func write(_ text: String) throws {
    try text.write(to: file, atomically: true, encoding: .utf8)
  }

  func runner(threads: Int = 2) throws -> StudyRunner {
    try StudyRunner(file: file.path, options: StudyOptions(threads: threads, command: "test")) {
      event in self.seen.withLock { $0.append(event) }
    }
  }

  /// Measures what is missing and gathers, without analysing or drawing.
  @discardableResult
  func measure() throws -> StudyResults {
    let runner = try runner()
    let measurement = StudyMeasurement(runner, try runner.inspect())
    return try measurement.gather(measurement.bringUpToDate())
  }

  /// The units that were done since the last call, by stage.
  func unitsDone() -> [StudyStage: Int] {
    let events = seen.withLock { seen in
      defer { seen = [] }
      return seen
    }
    var counts: [StudyStage: Int] = [:]
    for case .unitFinished(let stage, _, _, _, _) in events { counts[stage, default: 0] += 1 }
    return counts
  }

  func notes() -> [String] {
    seen.withLock { $0 }.compactMap { if case .note(let text) = $0 { text } else { nil } }
  }

  /// The artifacts of a kind, by path.
  func artifacts(_ kind: String) throws -> [URL] {
    let store = folder.appending(path: ".tend/\(kind)")
    guard FileManager.default.fileExists(atPath: store.path) else { return [] }
    return try FileManager.default.contentsOfDirectory(atPath: store.path).sorted()
      .map { store.appending(path: $0) }
  }

  /// Every file below the folder with its size and times.
  func snapshot() throws -> [String: String] {
    var files: [String: String] = [:]
    for name in try FileManager.default.subpathsOfDirectory(atPath: folder.path) {
      var status = stat()
      // A folder's time moves where it is tried whether it can be written; its files are what counts.
      guard lstat(folder.path + "/" + name, &status) == 0, status.st_mode & S_IFMT != S_IFDIR
      else { continue }
      files[name] =
        "\(status.st_ino) \(status.st_size) \(status.st_mtim.tv_sec) \(status.st_mtim.tv_nsec)"
    }
    return files
  }
}
