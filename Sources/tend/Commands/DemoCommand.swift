import ArgumentParser
import Studies

struct DemoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "Trains small models on this machine, measures them and builds the report.",
    discussion: """
      Four sizes of GPT-NeoX on a corpus that comes with the program, and on the smallest an intervention that \
      raises the rank of its weights and one that lowers it, with three seeds each: about 10 minutes on two \
      cores. --quick trains two sizes alone. A second run reuses everything.
      """)

  @Argument(help: "The folder to work in; default: tend-demo, with --quick tend-demo-quick.")
  var folder: String?

  @Flag(help: "Two sizes and no interventions, in about a minute.")
  var quick = false

  @OptionGroup var running: RunningOptions

  func run() throws {
    let folder = folder ?? (quick ? "tend-demo-quick" : "tend-demo")
    let session = Session(running, resume: "tend demo \(quick ? "--quick " : "")\(folder)")
    let file = try DemoFolder.write(to: folder, isQuick: quick)
    let runner = try StudyRunner(
      file: file, options: running.options(), events: session.handle)
    try runner.trainWithPage()
    try session.end(runner.run())
  }
}
