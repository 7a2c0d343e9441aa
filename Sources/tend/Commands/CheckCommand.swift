import ArgumentParser
import Studies

struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Validates a study and prints what a run would do; writes nothing.",
    discussion: """
      Every mistake is told at once, each with its line, its key and how to mend it. --verbose lists \
      every unit that is to do, and what changed since it was done.
      """)

  @OptionGroup var argument: StudyArgument
  @OptionGroup var running: RunningOptions

  @Flag(help: "Read the weights and look whether the checkpoints are what their names say.")
  var audit = false

  @Flag(help: "Print JSON.")
  var json = false

  @Flag(help: "A checkpoint that cannot be measured makes the exit code 2.")
  var strict = false

  func run() throws {
    let session = Session(running, resume: "tend check \(argument.study)")
    let runner = try StudyRunner(
      file: argument.study, options: running.options(), events: session.handle)
    let check = try runner.check(audit: audit)
    if json {
      Output.raw(check.json)
    } else {
      for line in check.lines(listsUnits: running.verbose) { Output.result(line) }
    }
    if strict, !check.failures.isEmpty { throw StudyEnded(code: .invalid) }
  }
}
