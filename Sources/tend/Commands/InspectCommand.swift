import ArgumentParser
import Studies

struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Shows what is in a checkpoint, a run, an artifact or an archive of tensors.",
    discussion: "Reads headers alone; --statistics reads the data as well.")

  @Argument(help: "A checkpoint's folder, a run's folder, or a file.", completion: .directory)
  var path: String

  @Flag(help: "The share of finite elements and the Frobenius norm of each tensor.")
  var statistics = false

  @Flag(help: "Print JSON.")
  var json = false

  func run() throws {
    let inspection = try CheckpointInspection(path: path, statistics: statistics)
    if json {
      Output.raw(inspection.json)
    } else {
      for line in inspection.lines { Output.result(line) }
    }
  }
}
