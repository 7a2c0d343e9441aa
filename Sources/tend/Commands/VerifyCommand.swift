import ArgumentParser
import Studies

struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Measures a random sample of units again and compares with what is stored.",
    discussion: """
      Values are compared with those in .tend/ and the table in results/ with what the units give. \
      Exit code 1 where a value differs by more than 1e-5 (relative above 1), a captured matrix by \
      more than 1e-5 of its norm, or the table at all.
      """)

  @OptionGroup var argument: StudyArgument
  @OptionGroup var running: RunningOptions

  @Option(help: "Units to measure again.")
  var sample = 10

  @Flag(help: "Every unit.")
  var all = false

  @Option(help: "Seed of the sample; default: another each time.")
  var seed: UInt64?

  func validate() throws {
    if sample < 1 { throw ValidationError("--sample \(sample): expected at least 1.") }
  }

  func run() throws {
    let session = Session(running, resume: "tend verify \(argument.study)")
    let verification = try StudyRunner(
      file: argument.study, options: running.options(), events: session.handle
    ).verify(count: all ? nil : sample, seed: seed ?? .random(in: .min ... .max))
    session.clear()
    for line in verification.lines { Output.result(line) }
    let differing = verification.differing
    Output.result(
      "\(verification.units.count) units measured again, \(differing) differ (tolerance \(StudyVerification.tolerance)); "
        + "\(verification.missing) not measured yet")
    if !verification.removed.isEmpty {
      Output.message("to measure those again, fetch them first: tend fetch \(argument.study)")
    }
    if differing > 0 { throw StudyEnded(code: .failed) }
  }
}
