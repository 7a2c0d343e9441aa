import ArgumentParser
import Studies

struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Validates a study and prints what a run would do; writes nothing.",
    discussion: "Every mistake is told at once, each with its line, its key and how to mend it.")

  @OptionGroup var argument: StudyArgument
  @OptionGroup var running: RunningOptions

  func run() throws {
    let session = Session(running, resume: "tend check \(argument.study)")
    let runner = try StudyRunner(
      file: argument.study, options: running.options(), events: session.handle)
    let check = try runner.check()
    for line in check.lines { Output.result(line) }
    guard check.exitCode == .done else { throw StudyEnded(code: check.exitCode) }
  }
}
