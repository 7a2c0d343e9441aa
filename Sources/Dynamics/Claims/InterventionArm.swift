import Statistics

/// An arm of a study: runs with one intervention, each beside the baseline run of its seed.
struct InterventionArm: Sendable {
  /// A run with an intervention and the baseline run of the same group, size and seed.
  struct Pair: Sendable {
    let arm: String
    let baseline: String

    var label: String { "\(arm), \(baseline)" }
  }

  let name: String
  let pairs: [Pair]

  /// The arms by name; several runs of one seed are paired in the order of their names.
  static func all(of runs: some Sequence<RunDescription>) -> [InterventionArm] {
    let runs = runs.sorted { precedes($0.run, $1.run) }
    let names = Set(runs.map(\.arm)).subtracting([""]).sorted(by: precedes)
    return names.compactMap { name in
      var free = runs.filter(\.arm.isEmpty)
      let pairs = runs.filter { $0.arm == name }.compactMap { run -> Pair? in
        let match = free.firstIndex {
          $0.group == run.group && $0.parameters == run.parameters && $0.seed == run.seed
        }
        return match.map { Pair(arm: run.run, baseline: free.remove(at: $0).run) }
      }
      return pairs.isEmpty ? nil : InterventionArm(name: name, pairs: pairs)
    }
  }
}

/// What an arm does to PER of weights.
enum RankChange: Sendable {
  case raises
  case lowers
  /// The intervals hold 0, or what is seen at equal step is not so at equal loss or in both components.
  case neither
  /// PER is not there, or of too few seeds.
  case unknown(Need)
}
