import Statistics

extension ClaimBook {
  /// Remarks that belong beside a claim.
  func notes(_ draft: Draft) -> [String] {
    var notes: [String] = []
    let cells = draft.decision.cells
    if draft.id == .c1 {
      notes.append(
        "A learning rate that decays makes every run settle near its end by itself: where a training "
          + "log tells the schedule, it is drawn under the curves.")
    }
    if draft.id != .c6, let note = chanceNote(draft.decision) { notes.append(note) }
    if let note = familyNote(draft) { notes.append(note) }
    if draft.id == .c2, let note = windowNote(cells) { notes.append(note) }
    if draft.id == .c3, let note = pooledNote(draft.probe) { notes.append(note) }
    if draft.id != .c7, let note = layoutNote(cells) { notes.append(note) }
    for other in draft.others {
      let effect = other.decision.effect.map {
        " (" + Wording.effect($0, other.decision.lower, other.decision.upper) + ")"
      }
      notes.append(
        "\(other.group.isEmpty ? "The runs without a group" : "Group \(other.group)"): "
          + other.decision.verdict.words.lowercased() + (effect ?? "") + ".")
    }
    if [.c1, .c2, .c5].contains(draft.id), let ladder = source.ladders.first {
      if !ladder.unsized.isEmpty {
        notes.append(
          "\(Wording.count(ladder.unsized.count, "run")) without `parameters:` left out: "
            + Wording.list(ladder.unsized) + ".")
      }
      if source.ladders.count > 1 {
        let isAlone = source.ladders.count { $0.sizes.count == ladder.sizes.count } < 2
        notes.append(
          "Decided on \(ladder.group.isEmpty ? "the runs without a group" : "group \(ladder.group)"), "
            + (isAlone ? "which has most sizes." : "the first by name of those with most sizes."))
      }
    }
    let arms = source.runs.values.filter { !$0.arm.isEmpty }.count
    if arms > 0, draft.id != .c6, draft.id != .c7 {
      notes.append("\(Wording.count(arms, "run")) with an intervention left out.")
    }
    notes += draft.decision.remarks
    notes += LeftOut.sentences(audited)
    if let note = keptNote(draft) { notes.append(note) }
    return notes
  }

  /// What the claim would be with the flagged checkpoints in.
  private func keptNote(_ draft: Draft) -> String? {
    guard source.kept != nil, draft.id != .c7,
      let entry = draft.sensitivity.first(where: { $0.key == "audit_keep" })
    else { return nil }
    guard entry.verdict != .notEnoughData else {
      return "With the flagged checkpoints in, there would not be enough data."
    }
    let effect = entry.effect.map { ", " + Wording.effect($0, entry.lower, entry.upper) } ?? ""
    return
      "With the flagged checkpoints in, it would be \(entry.verdict.words.lowercased())\(effect)."
  }

  /// How easily chance alone contradicts a claim of several cells: each interval misses 0 on the other
  /// side in 2.5 % of suites without an effect.
  private func chanceNote(_ decision: Decision) -> String? {
    let cells = decision.cells.filter(\.decides)
    guard decision.verdict == .contradicted, cells.count > 1,
      cells.contains(where: { $0.lower != nil })
    else { return nil }
    let opposite = cells.count { $0.verdict == .contradicted }
    let joint = cells.count(where: \.contradictsJointly)
    let share = Wording.percent(min(1, 0.025 * Double(cells.count)))
    let how =
      cells.contains { $0.q != nil }
      ? "q at most .05"
      : "intervals at \(Wording.number(100 * Trend.jointLevel, decimals: 1))\u{202F}%"
    return
      "How sure is that? One cell wholly on the other side is enough to contradict, and without "
      + "any effect that happens in about \(share) of suites with \(Wording.count(cells.count)) "
      + "cells. Here \(Wording.count(opposite)) of \(Wording.count(cells.count)) "
      + "\(opposite == 1 ? "does" : "do"); with the error held to 5\u{202F}% over all cells (\(how)) "
      + (joint == 0
        ? "none would, and the verdict would be inconclusive."
        : "\(joint == opposite ? "still \(Wording.count(joint))" : Wording.count(joint)) would, and "
          + "the verdict would stand.")
  }

  /// What q would be in other families, for the claims that have one.
  private func familyNote(_ draft: Draft) -> String? {
    guard draft.id == .c3 || draft.id == .c4 else { return nil }
    return FamilyAlternatives(
      source: source, lens: Lens(metric: source.headlineMetric), probe: draft.probe,
      isDepth: draft.id == .c4
    ).note(draft.decision.cells)
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
