import ArgumentParser
import Studies

struct FiguresCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "figures",
    abstract: "Draws the figures alone, for a paper with LaTeX snippets.",
    discussion: """
      With --for, figures/VENUE/ receives ID.pdf, exactly as wide as the venue's column or text, \
      in its text sizes and by its rules; where the venue has two widths, ID.column.pdf or \
      ID.text.pdf has the other. figures.tex includes each with caption, alternative text and \
      label; references.bib holds what to cite. Without --for, the report's own figures are drawn \
      again into figures/.

      Measures nothing: run `tend run` first.
      """)

  @OptionGroup var argument: StudyArgument

  @Option(
    name: .customLong("for"),
    help: ArgumentHelp(
      "acl, neurips, icml, iclr, tmlr, jmlr, nature, or a width such as 8.5cm; may be repeated.",
      valueName: "venue"))
  var venues: [String] = []

  @Option(
    help: ArgumentHelp(
      "Size of labels in points instead of the venue's own; ticks are a point smaller.",
      valueName: "pt"))
  var text: Double?

  @OptionGroup var running: RunningOptions

  mutating func validate() throws {
    if text != nil, venues.isEmpty { throw ValidationError("--text needs --for.") }
  }

  func run() throws {
    let session = Session(running, resume: "tend figures \(argument.study)")
    let runner = try StudyRunner(
      file: argument.study, options: running.options(), events: session.handle)
    let drawn = try runner.figures(for: venues, text: text)
    session.clear()
    guard !running.quiet else { return }
    for folder in drawn {
      Output.result(venues.isEmpty ? folder.folder : folder.folder + "/figures.tex")
    }
  }
}
