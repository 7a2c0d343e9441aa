import Dispatch
import Foundation
import Studies

/// Ends the program at once with exit code 130 when it is interrupted.
///
/// Nothing has to be saved: what is finished lies on disk under its final name, and what is in
/// flight has a temporary one.
final class Interruption {
  private let sources: [any DispatchSourceSignal]

  /// From now on SIGINT and SIGTERM print how to go on and end the program.
  init(resume: String, printer: ProgressPrinter) {
    // A queue of its own: the shared ones may be full of arithmetic.
    let queue = DispatchQueue(label: "interruption", qos: .userInteractive)
    sources = [SIGINT, SIGTERM].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler {
        printer.clear()
        Output.message("interrupted; finished units are kept. To go on: \(resume)")
        _exit(StudyExitCode.interrupted.rawValue)
      }
      source.resume()
      return source
    }
  }
}
