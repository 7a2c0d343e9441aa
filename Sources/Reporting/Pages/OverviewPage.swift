import Dynamics
import Markup
import Publishing

/// The front page: what was studied, the answers, the key figures, the runs, what is left out.
struct OverviewPage {
  let context: PageContext
  private var study: StudyView { context.study }
  private var input: ReportInput { context.study.input }

  func page() throws -> SitePage {
    var body = PageBody()
    if !input.study.description.isEmpty {
      body.lede(HTML(escaping: input.study.description))
    }
    body.lede(HTML(escaping: Self.lede(study)))
    body.facts(facts)
    failures(&body)
    if !input.analysis.claims.isEmpty { answers(&body) }
    alarmSummary(&body)
    try context.put("cka-by-size", into: &body, short: "By size")
    try context.put("cka-layer-step", into: &body, short: "By layer and step")
    try context.put("result", into: &body, short: "CKA and rank")
    alarms(&body)
    runs(&body)
    leftOut(&body)
    return SitePage(
      path: context.map.overview, title: input.study.title, shortTitle: "Overview",
      description: Self.lede(study), body: body)
  }

  /// Two sentences: what was studied, and what came out.
  static func lede(_ study: StudyView) -> String {
    let runs = study.runs
    guard let first = runs.first else {
      return "No checkpoint of this study could be measured."
    }
    let counts = Set(runs.map(\.steps.count))
    let steps =
      counts.count == 1
      ? "\(Words.counted(first.steps.count, "checkpoint"))\(runs.count > 1 ? " each" : "")"
      : "\(counts.min() ?? 0) to \(Words.counted(counts.max() ?? 0, "checkpoint")) each"
    var range = ""
    let sizes = runs.compactMap(\.parameters)
    if let small = sizes.min(), let large = sizes.max(), small < large {
      range = ", from \(Words.parameters(small)) to \(Words.parameters(large)) parameters,"
    }
    let subject =
      runs.count == 1
      ? "One training run, \(first.name), at \(steps)"
      : "\(Words.capitalized(Words.spelled(runs.count))) training runs\(range) at \(steps)"
    let compared =
      study.components.isEmpty
      ? "." : "; every layer is compared with its own final state."
    return [subject + compared, ClaimWords.tally(study.headlineClaims)]
      .filter { !$0.isEmpty }.joined(separator: " ")
  }

  private var facts: [Fact] {
    var facts: [Fact] = []
    let runs = study.runs
    let sizes = runs.compactMap(\.parameters)
    let range =
      sizes.count > 1 && sizes.min() != sizes.max()
      ? ", \(Words.parameters(sizes.min() ?? 0)) to \(Words.parameters(sizes.max() ?? 0))"
      : sizes.first.map { ", \(Words.parameters($0))" } ?? ""
    facts.append(Fact("Runs", "\(runs.count)\(range)"))
    facts.append(Fact("Layers", "\(runs.map(\.layers).reduce(0, +))"))
    if let first = runs.map({ $0.steps.first ?? 0 }).min(), let last = runs.map(\.finalStep).max() {
      let counts = runs.map(\.steps.count)
      let count =
        counts.min() == counts.max()
        ? "\(counts.first ?? 0)" : "\(counts.min() ?? 0) to \(counts.max() ?? 0)"
      facts.append(
        Fact("Checkpoints", "\(count), step \(Words.count(first)) to \(Words.count(last))"))
    }
    if let n = study.sequences {
      let rows =
        study.headline.rows == "last"
        ? "last position" : study.headline.rows == "all" ? "all positions" : "sampled positions"
      let noun = study.headline.rows == "last" ? "sequences" : "rows"
      facts.append(
        Fact(
          study.probes.count > 1 ? "Probes" : "Probe",
          "\(study.probes.count > 1 ? Words.list(study.probes) + "; " : "")\(Words.count(n)) \(noun), \(rows)"
        ))
    }
    if !study.components.isEmpty {
      facts.append(
        Fact("Measured", HTML(escaping: Words.list(study.components.map(Vocabulary.activation)))))
    }
    switch input.study.source {
    case .checkpoints: facts.append(Fact("Source", "checkpoints"))
    case .table(let file): facts.append(Fact("Source", "table <code>\(file)</code>"))
    }
    return facts
  }

  /// What failed stands before the answers: they rest on the rest.
  private func failures(_ body: inout PageBody) {
    guard !input.failures.isEmpty else { return }
    let count = Words.counted(input.failures.count, "unit")
    body.notice(
      "Failed.",
      "\(count) of this study could not be measured; everything below rests on the rest. \(Link(to: context.map.overview.link("left-out"), "What is left out"))",
      tone: .alarm)
  }

  private func answers(_ body: inout PageBody) {
    body.section("Answers", id: "answers")
    let claims = study.headlineClaims
    let isBiased = claims.contains { $0.verdict != .notEnoughData && $0.estimator == "cka" }
    if isBiased, !study.hasMetric("cka_debiased", object: "activations") {
      body.paragraph(
        "This table holds no debiased CKA, so verdicts that rest on similarity stand on biased CKA, which flatters wide models."
      )
    }
    body.answers(
      claims.map(answer), effectHeading: "Effect, 95\u{202F}% interval")
    let probe =
      study.probes.count > 1
      ? "Answers are those on probe \(study.headline.probe); each claim's page has the others. "
      : ""
    body.note(
      "\(probe)\(Link(to: context.map.sensitivity, "How sure are the answers?")) shows what each would be under another choice."
    )
  }

  private func answer(_ claim: Claim) -> Answer {
    var effect: Answer.Effect?
    if let value = claim.effect, claim.verdict != .notEnoughData {
      let strip = claim.lower.flatMap { lower in
        claim.upper.map { Strip(effect: value, lower: lower, upper: $0) }
      }
      effect = Answer.Effect(
        value: ClaimWords.effect(claim),
        unit: ClaimWords.shortUnit(claim.id.rawValue),
        strip: strip)
    }
    let why: String
    if claim.verdict == .notEnoughData {
      why =
        claim.needs.isEmpty
        ? "" : "needs " + Words.list(claim.needs).filter { $0 != "`" }
    } else if [.c5, .c6].contains(claim.id) {
      why = Words.counted(
        claim.n, claim.counts.hasSuffix("s") ? String(claim.counts.dropLast()) : claim.counts)
    } else {
      let estimator =
        claim.estimator == "cka"
        ? "on biased CKA"
        : claim.estimator == "cka_debiased"
          ? "on debiased CKA" : "on " + Vocabulary.metricInSentence(claim.estimator)
      why = claim.estimator.isEmpty ? "" : estimator
    }
    return Answer(
      id: claim.id.rawValue,
      question: ClaimWords.question(claim.id.rawValue, fallback: claim.question),
      page: context.map.claim(claim.id.rawValue),
      // What a claim needs stands beside its verdict already.
      note: claim.verdict == .notEnoughData ? HTML() : PageContext.codes(ClaimWords.note(claim)),
      verdict: ClaimWords.state(claim.verdict), why: why, effect: effect)
  }

  /// The key figures follow the answers at once; that there are alarms is said before them.
  private func alarmSummary(_ body: inout PageBody) {
    let kinds = AlarmList.kinds(input.analysis.alarms)
    guard !kinds.isEmpty else { return }
    body.notice(
      kinds.count == 1 ? "Alarm." : "Alarms.",
      "\(Words.capitalized(kinds.map(Words.lowercased).joined(separator: "; "))). \(Link(to: context.map.overview.link("alarms"), "Where"))",
      tone: .alarm)
  }

  private func alarms(_ body: inout PageBody) {
    let alarms = input.analysis.alarms
    guard !alarms.isEmpty else { return }
    body.section("Alarms", id: "alarms")
    AlarmList.putByKind(alarms, into: &body, context: context)
  }

  private func runs(_ body: inout PageBody) {
    guard !study.runs.isEmpty else { return }
    body.section("Runs", id: "runs")
    body.table(RunsTable(context: context).table())
    body.note(
      "Median over layers with quartiles, checkpoints evenly spaced; the dashed line is 20\u{202F}% of training. Settled: share of layers at 0.9 or more from 20\u{202F}% of training on. Never: layers that do not stay at 0.9 before the final step. \(Link(to: context.map.runsCompared, "The runs compared"))"
    )
  }

  private func leftOut(_ body: inout PageBody) {
    body.section("What is left out", id: "left-out", short: "Left out")
    let items = LeftOutList(context: context).items()
    if items.isEmpty {
      body.paragraph("Nothing: all checkpoints were read and every measure is defined.")
    } else {
      body.list(items)
    }
  }
}
