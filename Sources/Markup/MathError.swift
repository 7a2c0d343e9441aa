/// Why a formula could not be read.
package struct MathError: Error, Hashable, CustomStringConvertible {
  /// Characters before the mistake.
  package let position: Int
  package let problem: Problem

  package init(position: Int, problem: Problem) {
    self.position = position
    self.problem = problem
  }

  package enum Problem: Hashable, Sendable {
    case unknownCommand(String, nearest: String?)
    case missingArgument(of: String)
    case unclosed(String)
    case unexpected(String)
    case twoScripts(String)
    case tooLong(limit: Int)
    case nestedTooDeeply(limit: Int)
  }

  package var description: String {
    let what =
      switch problem {
      case .unknownCommand(let name, let nearest):
        "unknown command \(name)" + (nearest.map { "; nearest is \($0)" } ?? "")
      case .missingArgument(let name): "\(name) lacks an argument in braces"
      case .unclosed(let name): "\(name) is never closed"
      case .unexpected(let text): "\(text) has no place here"
      case .twoScripts(let mark): "two \(mark) on one symbol: put braces around the first part"
      case .tooLong(let limit): "the formula has more than \(limit) characters"
      case .nestedTooDeeply(let limit): "the formula is nested more than \(limit) deep"
      }
    return "at character \(position + 1) of the formula: \(singleLine(what))"
  }
}
