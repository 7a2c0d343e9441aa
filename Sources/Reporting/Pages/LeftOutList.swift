import Dynamics
import Markup
import Publishing

/// Everything that did not enter, said once more in one place.
struct LeftOutList {
  let context: PageContext

  func items(run: RunView? = nil) -> [HTML] {
    let input = context.study.input
    var items: [HTML] = []
    let failures = input.failures.filter { run == nil || $0.run == run?.name }
    items += Self.first(failures, rest: "more units failed: their lines stand in the run's log") {
      failure in
      let place = failure.step.map { ", step \(Words.count($0))" } ?? ""
      return "<b>Failed: \(failure.run)\(place).</b> \(failure.message)"
    }
    let findings = input.audit.filter { $0.excluded && (run == nil || $0.run == run?.name) }
    items += Self.first(findings, rest: "more findings of the audit stand in audit.csv", audit)
    let entries = input.analysis.leftOut.filter {
      (run == nil || $0.run == run?.name) && !$0.reason.hasPrefix("audit")
    }
    let others = entries.filter { ![Self.associations, Self.combined].contains($0.what) }
    items += Self.first(
      LeftOut.sentences(others),
      rest: run == nil
        ? "more are left out of single runs and stand on their pages" : "more are left out"
    ) { HTML(escaping: Words.capitalized($0)) }
    items += associations(entries.filter { $0.what == Self.associations })
    items += combined(entries.filter { $0.what == Self.combined })
    let boxes = context.unwritable.filter { run == nil || $0.kind == .run && $0.name == run?.name }
    items += Self.first(boxes, rest: "more names show boxes in figures") { name in
      "<b>Characters in figures.</b> \(PageContext.codes(Words.capitalized(name.sentence)))."
    }
    guard run == nil else { return items }
    for entry in input.leftOut {
      items.append("<b>\(entry.what).</b> \(Words.capitalized(entry.reason)).")
    }
    let study = context.study
    if let reason = study.missingTokens {
      items.append("<b>An axis in tokens.</b> Figures count steps: \(reason).")
    }
    if !study.components.isEmpty {
      if !study.hasMetric("cka_debiased", object: "activations") {
        items.append(
          "<b>Debiased CKA.</b> Not in the source: similarity is judged on \(Vocabulary.metricInSentence(study.headline.estimator))."
        )
      }
      let layouts = study.components.filter { study.headline.variant(of: $0) != "default" }
      for component in layouts {
        items.append(
          "<b>\(Vocabulary.short(component)) in another layout.</b> Only <code>\(study.headline.variant(of: component))</code> is in the source: \"value\" there is the last third of the fused projection, which holds query, key and value rows of the last heads."
        )
      }
      if study.highestChance(study.components) == nil {
        items.append(
          "<b>The level of chance.</b> No null was measured, so no figure has the grey band.")
      }
      if !hasIntervals {
        items.append("<b>Intervals of single values.</b> The source holds values alone.")
      }
    }
    // Per-run and per-claim figures are missed on their own pages.
    let shared = context.catalogue.absent.filter { figure in
      !figure.id.hasPrefix("claim-")
        && !study.runs.contains { figure.id.hasPrefix($0.slug + "-") }
    }
    items += shared.map(PageContext.sentence)
    return items
  }

  /// Items of one sort that are listed one by one: a page has room for that many.
  private static let longest = 40

  private static func first<Element>(
    _ elements: [Element], rest: String, _ item: (Element) -> HTML
  ) -> [HTML] {
    let shown = elements.prefix(longest).map(item)
    let hidden = elements.count - shown.count
    return hidden > 0 ? shown + [HTML(escaping: "\(Words.count(hidden)) \(rest).")] : shown
  }

  private static let associations = "association rows"

  /// One line a reason: the rows of single runs and scopes together, with their number.
  private func associations(_ entries: [LeftOut]) -> [HTML] {
    var counts: [String: Int] = [:]
    for entry in entries { counts[entry.reason, default: 0] += entry.count }
    return counts.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.map { reason in
      "<b>Associations.</b> \(Words.counted(counts[reason] ?? 0, "row")) not written: \(reason)."
    }
  }

  private static let combined = "entries of a run in combined rows"

  /// The runs that some combined rows had to do without: `nano (in 686 rows within runs, 1,518 given
  /// depth)`.
  private func combined(_ entries: [LeftOut]) -> [HTML] {
    var reasons: [String: [String: [String]]] = [:]
    for entry in entries {
      let scope = entry.detail == "within_given_depth" ? "given depth" : "within runs"
      reasons[entry.reason, default: [:]][entry.run, default: []]
        .append("\(Words.count(entry.count)) \(scope)")
    }
    return reasons.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.map { reason in
      let runs = reasons[reason] ?? [:]
      let named = context.study.runs.map(\.name).compactMap { name in
        runs[name].map { "\(name) from \(Words.list($0))" }
      }
      return
        "<b>Runs missing from combined associations</b>, by number of rows: \(named.joined(separator: "; ")). Reason: \(reason)."
    }
  }

  private var hasIntervals: Bool {
    let study = context.study
    return study.runs.contains { run in
      study.components.contains { study.similarity(run, $0)?.hasIntervals == true }
    }
  }

  private func audit(_ finding: AuditFinding) -> HTML {
    let run = finding.run
    let step = Words.count(finding.step)
    // Where the sentence says the same, the finding's own words are not repeated.
    let isSaid = finding.detail.hasPrefix("step \(finding.step) holds the weights of")
    let detail =
      finding.detail.isEmpty || isSaid && finding.otherStep != nil
      ? "" : " \(Words.capitalized(finding.detail.droppingFinalStop))."
    guard let other = finding.otherStep else {
      return
        "<b>Step \(step) of \(run).</b> \(Words.capitalized(AuditFigure.words(finding.finding))) (audit).\(detail)"
    }
    return finding.finding == "identical_neighbour"
      ? "<b>Step \(step) of \(run).</b> It holds the weights of its neighbour, step \(Words.count(other)), and is collapsed with it (audit).\(detail)"
      : "<b>Step \(step) of \(run).</b> It holds the weights of step \(Words.count(other)) (audit: \(AuditFigure.words(finding.finding))).\(detail)"
  }
}
