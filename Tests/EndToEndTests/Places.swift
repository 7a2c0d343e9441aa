import Foundation
import Testing

/// Where the repository and the shared reference data lie.
enum Places {
  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  static let fixture = root.appending(path: "Tests/Fixtures/nano")

  /// The folder of shared reference data; a work tree elsewhere may name it.
  static let shared =
    ProcessInfo.processInfo.environment["TEND_SHARED"].map {
      URL(fileURLWithPath: $0)
    } ?? root.deletingLastPathComponent().appending(path: "shared")

  static let miniPythia = shared.appending(path: "data/mini-pythia")

  static let miniPythiaIsMissing: Comment = "../shared/data/mini-pythia is not there"

  static func isThere(_ url: URL) -> Bool { FileManager.default.fileExists(atPath: url.path) }

  /// A folder of its own for one test, removed afterwards.
  static func withFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "tend-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder)
  }

  /// The fixture's study in a folder of its own.
  static func withFixture<Result>(_ body: (URL) throws -> Result) throws -> Result {
    try withFolder { folder in
      let copy = folder.appending(path: "study")
      try FileManager.default.copyItem(at: fixture, to: copy)
      return try body(copy)
    }
  }
}
