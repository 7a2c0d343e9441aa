import ArgumentParser
import Studies

struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Draws the figures and builds the site again, from the stored results.",
    discussion: """
      Measures nothing: the same results give the same bytes. With --check nothing is written: each \
      file that would change is named, and the exit code is 1 where there is one.
      """)

  @OptionGroup var argument: StudyArgument
  @OptionGroup var running: RunningOptions

  @Flag(help: "Compare with what is there instead of writing.")
  var check = false

  @Flag(help: "Also write the site as one ZIP archive beside the study.")
  var zip = false

  func validate() throws {
    if check, zip { throw ValidationError("--check writes nothing: leave --zip out.") }
  }

  func run() throws {
    let session = Session(running, resume: "tend report \(argument.study)")
    let runner = try StudyRunner(
      file: argument.study, options: running.options(), events: session.handle)
    guard !check else {
      let differences = try runner.reportDifferences()
      session.clear()
      for difference in differences { Output.result(difference) }
      let count = differences.count
      Output.message(
        count == 0
          ? "nothing differs" : "\(count) \(count == 1 ? "file differs" : "files differ")")
      if count > 0 { throw StudyEnded(code: .failed) }
      return
    }
    let outcome = try runner.report()
    if zip {
      let path = try StudyPublication(file: argument.study).archive()
      session.clear()
      Output.result(path)
    }
    try session.end(outcome)
  }
}
