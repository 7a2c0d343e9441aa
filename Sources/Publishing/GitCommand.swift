import Files
import Foundation

/// Runs Git in a folder.
struct GitCommand: Sendable {
  let folder: String

  /// What Git prints, without the newline at its end. `input` is its standard input. Throws
  /// ``SiteError`` with Git's own message where it fails.
  func callAsFunction(_ arguments: String..., input: [UInt8] = []) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["git", "-C", folder] + arguments
    // Files, not pipes: neither side ever waits for the other to read.
    let base = NSTemporaryDirectory() + "tend-git-" + UUID().uuidString
    let files = (input: base + ".in", output: base + ".out", errors: base + ".err")
    defer { for file in [files.input, files.output, files.errors] { unlink(file) } }
    for (file, contents) in [(files.input, input), (files.output, []), (files.errors, [])] {
      try DurableWrite.replace(file, with: contents)
    }
    process.standardInput = try FileHandle(forReadingFrom: URL(fileURLWithPath: files.input))
    process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: files.output))
    process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: files.errors))
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      let message = String(decoding: try FileAccess.read(files.errors), as: UTF8.self)
      throw FileAccess.error("git \(arguments[0]) in", folder, reason: Self.reason(in: message))
    }
    let output = String(decoding: try FileAccess.read(files.output), as: UTF8.self)
    return output.hasSuffix("\n") ? String(output.dropLast()) : output
  }

  /// The lines that say what went wrong, in one; the hints around them are for people at a prompt.
  static func reason(in message: String) -> String {
    let lines = message.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
    let telling = lines.filter { line in
      ["fatal:", "error:", "! [", "remote:"].contains { line.hasPrefix($0) }
    }
    let shown = telling.isEmpty ? lines.suffix(1) : telling[...]
    return shown.isEmpty ? "no message" : shown.joined(separator: "; ")
  }
}
