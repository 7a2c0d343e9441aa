import Files
import Publishing

/// The commented study that `tend init` writes.
package enum StudyTemplate {
  /// The text, from the program's own resources.
  static func text() throws -> String { try Resources.text("templates/study.yaml") }

  /// Writes it to `path`, which must not exist; returns the path.
  package static func write(to path: String, from folder: String? = nil) throws -> String {
    guard Folder.kind(of: path) == .missing else {
      throw StudyError.invalid(
        file: path, [StudyFinding("is there already; name another file, or move it away")])
    }
    do {
      let text =
        try folder.map { try StudyProposal(from: $0, for: path).text } ?? text()
      try DurableWrite.write(text, to: path)
    } catch let error as FileError {
      throw StudyError.invalid(file: path, [StudyFinding("\(error)")])
    }
    return path
  }
}
