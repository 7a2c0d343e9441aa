import Checkpoints
import Fetching
import Foundation

// fetch-bench ADDRESS [CONNECTIONS]: fetches a repository as `tend fetch` does, and prints bytes, seconds
// and the highest resident memory.

guard CommandLine.arguments.count > 1,
  let repository = HubRepository(address: CommandLine.arguments[1])
else {
  print("usage: fetch-bench hf://OWNER/NAME [CONNECTIONS]")
  exit(2)
}
let connections = CommandLine.arguments.count > 2 ? Int(CommandLine.arguments[2]) ?? 4 : 4

do {
  let fetcher = Fetcher(
    settings: try HubSettings(environment: ProcessInfo.processInfo.environment),
    connections: connections,
    events: { event in
      switch event {
      case .received, .fileFinished: break
      default: FileHandle.standardError.write(Data("\(event)\n".utf8))
      }
    })
  let plans = try fetcher.plan([FetchRequest(repository: repository)])
  try fetcher.checkSpace(plans)
  let begun = Date.now
  let outcome = try fetcher.fetch(plans)
  let seconds = Date.now.timeIntervalSince(begun)
  var usage = rusage()
  getrusage(__rusage_who_t(0), &usage)
  print(
    "bytes \(outcome.bytes) seconds \(seconds) peak_kib \(usage.ru_maxrss) "
      + "failures \(outcome.failures.count)")
  exit(outcome.failures.isEmpty ? 0 : 1)
} catch {
  print("\(error)")
  exit(1)
}
