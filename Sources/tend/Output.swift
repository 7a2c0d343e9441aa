import Foundation
import Studies

/// Standard output for results, standard error for messages; both without anything that steers a
/// terminal.
enum Output {
  static func result(_ line: String) {
    FileHandle.standardOutput.write(Data((Spelling.inert(line) + "\n").utf8))
  }

  /// Very many lines, which `each` hands over one by one: some kilobytes are written at once.
  static func results(_ each: ((String) -> Void) -> Void) {
    var text = ""
    each { line in
      text += Spelling.inert(line) + "\n"
      guard text.utf8.count >= 1 << 16 else { return }
      raw(text)
      text = ""
    }
    raw(text)
  }

  /// Bytes that are meant for a program, such as JSON.
  static func raw(_ text: String) {
    FileHandle.standardOutput.write(Data(text.utf8))
  }

  static func message(_ text: String, isMultiline: Bool = true) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let inert = lines.map { Spelling.inert(String($0)) }.joined(separator: "\n")
    FileHandle.standardError.write(Data((inert + "\n").utf8))
  }
}
