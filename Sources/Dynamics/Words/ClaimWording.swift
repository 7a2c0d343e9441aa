/// The sentences of one decided claim, made from its cells.
struct ClaimWording {
  let id: ClaimID
  let decision: Decision
  let estimator: String
  let sensitivity: [SensitivityEntry]

  /// `Inconclusive: monotonicity changes by −0.03 per tenfold parameters [−0.08, 0.03], MLP, 5 sizes.`
  var sentence: String {
    guard decision.verdict != .notEnoughData else {
      let needs = decision.needs.isEmpty ? "more data" : Wording.list(decision.needs)
      return "\(decision.verdict.words): needs \(needs)."
    }
    let on = estimator == "cka" && touchesSimilarity ? " on biased CKA" : ""
    let reasons = decision.reasons.isEmpty ? "" : "; " + decision.reasons.joined(separator: "; ")
    return "\(decision.verdict.words)\(on): \(finding)\(reasons)."
  }

  private var touchesSimilarity: Bool { id != .c5 }

  /// `, q 0.06`: where the interval alone would support and the adjusted p does not.
  private static func adjustment(_ cell: EvidenceCell?) -> String {
    guard let q = cell?.q, q > 0.05, let lower = cell?.lower, lower > 0 else { return "" }
    return ", q \(Wording.number(q))"
  }

  private var finding: String {
    guard let effect = decision.effect else { return "no effect is defined" }
    let head = decision.cells.first { $0.decides && $0.effect == effect }
    let text =
      Wording.effect(effect, decision.lower, decision.upper) + Self.adjustment(head)
    let n = Wording.count(decision.n)
    switch id {
    case .c1:
      return "\(Wording.measure(EvidenceCell.settledShare)) changes by \(text) per tenfold "
        + "parameters, MLP, \(n) sizes" + others
    case .c2:
      return "the median monotonicity changes by \(text) per tenfold parameters, MLP, \(n) sizes"
        + others
    case .c3:
      return "ρ of area with PER of MLP weights given depth is \(text), \(n) runs" + others
    case .c4:
      return "ρ of settling with depth is \(text), MLP, \(layers) layers of \(n) runs" + others
    case .c5:
      return "the median PER of MLP weights changes by \(text) per tenfold parameters, \(n) sizes"
        + others
    case .c6:
      return "median area changes by \(text) at equal step in arm \(head?.arm ?? ""), MLP, "
        + "\(n) seeds" + others
    case .c7:
      return "\(Wording.percent(effect)) of \(n) other cells give the same verdict"
    }
  }

  private var layers: String {
    Wording.count(decision.cells.first?.points.reduce(0) { $0 + $1.n } ?? 0)
  }

  /// Counts the deciding cells by verdict where there are several.
  private var others: String {
    let cells = decision.cells.filter(\.decides)
    guard cells.count > 1 else { return "" }
    let parts = [Verdict.supported, .contradicted, .inconclusive].compactMap { verdict in
      let count = cells.count { $0.verdict == verdict }
      return count == 0 ? nil : "\(count) \(verdict.words.lowercased())"
    }
    return "; of \(cells.count) cells " + Wording.list(parts) + opposite(cells)
  }

  /// The cells that contradict, where the effect in front is not one of them.
  private func opposite(_ cells: [EvidenceCell]) -> String {
    let against = cells.filter { $0.verdict == .contradicted }
    guard decision.verdict == .contradicted, let first = against.first,
      (decision.upper ?? 0) >= 0
    else { return "" }
    let text = first.effect.map { Wording.effect($0, first.lower, first.upper) } ?? ""
    let more = against.count > 1 ? " and \(Wording.count(against.count - 1)) more" : ""
    return ": \(Wording.cell(first)) \(text)\(more)"
  }

  /// What would change the verdict: the cells that stand in its way, then the choices that do.
  var wouldChange: String {
    let cells = decision.cells.filter(\.decides)
    var sentences: [String] = []
    switch decision.verdict {
    case .notEnoughData:
      sentences.append(
        decision.needs.isEmpty ? "More data." : "A verdict needs \(Wording.list(decision.needs)).")
    case .supported:
      let closest = cells.filter { $0.lower != nil }.min { ($0.lower ?? 0) < ($1.lower ?? 0) }
      if let closest, let lower = closest.lower {
        sentences.append(
          "It falls when one cell's interval reaches 0; the closest is \(Wording.cell(closest)), "
            + "whose lower end is \(Wording.number(lower)).")
      }
    case .contradicted, .inconclusive:
      let against = cells.filter { $0.verdict != .supported }
      let named = against.prefix(4).map { cell in
        let text = cell.effect.map { Wording.effect($0, cell.lower, cell.upper) } ?? "not defined"
        return "\(Wording.cell(cell)) \(text)\(Self.adjustment(cell))"
      }
      if !named.isEmpty {
        let rest = against.count > named.count ? " and \(against.count - named.count) more" : ""
        sentences.append(
          "It would be supported with these wholly on the claimed side of 0"
            + (against.contains { $0.q != nil } ? " and q at most 0.05: " : ": ")
            + named.joined(separator: "; ") + rest + ".")
      }
    }
    let turning = sensitivity.filter {
      $0.verdict != decision.verdict && $0.verdict != .notEnoughData
    }.map { "\(Wording.variant($0.key)) (\($0.verdict.words.lowercased()))" }
    if !turning.isEmpty {
      sentences.append("Another verdict under: \(turning.joined(separator: ", ")).")
    } else if decision.verdict != .notEnoughData {
      sentences.append("No sensitivity that has data changes it.")
    }
    return sentences.joined(separator: " ")
  }
}
