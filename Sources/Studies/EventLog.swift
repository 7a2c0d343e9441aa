import Files
import Foundation

/// A run's log in `.tend/log/`: the command, then every event with the time at which it happened.
///
/// A log that cannot be written stops nothing: it is for people, no number comes from it.
final class EventLog: Sendable {
  /// How the last line begins; a log without it is of a run that is at work or was interrupted.
  static let end = "ended with exit code"

  private let descriptor: Int32
  package let path: String

  /// Starts a log in `folder` for `command`; `nil` where none can be written.
  init?(folder: String, command: String, now: Date = .now) {
    do { try Folder.make(folder) } catch { return nil }
    let stamp = Self.stamp(now).filter { $0 != ":" }
    path = "\(folder)/\(stamp)-\(getpid()).log"
    descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { return nil }
    write("tend \(TendVersion.current): \(command)")
  }

  deinit { close(descriptor) }

  func write(_ event: StudyEvent) {
    switch event {
    case .stageStarted(let stage, let units, let done):
      write("\(stage.rawValue): \(units) to do, \(done) done")
    case .unitStarted(let stage, let unit, let index, let count):
      write("\(stage.rawValue): \(unit) begins (\(index) of \(count))")
    case .unitFinished(let stage, let unit, _, _, let seconds):
      write("\(stage.rawValue): \(unit) took \(seconds) s")
    case .unitFailed(let failed): write("failed: \(failed.line)")
    case .stageFinished(let stage, let seconds): write("\(stage.rawValue): took \(seconds) s")
    case .note(let text), .detail(let text): write(text)
    }
  }

  func write(_ text: String) {
    let line = Array("\(Self.stamp(.now)) \(Spelling.inert(text))\n".utf8)
    // One call a line, so that lines of two processes never mix.
    line.withUnsafeBytes { _ = Foundation.write(descriptor, $0.baseAddress, $0.count) }
  }

  private static func stamp(_ date: Date) -> String { date.formatted(.iso8601) }
}
