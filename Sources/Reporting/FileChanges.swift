import Foundation

/// Writes files that differ from what is there, each in one move, and counts.
struct FileChanges {
  private(set) var written = 0
  private(set) var unchanged = 0

  mutating func write(_ bytes: [UInt8], to path: String) throws(ReportError) {
    let data = Data(bytes)
    if FileManager.default.contents(atPath: path) == data {
      unchanged += 1
      return
    }
    let url = URL(fileURLWithPath: path)
    do {
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try data.write(to: url, options: .atomic)
    } catch {
      throw .file(path: path, doing: "write", reason: error.localizedDescription)
    }
    written += 1
  }
}
