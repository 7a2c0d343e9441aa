import Dispatch
import Studies

/// A long command from its first line to its exit code.
final class Session {
  private let printer: ProgressPrinter
  private let interruption: Interruption
  private let ticker: any DispatchSourceTimer
  private let isQuiet: Bool

  /// From now on events are shown, and an interruption ends the program with how to `resume`.
  init(_ options: RunningOptions, resume: String) {
    printer = options.printer()
    interruption = Interruption(resume: resume, printer: printer)
    isQuiet = options.quiet
    ticker = DispatchSource.makeTimerSource(
      queue: DispatchQueue(label: "progress", qos: .utility))
    ticker.schedule(deadline: .now() + 1, repeating: 1)
    ticker.setEventHandler { [printer] in printer.tick() }
    ticker.resume()
  }

  deinit { ticker.cancel() }

  var handle: @Sendable (StudyEvent) -> Void {
    { [printer] event in printer.handle(event) }
  }

  /// Takes the status line off the screen, before results are printed.
  func clear() { printer.clear() }

  /// Says where the report is and what failed; throws the exit code where it is not 0.
  func end(_ outcome: StudyOutcome) throws {
    printer.clear()
    if let index = outcome.indexPath, !isQuiet { Output.result(index) }
    if !outcome.failures.isEmpty {
      let count = outcome.failures.count
      Output.message(
        "\(count) \(count == 1 ? "unit" : "units") failed; the report names "
          + "\(count == 1 ? "it" : "them") on its front page")
    }
    guard outcome.exitCode == .done else { throw StudyEnded(code: outcome.exitCode) }
  }
}
