import ArgumentParser
import Studies
import Training

struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Trains a GPT-NeoX model from scratch and writes Hugging Face checkpoints.",
    discussion: """
      training.yaml says what is trained on which text, and which intervention on the rank is in force. \
      Whatever ends a run, the same command goes on where it stopped, to the same bytes. Of a study with \
      `training:` all runs that are missing are trained.
      """)

  @Argument(
    help: "The recipe of the run, or a study.", completion: .file(extensions: ["yaml", "yml"]))
  var recipe = "training.yaml"

  @OptionGroup var running: RunningOptions

  @Option(
    help: ArgumentHelp("Of a study's runs, the i-th and then every n-th.", valueName: "i/n"))
  var shard: String?

  func validate() throws {
    if let shard, Shard(shard) == nil {
      throw ValidationError("--shard \(shard): expected i/n with 1 ≤ i ≤ n, such as 3/8.")
    }
  }

  func run() throws {
    let slice = shard.map { " --shard \($0)" } ?? ""
    let session = Session(running, resume: "tend train \(recipe)\(slice)")
    guard try !TrainingDecoder.isStudy(recipe) else {
      try StudyRunner(
        file: recipe, options: running.options(shard: shard.flatMap(Shard.init)),
        events: session.handle
      ).trainRuns()
      return session.clear()
    }
    if shard != nil { throw ValidationError("--shard goes with a study; a recipe is one run.") }
    let decoded = try TrainingDecoder.decode(file: recipe, needsFiles: true)
    try RunTraining(threads: running.threadCount, events: session.handle).train([decoded])
    session.clear()
    if !running.quiet { Output.result(decoded.output) }
  }
}
