import ArgumentParser
import Checkpoints
import Fetching
import Foundation
import Studies

struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Validates a study and prints what a run would do; writes nothing.",
    discussion: """
      Every mistake is told at once, each with its line, its key and how to mend it. --verbose lists \
      every unit that is to do, and what changed since it was done.
      """)

  @OptionGroup var argument: StudyArgument
  @OptionGroup var running: RunningOptions

  @Flag(help: "Read the weights and look whether the checkpoints are what their names say.")
  var audit = false

  @Flag(help: "Hash again what was fetched from the hub, and compare with its names.")
  var verify = false

  @Flag(help: "Print JSON.")
  var json = false

  @Flag(help: "A checkpoint that cannot be measured makes the exit code 2.")
  var strict = false

  func run() throws {
    let session = Session(running, resume: "tend check \(argument.study)")
    let runner = try StudyRunner(
      file: argument.study, options: running.options(), events: session.handle)
    // First: a study whose files are damaged may be no valid study.
    let isDamaged = try verify && findsDamage(session)
    let check = try runner.check(audit: audit)
    if json {
      Output.raw(check.json)
    } else {
      for line in check.lines(listsUnits: running.verbose) { Output.result(line) }
    }
    if isDamaged { throw StudyEnded(code: .failed) }
    if strict, !check.failures.isEmpty { throw StudyEnded(code: .invalid) }
  }

  /// Hashes what runs have in the hub's cache; runs of plain folders have no names to compare with, which
  /// is said.
  private func findsDamage(_ session: Session) throws -> Bool {
    let environment = ProcessInfo.processInfo.environment
    var verification = CacheVerification()
    var others: [String] = []
    for run in try StudyDecoder.decode(file: argument.study).runs {
      guard let repository = run.checkpoints.flatMap(HubRepository.init(address:)),
        let cache = HubCache.folder(environment: environment)
      else {
        others.append(run.name)
        continue
      }
      try verification.verify(
        repository, steps: run.steps.map(Set.init), pattern: run.stepPattern, cache: cache)
    }
    session.clear()
    var lines = verification.lines
    if !others.isEmpty {
      lines.append(
        "not from the hub, so without hashes to compare with: \(others.joined(separator: ", "))")
    }
    for line in lines {
      if json { Output.message(line) } else { Output.result(line) }
    }
    return !verification.damages.isEmpty
  }
}
