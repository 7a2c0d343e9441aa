import ArgumentParser
import Studies

struct CleanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "clean",
    abstract: "Removes from .tend/ what no study in the folder refers to.",
    discussion: "Lists what goes; --dry-run only lists.")

  @OptionGroup var argument: StudyArgument
  @OptionGroup var running: RunningOptions

  @Flag(help: "List only.")
  var dryRun = false

  func run() throws {
    let session = Session(running, resume: "tend clean \(argument.study)")
    let cleaning = try StudyRunner(
      file: argument.study, options: running.options(), events: session.handle
    ).clean()
    for item in cleaning.items { Output.result("\(item.path)  \(item.bytes) bytes  \(item.what)") }
    if !dryRun { try cleaning.remove() }
    Output.result(
      "\(cleaning.items.count) files, \(cleaning.bytes) bytes \(dryRun ? "would go" : "removed")")
  }
}
