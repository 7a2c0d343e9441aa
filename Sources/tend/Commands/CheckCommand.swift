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
    let check = try runner.check(audit: audit)
    if json {
      Output.raw(check.json)
    } else {
      for line in check.lines(listsUnits: running.verbose) { Output.result(line) }
    }
    if verify { try verifyFiles(session) }
    if strict, !check.failures.isEmpty { throw StudyEnded(code: .invalid) }
  }

  /// Runs of plain folders have no names to compare with; that is said.
  private func verifyFiles(_ session: Session) throws {
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
      try verification.verify(repository, steps: run.steps.map(Set.init), cache: cache)
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
    if !verification.damages.isEmpty { throw StudyEnded(code: .failed) }
  }
}
