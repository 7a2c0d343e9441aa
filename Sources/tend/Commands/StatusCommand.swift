import ArgumentParser
import Studies

struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Shows what of a study is done, running, failed and missing.",
    discussion: "From what lies on the disk alone: artifacts, failures, logs. Writes nothing.")

  @OptionGroup var argument: StudyArgument

  @Flag(help: "Print JSON.")
  var json = false

  func run() throws {
    let status = try StudyRunner(
      file: argument.study,
      options: StudyOptions(threads: 1, command: "tend status \(argument.study)")
    ) { _ in }.status()
    if json {
      Output.raw(status.json)
    } else {
      for line in status.lines { Output.result(line) }
    }
  }
}
