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
    let others = entries.filter { $0.what != Self.associations }
    items += Self.first(
      others,
      rest: run == nil
        ? "more are left out of single runs and stand on their pages" : "more are left out"
    ) { HTML(escaping: Words.capitalized($0.sentence)) }
    items += associations(entries.filter { $0.what == Self.associations })
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

  private var hasIntervals: Bool {
    let study = context.study
    return study.runs.contains { run in
      study.components.contains { study.similarity(run, $0)?.hasIntervals == true }
    }
  }

  private func audit(_ finding: AuditFinding) -> HTML {
    let run = finding.run
    let step = Words.count(finding.step)
    let detail = finding.detail.isEmpty ? "" : " " + finding.detail
    guard let other = finding.otherStep else {
      return
        "<b>Step \(step) of \(run).</b> \(Words.capitalized(AuditFigure.words(finding.finding))) (audit).\(detail)"
    }
    return finding.finding == "identical_neighbour"
      ? "<b>Step \(step) of \(run).</b> It holds the weights of its neighbour, step \(Words.count(other)), and is collapsed with it (audit).\(detail)"
      : "<b>Step \(step) of \(run).</b> It holds the weights of step \(Words.count(other)) (audit: \(AuditFigure.words(finding.finding))).\(detail)"
  }
}

/// Alarms as notices with a link to their figure.
enum AlarmList {
  static func put(_ alarms: [Alarm], into body: inout PageBody, context: PageContext) {
    for alarm in alarms.prefix(12) {
      let link = link(alarm, context: context)
      body.notice(
        name(alarm.kind) + ".",
        "\(alarm.sentence) \(place(alarm)) \(link)", tone: .alarm)
    }
    if alarms.count > 12 {
      body.note("\(alarms.count - 12) more alarms stand on the runs' own pages.")
    }
  }

  /// One notice a kind and matrix, with the runs that it touches; the layers stand on their pages.
  static func putByKind(_ alarms: [Alarm], into body: inout PageBody, context: PageContext) {
    var order: [[String]] = []
    var groups: [[String]: [Alarm]] = [:]
    for alarm in alarms {
      let key = [alarm.kind, alarm.component, alarm.object, alarm.metric]
      if groups[key] == nil { order.append(key) }
      groups[key, default: []].append(alarm)
    }
    for key in order {
      let group = groups[key] ?? []
      let touched = Set(group.map(\.run))
      let runs = context.study.runs.filter { touched.contains($0.name) }
      let links = runs.map { run in
        figure(group.first { $0.run == run.name }, run, context)
          .map { Link(to: context.map.run(run).link($0), run.name) }
          ?? Link(to: context.map.run(run), run.name)
      }.joined(separator: ", ")
      let layers = Set(group.flatMap { alarm in alarm.layers.map { "\(alarm.run)/\($0)" } }).count
      let of: HTML = layers > 0 ? ", \(Words.counted(layers, "layer"))" : HTML()
      let what = subject(group[0])
      body.notice(name(key[0]) + ".", "\(what)\(of): \(links)", tone: .alarm)
    }
  }

  /// What an alarm is called.
  private static func name(_ kind: String) -> String {
    switch kind {
    case "flat_early": "CKA is flat early, far below 1"
    case "per_rising": "PER rises through training"
    case "relation_absent": "No relation of rank and convergence in a group of layers"
    case "relation_reversed": "Rank and convergence are related the other way in a group of layers"
    case "non_finite": "Values are missing or not finite"
    default: Words.capitalized(AuditFigure.words(kind))
    }
  }

  /// What is looked at: one quantity, or the two of a relation.
  private static func subject(_ alarm: Alarm) -> String {
    guard alarm.kind.hasPrefix("relation") else {
      return MedianCurves.objectName(alarm.component, alarm.object)
    }
    let matrix = alarm.component == "attention" ? "ov" : alarm.component
    return "\(Vocabulary.activation(alarm.component)) against PER of "
      + "\(Vocabulary.short(matrix)) \(alarm.object)"
  }

  /// `Layers 0-3 7; steps 16 to 2,500.`
  private static func place(_ alarm: Alarm) -> String {
    var parts: [String] = []
    if !alarm.layers.isEmpty {
      parts.append(
        "layers \(Alarm.ranges(alarm.layers).split(separator: " ").joined(separator: ", "))")
    }
    if let first = alarm.steps.first, let last = alarm.steps.last {
      parts.append(
        alarm.steps.count <= 4
          ? "steps \(Words.list(alarm.steps.map { Words.count($0) }))"
          : "\(Words.count(alarm.steps.count)) checkpoints from step \(Words.count(first)) to \(Words.count(last))"
      )
    }
    return parts.isEmpty ? "" : Words.capitalized(parts.joined(separator: "; ")) + "."
  }

  private static func link(_ alarm: Alarm, context: PageContext) -> HTML {
    guard let run = context.study.runs.first(where: { $0.name == alarm.run }),
      let figure = figure(alarm, run, context)
    else { return HTML() }
    return Link(to: context.map.run(run).link(figure), "Figure")
  }

  /// The figure of the run's page that shows it; nil where the study lacks it.
  private static func figure(_ alarm: Alarm?, _ run: RunView, _ context: PageContext) -> String? {
    guard let alarm else { return nil }
    let id = "\(run.slug)-\(alarm.figure)"
    return context.catalogue[id] == nil ? nil : id
  }
}
