import ArgumentParser
import Studies

struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Compares two checkpoints, two captures, or two files of activations.",
    discussion: """
      Of checkpoints: spectra of both, the relative change of the weights, and the CKA of every layer's \
      activations on a probe. Of captures and files: the CKA of the matrices that both have; captures \
      whose probes or rows differ are refused. The table has the columns of measurements.csv, with \
      --layers all the layer of B behind them.
      """)

  @Argument(
    help: "A checkpoint's folder, a step of captures, or a file of activations.",
    completion: .directory)
  var a: String

  @Argument(help: "The one to compare it with.", completion: .directory)
  var b: String

  @Option(
    help: """
      Token ids [sequences, tokens] to compare activations on; random: drawn tokens; none: weights \
      alone.
      """,
    completion: .file(extensions: ["npy"]))
  var probe = "random"

  @Option(help: "same: each layer with its like; all: every layer of A with every layer of B.")
  var layers = CheckpointComparison.Layers.same

  @Option(
    help: "Write the heatmap of --layers all into this file: .svg, .pdf or .png.",
    completion: .file(extensions: ["svg", "pdf", "png"]))
  var figure: String?

  @Option(help: "Threads to use; default: all cores.")
  var threads: Int?

  @Flag(help: "Print JSON with the keys of measurements.csv.")
  var json = false

  func validate() throws {
    guard let figure else { return }
    guard layers == .all else { throw ValidationError("--figure needs --layers all") }
    guard CheckpointComparison.canWriteHeatmap(to: figure) else {
      throw ValidationError("--figure \(figure): expected a name that ends in .svg, .pdf or .png")
    }
  }

  func run() throws {
    let choice: CheckpointComparison.ProbeChoice =
      switch probe {
      case "random": .random
      case "none": .none
      default: .file(probe)
      }
    let comparison = try CheckpointComparison(
      a, b, probe: choice, layers: layers, threads: threads ?? RunningOptions.cores)
    for note in comparison.notes { Output.message(note) }
    if let figure { try comparison.writeHeatmap(to: figure) }
    Output.raw(json ? comparison.json : comparison.csv)
  }
}

extension CheckpointComparison.Layers: ExpressibleByArgument {}
