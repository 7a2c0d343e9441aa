import ArgumentParser
import Checkpoints
import Fetching
import Foundation
import Studies

struct FetchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fetch",
    abstract: "Downloads the checkpoints of a study into the Hugging Face cache, verified.",
    discussion: """
      Lists what is needed and how many bytes that is, asks on a terminal, then fetches what is not \
      there. Every file is hashed on its way and gets its name only when it is right; whatever ends the \
      command, the same command goes on where it stopped. A step that the hub does not have is listed, \
      never replaced by another revision.

      With --keep captures a study is measured on the way, step by step, and weights that were fetched \
      here are removed once they are measured: the disk needs room for the final checkpoint and a few \
      others. tend run then makes the report and needs no weights. What other programs fetched stays.

      HF_TOKEN (or the token file), HF_HOME, HF_HUB_CACHE, HF_ENDPOINT, HF_HUB_OFFLINE, \
      HF_HUB_DOWNLOAD_TIMEOUT and the proxy variables mean what they mean to huggingface_hub.
      """)

  @Argument(help: "hf://OWNER/NAME, or a study whose runs name such addresses.")
  var target = "study.yaml"

  @Option(
    help: ArgumentHelp(
      "Only these steps of hf://OWNER/NAME, as a list 0,512,1000; default: all.", valueName: "list")
  )
  var steps: String?

  @Option(
    help: ArgumentHelp(
      "A file to fetch beside configuration and weights, such as tokenizer.json; may be repeated.",
      valueName: "file"))
  var also: [String] = []

  @Flag(name: [.customShort("y"), .long], help: "Do not ask.")
  var yes = false

  @Flag(help: "List only.")
  var dryRun = false

  @Flag(help: "Hash what is in the cache as well, and fetch again what is damaged.")
  var verify = false

  @Option(help: "How many files come at once.")
  var connections = 4

  @Option(
    help: ArgumentHelp(
      "What stays on the disk: weights, or captures, for which the study is measured as well.",
      valueName: "what"))
  var keep = Kept.weights

  @Option(help: "Threads to measure with; default: all cores. Results do not depend on it.")
  var threads: Int?

  @Flag(help: "Print what was listed as JSON.")
  var json = false

  @Option(
    help: ArgumentHelp(
      "How progress is shown on standard error: auto, lines, or json (one object a line).",
      valueName: "style"))
  var progress: RunningOptions.Progress = .auto

  @Flag(help: "Only failures and errors.")
  var quiet = false

  /// What of a study stays on the disk.
  enum Kept: String, ExpressibleByArgument, CaseIterable {
    case weights
    case captures
  }

  mutating func validate() throws {
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads \(threads): expected 1 to 1024.")
    }
    if keep == .captures, target.hasPrefix(HubCache.scheme) {
      throw ValidationError(
        "--keep captures measures what it fetches: name a study.yaml whose runs have \(target).")
    }
    guard (1...32).contains(connections) else {
      throw ValidationError("--connections \(connections): expected 1 to 32.")
    }
  }

  func run() throws {
    do {
      try fetch()
    } catch let error as FetchError {
      Output.message("\(error)")
      throw StudyEnded(code: error.exitCode)
    }
  }

  private func fetch() throws {
    let settings = try HubSettings(
      environment: ProcessInfo.processInfo.environment, agent: "tend/\(TendVersion.current)")
    let printer = FetchPrinter(progress: progress, isQuiet: quiet)
    let interruption = Interruption(
      message: "interrupted; what came is kept. To go on: tend fetch \(target)",
      clear: { printer.clear() })
    defer { withExtendedLifetime(interruption) {} }
    if let note = settings.note { Output.message(note) }
    var requests = try FetchTarget(target, steps: steps, also: Set(also)).requests
    for index in requests.indices { requests[index].acceptsMeasured = keep == .captures }
    let fetcher = Fetcher(
      settings: settings, connections: connections, events: { printer.handle($0) })
    let plans = try fetcher.plan(requests, verifying: verify)
    printer.clear()
    let listing = FetchListing(
      plans: plans, cache: fetcher.cache, free: try fetcher.freeBytes(),
      reach: keep == .captures ? StudyRunner.stepwiseReach : nil)
    if json {
      Output.raw(listing.json)
    } else {
      for line in listing.lines { Output.result(line) }
    }
    guard plans.contains(where: { !$0.revisions.isEmpty }) else {
      Output.message("nothing to fetch: no revision is called like a wanted step")
      throw StudyEnded(code: .invalid)
    }
    try fetcher.checkSpace(listing.needed)
    guard !dryRun else { return }
    guard confirmed(listing) else {
      Output.message("nothing was fetched")
      return
    }
    printer.begin(bytes: listing.bytes, files: listing.files)
    guard keep == .weights else { return try measure(plans, settings, printer) }
    let outcome = try fetcher.fetch(plans)
    printer.end(outcome)
    if !outcome.failures.isEmpty || plans.contains(where: { !$0.gaps.isEmpty }) {
      throw StudyEnded(code: .failed)
    }
  }

  /// Fetches, measures and removes, step by step.
  private func measure(
    _ plans: [FetchPlan], _ settings: HubSettings, _ printer: FetchPrinter
  ) throws {
    let terminal = Terminal()
    let studyPrinter = ProgressPrinter(
      style: progress.style(terminal), isQuiet: quiet, isVerbose: false, terminal: terminal)
    // One line on the screen at a time.
    let fetcher = Fetcher(
      settings: settings, connections: connections,
      events: { event in
        studyPrinter.clear()
        printer.handle(event)
      })
    let runner = try StudyRunner(
      file: target,
      options: StudyOptions(
        threads: threads ?? RunningOptions.cores,
        command: CommandLine.arguments.joined(separator: " ")),
      events: { event in
        printer.clear()
        studyPrinter.handle(event)
      })
    let result = try runner.fetchKeepingCaptures(plans, by: fetcher)
    studyPrinter.clear()
    printer.end(result.fetched)
    if !quiet {
      Output.message(
        "removed once measured: \(ByteCount.words(result.freed)). For the report: tend run \(target)"
      )
    }
    if result.outcome.exitCode != .done || plans.contains(where: { !$0.gaps.isEmpty }) {
      throw StudyEnded(code: .failed)
    }
  }

  /// Asks on a terminal, where there is something to ask about.
  private func confirmed(_ listing: FetchListing) -> Bool {
    guard !yes, listing.bytes > 0, isatty(STDIN_FILENO) == 1, isatty(STDERR_FILENO) == 1 else {
      return true
    }
    FileHandle.standardError.write(
      Data("Fetch \(ByteCount.words(listing.bytes))? [y/N] ".utf8))
    let answer = readLine()?.lowercased() ?? ""
    return answer == "y" || answer == "yes"
  }
}

extension FetchError {
  /// Wrong input is told from what may be different the next time.
  fileprivate var exitCode: StudyExitCode {
    switch self {
    case .address, .setting, .offline, .noSpace: .invalid
    case .refused(_, let status, _) where (400...428).contains(status): .invalid
    default: .failed
    }
  }
}
