import ArgumentParser
import Studies
import Training

struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Trains a GPT-NeoX model from scratch and writes Hugging Face checkpoints.",
    discussion: """
      training.yaml says what is trained on which text, and which intervention on the rank is in force. \
      Whatever ends a run, the same command goes on where it stopped, to the same bytes.
      """)

  @Argument(
    help: "The recipe of the run.", completion: .file(extensions: ["yaml", "yml"]))
  var recipe = "training.yaml"

  @OptionGroup var running: RunningOptions

  func run() throws {
    let session = Session(running, resume: "tend train \(recipe)")
    let decoded = try TrainingDecoder.decode(file: recipe)
    try RunTraining(threads: running.threadCount, events: session.handle).train([decoded])
    session.clear()
    if !running.quiet { Output.result(decoded.output) }
  }
}
