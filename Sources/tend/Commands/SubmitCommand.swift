import ArgumentParser
import Files
import Studies

struct SubmitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "submit",
    abstract:
      "Hands a study to Slurm: an array job that measures, and a job that makes the report.",
    discussion: """
      Writes array.sbatch and gather.sbatch into .tend/slurm/ and submits them. Only shards that owe \
      something are submitted, so the same command again finishes what is missing. Partition, account, \
      time, memory and further options come from study.yaml's slurm:.
      """)

  @OptionGroup var argument: StudyArgument

  @Flag(help: "Print the scripts and the calls of sbatch; write and submit nothing.")
  var dryRun = false

  @Option(
    help:
      "Into how many shards to cut the work; default: study.yaml's, or one a checkpoint, 64 at most."
  )
  var tasks: Int?

  @Option(help: "How many tasks may run at once; default: study.yaml's, or as many as Slurm lets.")
  var limit: Int?

  @Option(
    help: ArgumentHelp(
      "How long the gathering job looks again for what is missing: shared folders show files late.",
      valueName: "seconds"))
  var wait = 120

  func validate() throws {
    for (name, value) in [("tasks", tasks), ("limit", limit)] {
      if let value, !(1...Shard.most).contains(value) {
        throw ValidationError("--\(name) \(value): expected 1 to \(Shard.most).")
      }
    }
    if !(0...86_400).contains(wait) {
      throw ValidationError("--wait \(wait): expected 0 to 86400 seconds.")
    }
  }

  func run() throws {
    guard let program = Folder.resolved("/proc/self/exe") else {
      throw StudyError.output("cannot tell where this program lies: /proc is not there")
    }
    var options = SubmitOptions(program: program)
    options.tasks = tasks
    options.limit = limit
    options.patience = wait
    let submission = try StudyRunner(
      file: argument.study,
      options: StudyOptions(threads: 1, command: "tend submit \(argument.study)")
    ) { _ in }.submission(options)
    for note in submission.notes { Output.message(note) }
    if dryRun {
      for line in submission.lines { Output.result(line) }
    } else {
      try submission.submit { Output.result($0) }
    }
  }
}
