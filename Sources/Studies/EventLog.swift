import Dispatch
import Files
import Foundation

/// A run's log in `.tend/log/`: the command, then every event with the time at which it happened.
///
/// A log that cannot be written stops nothing: it is for people, no number comes from it.
final class EventLog: Sendable {
  /// How the last line begins; a log without it is of a run that is at work or was interrupted.
  static let end = "ended with exit code"

  /// How often the log's time is moved on while nothing happens, in seconds.
  static let pulse = 60

  private let descriptor: Int32
  package let path: String

  /// Starts a log in `folder` for `command` on `host`; `nil` where none can be written.
  init?(folder: String, command: String, host: String, now: Date = .now) {
    do { try Folder.make(folder) } catch { return nil }
    let stamp = Self.stamp(now).filter { $0 != ":" }
    // Tasks of a cluster begin in the same second, and processes of two machines may have one number.
    let machine = host.filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
    path = "\(folder)/\(stamp)-\(machine)-\(getpid()).log"
    descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { return nil }
    write(RunLog.beginning(host: host, process: getpid(), command: command))
  }

  /// Moves the log's time on until it is cancelled: so another machine can tell a long unit from a run
  /// that is no more. POSIX: futimens.
  func beginPulse() -> any DispatchSourceTimer {
    // A queue of its own: the shared ones may be full of arithmetic.
    let timer = DispatchSource.makeTimerSource(
      queue: DispatchQueue(label: "log", qos: .userInteractive))
    timer.schedule(deadline: .now() + .seconds(Self.pulse), repeating: .seconds(Self.pulse))
    timer.setEventHandler { [self] in _ = futimens(descriptor, nil) }
    timer.resume()
    return timer
  }

  deinit { close(descriptor) }

  func write(_ event: StudyEvent) {
    switch event {
    case .stageStarted(let stage, let units, let done):
      write("\(stage.rawValue): \(units) to do, \(done) done")
    case .unitStarted(let stage, let unit, let index, let count):
      write("\(stage.rawValue): \(unit)\(RunLog.begins)\(index) of \(count))")
    case .unitFinished(let stage, let unit, _, _, let seconds):
      write("\(stage.rawValue): \(unit) took \(seconds) s")
    case .unitFailed(let failed): write("failed: \(failed.line)")
    case .stageFinished(let stage, let seconds): write("\(stage.rawValue): took \(seconds) s")
    case .progress: break
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
