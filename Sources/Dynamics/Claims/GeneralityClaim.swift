/// C7: how often a claim's verdict on the first probe with the headline's similarity holds on other
/// probes and with other similarities.
struct GeneralityClaim {
  /// The claims that a similarity and a probe can touch.
  static let claims: [ClaimID] = [.c1, .c2, .c3, .c4]

  /// A verdict of a claim on a probe with a similarity.
  struct Cell {
    let claim: ClaimID
    let probe: String
    let metric: String
    let verdict: Verdict
  }

  let cells: [Cell]
  let headlineMetric: String

  /// All cells agree with an answer that is decided for one claim at least: supported; fewer than
  /// half agree: contradicted. No interval: cells share their runs.
  var decision: Decision {
    let decided = cells.filter { $0.verdict != .notEnoughData }
    let probes = Set(decided.map(\.probe))
    let metrics = Set(decided.map(\.metric))
    var needs: [Need] = []
    if probes.count < 2 { needs.append(Need("2 probes with a verdict (has \(probes.count))")) }
    if metrics.count < 2 {
      needs.append(Need("2 similarities with a verdict (has \(metrics.count))"))
    }
    let compared = decided.compactMap { cell -> (cell: Cell, agrees: Bool)? in
      guard let head = self.headline(of: cell.claim), !isHead(cell, head) else { return nil }
      return (cell, cell.verdict == head.verdict)
    }
    guard needs.isEmpty, !compared.isEmpty else { return .undecided([], needs: needs) }
    let share = Double(compared.count(where: \.agrees)) / Double(compared.count)
    // That nothing is decided anywhere is no answer that holds.
    let isDecided = compared.contains { cell, _ in
      [.supported, .contradicted].contains(headline(of: cell.claim)?.verdict)
    }
    var decision = Decision(
      verdict: share < 0.5 ? .contradicted : share == 1 && isDecided ? .supported : .inconclusive,
      cells: evidence(compared))
    if share == 1, !isDecided { decision.reasons.append("no claim is decided, so none can hold") }
    decision.effect = share
    decision.n = compared.count
    return decision
  }

  /// The claim's verdict with the headline's similarity on the first probe that has one.
  private func headline(of claim: ClaimID) -> Cell? {
    cells.first {
      $0.claim == claim && $0.metric == headlineMetric && $0.verdict != .notEnoughData
    }
  }

  private func isHead(_ cell: Cell, _ head: Cell) -> Bool {
    cell.claim == head.claim && cell.probe == head.probe && cell.metric == head.metric
  }

  private func evidence(_ compared: [(cell: Cell, agrees: Bool)]) -> [EvidenceCell] {
    compared.map { cell, agrees in
      EvidenceCell(
        component: "", object: "activations", measure: cell.claim.rawValue, metric: cell.metric,
        variant: "default", window: .all, verdict: cell.verdict, effect: agrees ? 1 : 0, n: 1,
        decides: true, detail: cell.probe.isEmpty ? "" : "probe \(cell.probe)", points: [])
    }
  }
}
