import ArgumentParser
import Studies

struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Compares two checkpoints, or two files of captured activations.",
    discussion: """
      Of checkpoints: spectra of both, the relative change of the weights, and with --probe the CKA \
      of every layer's activations. Of files: the CKA of the matrices that both have by name.
      """)

  @Argument(help: "A checkpoint's folder, or a file of activations.", completion: .directory)
  var a: String

  @Argument(help: "The one to compare it with.", completion: .directory)
  var b: String

  @Option(
    help: "Token ids [sequences, tokens] to compare activations on.",
    completion: .file(extensions: ["npy"]))
  var probe: String?

  @Option(help: "Threads to use; default: all cores.")
  var threads: Int?

  @Flag(help: "Print JSON with the keys of measurements.csv.")
  var json = false

  func run() throws {
    let comparison = try CheckpointComparison(
      a, b, probe: probe, threads: threads ?? RunningOptions.cores)
    Output.raw(json ? comparison.json : comparison.csv)
  }
}
