import ArgumentParser
import Studies

struct InitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Writes a commented study.yaml.",
    discussion: "An existing file is never replaced.")

  @Argument(help: "The file to write.", completion: .file(extensions: ["yaml", "yml"]))
  var study = "study.yaml"

  @Option(
    name: .customLong("from"),
    help: "Describe the runs and probes that lie in this folder.", completion: .directory)
  var folder: String?

  func run() throws {
    Output.result(try StudyTemplate.write(to: study, from: folder))
  }
}
