import Statistics

extension ClaimBook {
  /// Remarks that belong beside a claim.
  func notes(_ draft: Draft) -> [String] {
    var notes: [String] = []
    let cells = draft.decision.cells
    if draft.id == .c1 {
      notes.append(
        "A learning rate that decays makes every run settle near its end: compare the schedule "
          + "under the curves.")
    }
    if let note = chanceNote(draft.decision) { notes.append(note) }
    if draft.id == .c2, let note = windowNote(cells) { notes.append(note) }
    if draft.id == .c3, let note = pooledNote(draft.probe) { notes.append(note) }
    if draft.id != .c7, let note = layoutNote(cells) { notes.append(note) }
    for other in draft.others {
      let effect = other.decision.effect.map {
        " (" + Wording.effect($0, other.decision.lower, other.decision.upper) + ")"
      }
      notes.append(
        "Ladder \(other.group.isEmpty ? "without a group" : other.group): "
          + other.decision.verdict.words.lowercased() + (effect ?? "") + ".")
    }
    if [.c1, .c2, .c5].contains(draft.id), let ladder = source.ladders.first {
      if !ladder.unsized.isEmpty {
        notes.append(
          "\(Wording.count(ladder.unsized.count, "run")) without `parameters:` left out: "
            + Wording.list(ladder.unsized) + ".")
      }
      if source.ladders.count > 1 {
        notes.append(
          "Decided on the ladder \(ladder.group.isEmpty ? "without a group" : ladder.group).")
      }
    }
    let arms = source.runs.values.filter { !$0.arm.isEmpty }.count
    if arms > 0, draft.id != .c6, draft.id != .c7 {
      notes.append("\(Wording.count(arms, "run")) with an intervention left out.")
    }
    notes += draft.decision.remarks
    notes += audited.map(\.sentence)
    return notes
  }

  /// How easily chance alone contradicts a claim of several cells: each interval misses 0 on the other
  /// side in 2.5 % of suites without an effect.
  private func chanceNote(_ decision: Decision) -> String? {
    let cells = decision.cells.filter(\.decides)
    let opposite = cells.count { $0.verdict == .contradicted }
    guard decision.verdict == .contradicted, opposite < cells.count else { return nil }
    let share = Wording.percent(min(1, 0.025 * Double(cells.count)))
    return "One cell wholly on the other side contradicts, which without any effect happens by "
      + "chance in up to \(share) of suites with \(Wording.count(cells.count)) cells; here "
      + "\(Wording.count(opposite)) of \(Wording.count(cells.count)) are."
  }

  /// Whether the sign of a trend depends on the window.
  private func windowNote(_ cells: [EvidenceCell]) -> String? {
    let turned = cells.filter(\.decides).compactMap { first -> String? in
      guard let effect = first.effect,
        let other = cells.first(where: {
          !$0.decides && $0.component == first.component && $0.measure == first.measure
        }), let late = other.effect, effect * late < 0
      else { return nil }
      return "\(Wording.cell(first)) \(Wording.effect(effect, first.lower, first.upper)) over all "
        + "shared checkpoints, \(Wording.effect(late, other.lower, other.upper)) over the late ones"
    }
    guard !turned.isEmpty else { return nil }
    return "The sign depends on the window: " + turned.joined(separator: "; ") + "."
  }

  /// The pooled coefficient beside the ones given depth: it mixes sizes and depth.
  private func pooledNote(_ probe: String) -> String? {
    let rows = source.associations.values.filter {
      let key = $0.key
      return key.run.isEmpty && key.scope == .pooled && key.method == .spearman
        && key.measure == .area && key.perMeasure == Measure.mean.rawValue
        && key.metric == source.headlineMetric && key.probe == probe && key.variant == "default"
        && key.window == .all && ClaimSource.components.contains(key.component)
    }.sorted { AssociationKey.isOrdered($0.key, before: $1.key) }
    guard !rows.isEmpty else { return nil }
    let parts = rows.map {
      "\(Wording.component($0.key.component)) \($0.key.object) \(Wording.signed($0.estimate))"
    }
    return "Pooled over runs, which mixes sizes and depth and decides nothing: "
      + parts.joined(separator: ", ") + "."
  }

  private func layoutNote(_ cells: [EvidenceCell]) -> String? {
    cells.contains { $0.component == "ov" && $0.variant == "published_layout" }
      ? "OV stands under the published layout alone: the last third of the fused projection, not "
        + "the value activation." : nil
  }
}
