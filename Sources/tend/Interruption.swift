import Dispatch
import Foundation
import Studies

/// Ends the program at once with exit code 130 when it is interrupted.
///
/// Nothing has to be saved: what is finished lies on disk under its final name, and what is in
/// flight has a temporary one.
final class Interruption {
  private let sources: [any DispatchSourceSignal]

  /// What people and schedulers send to end a program, or to warn that it will be ended.
  private static let signals = [SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2]

  /// From now on these signals print how to go on and end the program; SIGHUP not where it is ignored, as
  /// under nohup.
  convenience init(resume: String, printer: ProgressPrinter) {
    self.init(
      message: "interrupted; finished units are kept. To go on: \(resume)",
      clear: { printer.clear() })
  }

  /// The same with another `message`, printed after `clear`.
  init(message: String, clear: @escaping @Sendable () -> Void) {
    // A queue of its own: the shared ones may be full of arithmetic.
    let queue = DispatchQueue(label: "interruption", qos: .userInteractive)
    sources = Self.signals.compactMap { number in
      if number == SIGHUP, Self.isIgnored(number) { return nil }
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler {
        clear()
        Output.message(message)
        _exit(StudyExitCode.interrupted.rawValue)
      }
      source.resume()
      return source
    }
  }

  private static func isIgnored(_ number: Int32) -> Bool {
    var action = sigaction()
    guard sigaction(number, nil, &action) == 0 else { return false }
    return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
      == unsafeBitCast(SIG_IGN, to: Int.self)
  }
}
