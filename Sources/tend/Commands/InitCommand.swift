import ArgumentParser
import Studies

struct InitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Writes a commented study.yaml, or a workflow that builds and publishes the report.",
    discussion: "An existing file is never replaced.")

  @Argument(help: "The study to write.", completion: .file(extensions: ["yaml", "yml"]))
  var study = "study.yaml"

  @Option(
    name: .customLong("from"),
    help: "Describe the runs and probes that lie in this folder.", completion: .directory)
  var folder: String?

  @Flag(
    help: """
      Write .github/workflows/tend.yml instead: a GitHub Actions workflow that builds the report of \
      the study from its stored results and publishes it on GitHub Pages.
      """)
  var ci = false

  func validate() throws {
    if ci, folder != nil { throw ValidationError("--ci goes without --from.") }
  }

  func run() throws {
    Output.result(
      ci
        ? try WorkflowTemplate.write(for: study)
        : try StudyTemplate.write(to: study, from: folder))
  }
}
