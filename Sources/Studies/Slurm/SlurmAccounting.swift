/// What Slurm's accounting says of jobs, where there is any; nothing depends on it.
package struct SlurmAccounting: Sendable, Equatable {
  package struct Job: Sendable, Equatable {
    package let name: String
    package let state: String
    package let exit: String
  }

  package var jobs: [Job] = []
  /// Why there are none, in sacct's words.
  package var message: String?

  /// `sacct` of `jobs`; `nil` where it is not there.
  static func of(_ jobs: [String]) throws -> SlurmAccounting? {
    let sacct = SlurmProgram(name: "sacct")
    guard !jobs.isEmpty, sacct.isThere else { return nil }
    let answer = try sacct(
      [
        "--noheader", "--parsable2", "--allocations", "--format=JobID,State,ExitCode",
        "--jobs=" + jobs.joined(separator: ","),
      ], patience: 10)
    guard answer.status == 0 else { return SlurmAccounting(message: answer.complaint) }
    return SlurmAccounting(answer.output)
  }

  /// Lines of job, state and exit code between bars.
  init(_ text: String) {
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: "|", omittingEmptySubsequences: false)
      guard parts.count == 3 else { continue }
      jobs.append(Job(name: String(parts[0]), state: String(parts[1]), exit: String(parts[2])))
    }
  }

  init(message: String) { self.message = message }

  /// How many jobs are in which state, then those that neither run nor are done.
  var lines: [String] {
    if let message { return ["sacct: \(message)"] }
    let counts = Dictionary(grouping: jobs, by: \.state).mapValues(\.count)
    let summary = counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
    let bad = jobs.filter { !["COMPLETED", "RUNNING", "PENDING"].contains($0.state) }
    return ["sacct: " + (summary.isEmpty ? "knows none of them" : summary.joined(separator: ", "))]
      + bad.prefix(20).map { "sacct: \($0.name) \($0.state) \($0.exit)" }
  }

  var json: JSONText.Value {
    .object([
      ("message", .text(message)),
      (
        "jobs",
        .list(
          jobs.map {
            .line(
              .object([
                ("job", .text($0.name)), ("state", .text($0.state)), ("exit", .text($0.exit)),
              ]))
          })
      ),
    ])
  }
}
