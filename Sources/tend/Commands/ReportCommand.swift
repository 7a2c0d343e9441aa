import ArgumentParser
import Studies

struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Draws the figures and builds the site again, from the stored results.",
    discussion: "Measures nothing: the same results give the same bytes.")

  @OptionGroup var argument: StudyArgument
  @OptionGroup var running: RunningOptions

  func run() throws {
    let session = Session(running, resume: "tend report \(argument.study)")
    let runner = try StudyRunner(
      file: argument.study, options: running.options(), events: session.handle)
    try session.end(runner.report())
  }
}
