import ArgumentParser
import Studies

struct GatherCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gather",
    abstract: "Analyses, draws and builds once all shards of a study are measured.",
    discussion: """
      Where units are missing it looks again for a while, since listings of shared file systems lag, \
      then ends with exit code 1 and the command that finishes each shard.
      """)

  @OptionGroup var argument: StudyArgument
  @OptionGroup var running: RunningOptions

  @Option(help: "Into how many shards the study was cut, to tell which one owes what.")
  var shards: Int?

  @Option(help: ArgumentHelp("How long to look again for what is missing.", valueName: "seconds"))
  var wait = 30.0

  @Flag(help: "A checkpoint that cannot be measured makes the exit code 2 instead of 1.")
  var strict = false

  func validate() throws {
    if let shards, !(1...Shard.most).contains(shards) {
      throw ValidationError("--shards \(shards): expected 1 to \(Shard.most).")
    }
    if !(0...86_400).contains(wait) {
      throw ValidationError("--wait \(wait): expected 0 to 86400 seconds.")
    }
  }

  func run() throws {
    let session = Session(running, resume: "tend gather \(argument.study)")
    let runner = try StudyRunner(
      file: argument.study, options: running.options(isStrict: strict), events: session.handle)
    try session.end(runner.gather(patience: wait, shards: shards))
  }
}
