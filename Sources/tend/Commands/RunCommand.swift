import ArgumentParser
import Studies

struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Measures a study, analyses it, draws the figures and builds the site.",
    discussion: """
      Finished units are kept in .tend/ beside the study: whatever ends a run, the same command goes \
      on where it stopped, and a second run measures only what changed.
      """)

  @OptionGroup var argument: StudyArgument
  @OptionGroup var running: RunningOptions

  @Flag(help: "A checkpoint that cannot be measured makes the exit code 2 instead of 1.")
  var strict = false

  func run() throws {
    let session = Session(running, resume: "tend run \(argument.study)")
    let runner = try StudyRunner(
      file: argument.study, options: running.options(isStrict: strict), events: session.handle)
    try session.end(runner.run())
  }
}
