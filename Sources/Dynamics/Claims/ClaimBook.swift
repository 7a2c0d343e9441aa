/// All claims of a study: each on each probe, with its sensitivities, words and remarks.
struct ClaimBook {
  let source: ClaimSource
  /// What the audit took out, for the remarks beside the claims.
  let audited: [LeftOut]

  var claims: [Claim] {
    let probes = source.probes
    var drafts: [Draft] = []
    var cells: [GeneralityClaim.Cell] = []
    for probe in probes {
      let decider = ClaimDecider(source: source, probe: probe)
      for id in ClaimID.allCases where id != .c7 {
        let draft = draft(id, decider)
        drafts.append(draft)
        guard GeneralityClaim.claims.contains(id) else { continue }
        cells += generality(draft, decider)
      }
    }
    let general = GeneralityClaim(cells: cells, headlineMetric: source.headlineMetric).decision
    drafts.append(
      Draft(
        id: .c7, probe: "", decision: general, sensitivity: sensitivityOfC7(general, cells),
        others: []))
    let causal = drafts.first { $0.id == .c6 }?.decision.verdict ?? .notEnoughData
    let order = ClaimID.allCases.flatMap { id in drafts.filter { $0.id == id } }
    return order.map { claim($0, probes: probes, causal: causal) }
  }

  struct Draft {
    let id: ClaimID
    let probe: String
    let decision: Decision
    let sensitivity: [SensitivityEntry]
    /// The decisions on the study's other ladders.
    let others: [(group: String, decision: Decision)]
  }

  private func draft(_ id: ClaimID, _ decider: ClaimDecider) -> Draft {
    let ladder = source.ladders.first
    var decision = decider.decision(id, decider.headline, isHeadline: true, ladder: ladder)
    let isTrend = [.c1, .c2, .c5].contains(id)
    let others: [(group: String, decision: Decision)] =
      isTrend
      ? source.ladders.dropFirst().map { other in
        (
          other.group,
          decider.decision(id, decider.headline, isHeadline: true, ladder: other)
        )
      } : []
    let sensitivity = decider.sensitivity(id, headline: decision, ladder: ladder)
    // An answer that another ladder denies must not stand without it.
    for other in others {
      let verdict = other.decision.verdict
      guard verdict != .notEnoughData, verdict != decision.verdict else { continue }
      let name = other.group.isEmpty ? "the runs without a group" : "group \(other.group)"
      let own = other.group.isEmpty ? "themselves" : "itself"
      decision.reasons.append("\(name) by \(own): \(verdict.words.lowercased())")
    }
    return Draft(
      id: id, probe: decider.probe, decision: decision, sensitivity: sensitivity, others: others)
  }

  /// The claim's cell of C7 with each similarity on the draft's probe.
  private func generality(_ draft: Draft, _ decider: ClaimDecider) -> [GeneralityClaim.Cell] {
    let head = source.headlineMetric
    let metrics = [head] + source.metrics.filter { $0 != head }
    return metrics.map { metric in
      let entry = draft.sensitivity.first { $0.key == metric }
      let verdict = metric == head ? draft.decision.verdict : entry?.verdict ?? .notEnoughData
      return GeneralityClaim.Cell(
        claim: draft.id, probe: draft.probe, metric: metric, verdict: verdict)
    }
  }

  /// C7 under each choice that touches one of the claims that it compares: their verdicts are decided
  /// again, with every similarity on every probe. Its cells hold all similarities already.
  private func sensitivityOfC7(
    _ decision: Decision, _ cells: [GeneralityClaim.Cell]
  ) -> [SensitivityEntry] {
    let deciders = Dictionary(
      uniqueKeysWithValues: source.probes.map { ($0, ClaimDecider(source: source, probe: $0)) })
    let first = ClaimDecider(source: source, probe: source.probes[0])
    return first.sensitivity(.c7, headline: decision, ladder: nil).map { entry in
      guard !source.metrics.contains(entry.key),
        GeneralityClaim.claims.contains(where: { first.touches($0, entry.key) })
      else { return entry }
      guard first.changesSomething(entry.key) else {
        return first.carried(entry.key, decision, ClaimDecider.nothingFlagged)
      }
      // What has too little data as it stands is not decided again.
      guard decision.verdict != .notEnoughData else {
        return first.carried(entry.key, decision, "needs " + Wording.list(decision.needs))
      }
      var again = cells
      var isTouched = false
      for (place, cell) in cells.enumerated() {
        let verdict = deciders[cell.probe]?.verdict(
          cell.claim, entry.key, metric: cell.metric, ladder: source.ladders.first)
        guard let verdict else { continue }
        if verdict != .notEnoughData { isTouched = true }
        again[place] = GeneralityClaim.Cell(
          claim: cell.claim, probe: cell.probe, metric: cell.metric, verdict: verdict)
      }
      // Without the rows that the choice asks for only the untouched claims would be counted.
      guard isTouched else {
        return first.entry(
          entry.key,
          .undecided([], needs: [Need("what the claims that it touches need under this choice")]))
      }
      return first.entry(
        entry.key,
        GeneralityClaim(cells: again, headlineMetric: source.headlineMetric).decision)
    }
  }

  private func claim(_ draft: Draft, probes: [String], causal: Verdict) -> Claim {
    let estimator = draft.id == .c5 ? "per" : source.headlineMetric
    let words = ClaimWording(
      id: draft.id, decision: draft.decision, estimator: estimator,
      sensitivity: draft.sensitivity)
    let decision = draft.decision
    return Claim(
      id: draft.id, question: draft.id.question, verdict: decision.verdict,
      effect: decision.effect, lower: decision.lower, upper: decision.upper, n: decision.n,
      counts: draft.id.counts, rule: draft.id.rule(estimators: estimators(draft)),
      figure: figure(draft, probes), probe: draft.probe, estimator: estimator,
      layout: layout(decision), rows: source.rows(source.headlineMetric, probe: draft.probe),
      evidence: decision.cells, sensitivity: draft.sensitivity, needs: decision.needs,
      sentence: words.sentence, wouldChange: words.wouldChange,
      breakCondition: BreakCondition(draft.id, decision, causal: causal),
      notes: notes(draft))
  }

  private func estimators(_ draft: Draft) -> [String] {
    let head = source.headlineMetric
    let metrics = Set(draft.decision.cells.map(\.metric))
    return draft.id == .c1 ? [head] + metrics.subtracting([head]).sorted() : [head]
  }

  /// The published layout where OV's rows stand under it alone.
  private func layout(_ decision: Decision) -> String {
    decision.cells.contains { $0.component == "ov" && $0.variant == "published_layout" }
      ? "published_layout" : "default"
  }

  private func figure(_ draft: Draft, _ probes: [String]) -> String {
    let id = "claim-" + draft.id.rawValue.lowercased()
    guard probes.count > 1, !draft.probe.isEmpty else { return id }
    let slugs = probes.map(Self.slug)
    let slug = Self.slug(draft.probe)
    let isUnique = !slug.isEmpty && slugs.count { $0 == slug } == 1
    let place = (probes.firstIndex(of: draft.probe) ?? 0) + 1
    return id + "-" + (isUnique ? slug : "probe\(place)")
  }

  /// Lower-case letters, digits and single hyphens.
  private static func slug(_ name: String) -> String {
    let parts = name.lowercased().split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
    return parts.joined(separator: "-")
  }
}
