/// The sentences of one decided claim, made from its cells.
struct ClaimWording {
  let id: ClaimID
  let decision: Decision
  let estimator: String
  let sensitivity: [SensitivityEntry]

  /// `Inconclusive: the median monotonicity of MLP layers changes by −0.03 [−0.08, 0.03] per tenfold
  /// parameters, 5 sizes. All 4 cells are inconclusive.`
  var sentence: String {
    guard decision.verdict != .notEnoughData else {
      let needs = decision.needs.isEmpty ? "more data" : Wording.list(decision.needs)
      return "\(decision.verdict.words): needs \(needs)."
    }
    let on = estimator == "cka" && touchesSimilarity ? " on biased CKA" : ""
    let parts =
      ["\(decision.verdict.words)\(on): \(finding)"]
      + [cellCounts, weakness]
      .compactMap { $0 } + decision.reasons.map(Self.capitalized)
    return parts.joined(separator: ". ") + "."
  }

  private static func capitalized(_ text: String) -> String {
    // A symbol such as ρ stays as it is.
    guard let first = text.first, first.isASCII else { return text }
    return first.uppercased() + text.dropFirst()
  }

  private var touchesSimilarity: Bool { id != .c5 }

  /// `, q .056`: where the interval alone would support and the adjusted p does not.
  private static func adjustment(_ cell: EvidenceCell) -> String {
    guard let q = cell.q, q > 0.05, let lower = cell.lower, lower > 0 else { return "" }
    return ", q \(Wording.probability(q))"
  }

  private var finding: String {
    guard let effect = decision.effect else { return "no effect is defined" }
    let text = Wording.effect(effect, decision.lower, decision.upper)
    let n = Wording.count(decision.n)
    if let level { return level }
    switch id {
    case .c1:
      return "the share of MLP layers settled by \(Wording.percent(Measure.fraction)) of training "
        + "changes by \(text) per tenfold parameters, \(n) sizes"
    case .c2:
      return "the median monotonicity of MLP layers changes by \(text) per tenfold parameters, "
        + "\(n) sizes"
    case .c3:
      return "Spearman's ρ of area with the mean PER of MLP weights, within runs and given depth, "
        + "is \(text), \(n) runs"
    case .c4:
      return "Spearman's ρ of settling with depth, within runs, is \(text) in MLP, "
        + "\(layers) layers of \(n) runs"
    case .c5:
      return "the median PER of MLP weights changes by \(text) per tenfold parameters, \(n) sizes"
    case .c6:
      let arm = decision.cells.first { $0.decides && $0.effect == effect }?.arm ?? ""
      return "median area changes by \(text) at equal step in arm \(arm), MLP, \(n) seeds"
    case .c7:
      return "\(Wording.percent(effect)) of \(n) other cells give the same verdict"
    }
  }

  /// In place of a slope of 0 whose interval has no width: the summary is the same at every size.
  private var level: String? {
    guard [.c1, .c2].contains(id), decision.lower == 0, decision.upper == 0,
      let cell = decision.cells.first(where: { $0.decides && $0.component == "mlp" }),
      let value = cell.points.first?.y
    else { return nil }
    let n = Wording.count(decision.n)
    return id == .c1
      ? "the share of MLP layers settled by \(Wording.percent(Measure.fraction)) of training is "
        + "\(Wording.percent(value)) at each of \(n) sizes"
      : "the median monotonicity of MLP layers is \(Wording.number(value)) at each of \(n) sizes"
  }

  private var layers: String {
    Wording.count(decision.cells.first?.points.reduce(0) { $0 + $1.n } ?? 0)
  }

  /// `Of 4 cells, 2 contradict and 2 are inconclusive`, where there are several.
  private var cellCounts: String? {
    let cells = decision.cells.filter(\.decides)
    guard cells.count > 1, id != .c7 else { return nil }
    // A contradiction that is named after the counts comes last among them.
    let named = opposite(cells)
    let order: [Verdict] =
      named.isEmpty
      ? [.supported, .contradicted, .inconclusive] : [.supported, .inconclusive, .contradicted]
    let parts = order.compactMap { verdict in
      let count = cells.count { $0.verdict == verdict }
      return count == 0 ? nil : (count, Self.predicate(verdict, count))
    }
    if parts.count == 1 {
      let all = cells.count == 2 ? "Both" : "All \(Wording.count(cells.count))"
      return "\(all) cells \(parts[0].1)" + named
    }
    let text = parts.map { "\(Wording.count($0.0)) \($0.1)" }
    return "Of \(Wording.count(cells.count)) cells, \(Wording.list(text))" + named
  }

  private static func predicate(_ verdict: Verdict, _ count: Int) -> String {
    switch verdict {
    case .supported: count == 1 ? "supports it" : "support it"
    case .contradicted: count == 1 ? "contradicts" : "contradict"
    case .inconclusive, .notEnoughData: count == 1 ? "is inconclusive" : "are inconclusive"
    }
  }

  /// Said of a contradiction that chance among the cells explains.
  private var weakness: String? {
    guard Claim.isWeak(id, decision.verdict, decision.cells.filter(\.decides)) else { return nil }
    return "This is weak: with the error held to 5\u{202F}% over all cells none contradicts"
  }

  /// The cells that contradict, where the effect in front is not one of them.
  private func opposite(_ cells: [EvidenceCell]) -> String {
    let against = cells.filter { $0.verdict == .contradicted }
    guard decision.verdict == .contradicted, let first = against.first,
      (decision.upper ?? 0) >= 0
    else { return "" }
    let text = first.effect.map { Wording.effect($0, first.lower, first.upper) } ?? ""
    let more = against.count > 1 ? " and \(Wording.count(against.count - 1)) more" : ""
    return ": \(name(first)) \(text)\(more)"
  }

  /// A cell among its claim's, with the similarity where several stand side by side.
  private func name(_ cell: EvidenceCell) -> String {
    let isOne = Set(decision.cells.filter(\.decides).map(\.metric)).count < 2
    return Wording.cell(cell) + (isOne ? "" : " on \(Wording.metric(cell.metric))")
  }

  /// What the rule asks of the cells that stand in its way.
  private func condition(_ against: [EvidenceCell]) -> String {
    let q = against.contains { $0.q != nil } ? " with q at most .05" : ""
    switch id {
    case .c3:
      return "for weights and for gradients MLP or OV lay wholly on the claimed side of 0\(q), no "
        + "cell lay wholly opposite, and depth² left the sign"
    case .c1:
      return "all cells lay wholly on the claimed side of 0 and "
        + "\(Wording.percent(SizeClaims.nearlyAll)) of the largest size's layers had settled"
    default:
      return "all cells lay wholly on the claimed side of 0\(q)"
    }
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
          "It falls when one cell's interval reaches 0; the closest is \(name(closest)), "
            + "whose lower end is \(Wording.number(lower)).")
      }
    case .contradicted where id == .c7, .inconclusive where id == .c7:
      let others = cells.filter { $0.effect == 0 }.map { cell in
        "\(cell.measure) with \(Wording.metric(cell.metric))"
          + (cell.detail.isEmpty ? "" : " on \(cell.detail)")
          + " (\(cell.verdict.words.lowercased()))"
      }
      if !others.isEmpty {
        sentences.append(
          "It would be supported if these gave the verdict of the headline too: "
            + others.joined(separator: ", ") + ".")
      }
    case .contradicted, .inconclusive:
      let against = cells.filter { $0.verdict != .supported }
      let named = against.prefix(4).map { cell in
        let text = cell.effect.map { Wording.effect($0, cell.lower, cell.upper) } ?? "not defined"
        return "\(name(cell)) \(text)\(Self.adjustment(cell))"
      }
      if !named.isEmpty {
        let rest = against.count > named.count ? " and \(against.count - named.count) more" : ""
        sentences.append(
          "It would be supported if \(condition(against)). Now: "
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
