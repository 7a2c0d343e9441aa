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

  @Option(
    help: ArgumentHelp(
      "Do a slice of the work: the i-th of n, on any machine that sees the folder. Results do not depend on the slices.",
      valueName: "i/n"))
  var shard: String?

  @Flag(help: "Leave analysis and report to `tend gather`.")
  var noGather = false

  func validate() throws {
    if let shard, Shard(shard) == nil {
      throw ValidationError("--shard \(shard): expected i/n with 1 ≤ i ≤ n, such as 3/8.")
    }
    if noGather, shard == nil {
      throw ValidationError("--no-gather goes with --shard i/n.")
    }
  }

  func run() throws {
    let slice = shard.map { " --shard \($0)\(noGather ? " --no-gather" : "")" } ?? ""
    let session = Session(running, resume: "tend run \(argument.study)\(slice)")
    let runner = try StudyRunner(
      file: argument.study,
      options: running.options(
        isStrict: strict, shard: shard.flatMap(Shard.init), gathers: !noGather),
      events: session.handle)
    try session.end(runner.run())
  }
}
