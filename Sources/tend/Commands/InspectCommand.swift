import ArgumentParser
import Studies

struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Shows what is in a checkpoint, a run, a capture, an artifact or a file of tensors.",
    discussion: """
      Files are told apart by their content: safetensors, PyTorch archives, .npz, .npy, pickled NumPy \
      dictionaries. Reads headers alone; --statistics reads the data as well. Ends with exit code 1 \
      where something is missing.
      """)

  @Argument(
    help: "A checkpoint's folder, a run's folder or hf://OWNER/NAME in the cache, or a file.",
    completion: .directory)
  var path: String

  @Flag(
    help:
      "Each tensor's share of finite elements and Frobenius norm, and which are constant or zero.")
  var statistics = false

  @Flag(help: "The SHA-256 of each tensor's elements.")
  var digests = false

  @Flag(help: "Print JSON.")
  var json = false

  func run() throws {
    let inspection = try CheckpointInspection(
      path: path, statistics: statistics, digests: digests)
    if json {
      inspection.writeJSON(Output.raw)
    } else {
      Output.results(inspection.forEachLine)
    }
    guard !inspection.problems.isEmpty else { return }
    for problem in inspection.problems { Output.message(problem) }
    throw StudyEnded(code: .failed)
  }
}
