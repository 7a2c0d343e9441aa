import ArgumentParser
import Foundation
import Studies

/// Runs the command and turns every error into one of the documented exit codes.
@main
enum Main {
  static func main() async {
    do {
      var command = try TendCommand.parseAsRoot()
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
    } catch {
      exit(report(error).rawValue)
    }
  }

  /// Prints what `error` has to say, inert, and returns the exit code for it.
  private static func report(_ error: any Error) -> StudyExitCode {
    switch error {
    case let ended as StudyEnded:
      return ended.code
    case let error as StudyError:
      Output.message("\(error)")
      return error.exitCode
    default:
      break
    }
    let text = TendCommand.fullMessage(for: error)
    switch TendCommand.exitCode(for: error) {
    case .success:
      print(text)
      return .done
    case .validationFailure:
      Output.message(text, isMultiline: true)
      return .invalid
    default:
      Output.message(text, isMultiline: true)
      return .failed
    }
  }
}

/// A command that said all it has to say and ends with a code other than 0.
struct StudyEnded: Error {
  let code: StudyExitCode
}
