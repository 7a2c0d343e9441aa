import ArgumentParser
import Foundation
import Studies

/// How a long command shows what it does, and what it may use.
struct RunningOptions: ParsableArguments {
  enum Progress: String, ExpressibleByArgument, CaseIterable {
    case auto
    case lines
    case json

    func style(_ terminal: Terminal) -> ProgressPrinter.Style {
      switch self {
      case .json: .json
      case .lines: .lines
      case .auto: terminal.isInteractive ? .terminal : .lines
      }
    }
  }

  @Option(
    help: ArgumentHelp(
      "How progress is shown on standard error: auto (a status line on a terminal, else plain lines), lines, or json (one object a line).",
      valueName: "style"))
  var progress: Progress = .auto

  @Flag(help: "Only failures and errors.")
  var quiet = false

  @Flag(help: "Details as well.")
  var verbose = false

  @Option(help: "Threads to use; default: all cores. Results do not depend on it.")
  var threads: Int?

  mutating func validate() throws {
    if quiet, verbose { throw ValidationError("--quiet and --verbose exclude each other.") }
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads \(threads): expected 1 to 1024.")
    }
  }

  var threadCount: Int { threads ?? Self.cores }

  static var cores: Int { ProcessInfo.processInfo.activeProcessorCount }

  func options(
    isStrict: Bool = false, shard: Shard? = nil, gathers: Bool = true
  ) -> StudyOptions {
    StudyOptions(
      threads: threadCount, command: CommandLine.arguments.joined(separator: " "),
      isStrict: isStrict, shard: shard, gathers: gathers)
  }

  func printer() -> ProgressPrinter {
    let terminal = Terminal()
    return ProgressPrinter(
      style: progress.style(terminal), isQuiet: quiet, isVerbose: verbose, terminal: terminal)
  }
}

/// The study that a command works on.
struct StudyArgument: ParsableArguments {
  @Argument(help: "The study to work on.", completion: .file(extensions: ["yaml", "yml"]))
  var study = "study.yaml"
}
