import Foundation

/// How a study runs; nothing here changes a result.
package struct StudyOptions: Sendable {
  /// Threads to use.
  package var threads: Int
  /// The command as it was given, for provenance and the log.
  package var command: String
  /// Whether a failed unit makes the exit code 2.
  package var isStrict: Bool
  /// The slice of the work to do; `nil`: all of it.
  package var shard: Shard?
  /// Whether a shard that finds the study complete makes the report.
  package var gathers: Bool
  /// Where the hub's cache is, as the environment says.
  package var environment: [String: String]

  package init(
    threads: Int, command: String, isStrict: Bool = false, shard: Shard? = nil,
    gathers: Bool = true,
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) {
    self.environment = environment
    self.shard = shard
    self.gathers = gathers
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
