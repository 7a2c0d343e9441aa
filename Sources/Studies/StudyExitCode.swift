/// The exit codes of the command line, a contract (DESIGN, "Contracts").
package enum StudyExitCode: Int32, Sendable {
  case done = 0
  /// Something failed while running; the rest was done.
  case failed = 1
  /// The input is wrong and nothing was started.
  case invalid = 2
  /// The same command resumes.
  case interrupted = 130
}

extension StudyError {
  package var exitCode: StudyExitCode {
    switch self {
    case .invalid, .pages: .invalid
    case .output: .failed
    }
  }
}
