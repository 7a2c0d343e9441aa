/// How a study runs; nothing here changes a result.
package struct StudyOptions: Sendable {
  /// Threads to use.
  package var threads: Int
  /// The command as it was given, for provenance and the log.
  package var command: String
  /// Whether a failed unit makes the exit code 2.
  package var isStrict: Bool

  package init(threads: Int, command: String, isStrict: Bool = false) {
    self.threads = threads
    self.command = command
    self.isStrict = isStrict
  }
}

/// How a study ended.
package struct StudyOutcome: Sendable {
  package let failures: [FailedUnit]
  /// The front page, where a site was built.
  package let indexPath: String?
  package let exitCode: StudyExitCode
}
