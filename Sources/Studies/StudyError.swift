import Files

/// A mistake in a study's input, with its place.
package struct StudyFinding: Sendable, Equatable {
  /// From 1; `nil` where the finding is about the file as a whole.
  package let line: Int?
  package let column: Int?
  /// What is wrong and how to mend it.
  package let message: String

  package init(line: Int? = nil, column: Int? = nil, _ message: String) {
    self.line = line
    self.column = column
    self.message = message
  }
}

/// Why a study was not started, or could not go on.
package enum StudyError: Error, Equatable {
  /// Everything that is wrong with the input, in the order of the file; nothing was started.
  case invalid(file: String, [StudyFinding])
  /// Mistakes in the author's pages, a line each with file and line; nothing was started.
  case pages([String])
  /// The working folder or an output cannot be written while the study runs.
  case output(String)
}

extension StudyError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .invalid(let file, let findings):
      findings.map { finding in
        let place = [finding.line, finding.column].compactMap { $0.map(String.init) }
        return ([FileError.shown(file)] + place).joined(separator: ":") + ": " + finding.message
      }.joined(separator: "\n")
    case .pages(let mistakes):
      mistakes.joined(separator: "\n")
    case .output(let message):
      message
    }
  }
}
