import Dynamics
import Markup
import Publishing

/// A claim with its evidence, its rule, what it depends on and what would change it.
struct ClaimPage {
  let context: PageContext
  let id: String
  private var study: StudyView { context.study }

  func page() throws -> SitePage? {
    let claims = study.claims(id)
    guard let claim = claims.first else { return nil }
    var body = PageBody()
    body.lede("The claim: \(Words.lowercased(ClaimWords.statement(id)))")
    body.verdict(
      ClaimWords.state(claim.verdict), statement: PageContext.codes(ClaimWords.note(claim)))
    let facts = facts(claim)
    if !facts.isEmpty { body.facts(facts) }
    for note in claim.notes { body.note(PageContext.codes(note)) }
    if context.catalogue[claim.figure] != nil {
      try context.put(claim.figure, into: &body, short: "Evidence")
    } else if !claim.needs.isEmpty {
      body.section("Evidence", id: "evidence")
      body.paragraph(
        PageContext.codes("There is nothing to draw: the claim needs \(Words.list(claim.needs))."))
    }
    evidence(claim, &body)
    for figure in related { try context.put(figure, into: &body) }
    sensitivity(claim, &body)
    probes(claims, &body)
    body.section("What would change it", id: "change")
    body.paragraph(PageContext.codes(claim.wouldChange))
    body.section("When the mechanism breaks", id: "breaks", short: "Break condition")
    if let condition = claim.breakCondition {
      body.paragraph(
        "The mechanism: \(Words.lowercased(condition.mechanism).droppingFinalStop). It breaks if \(condition.breaksIf.droppingFinalStop)."
      )
      body.notice(
        ClaimWords.outcome(condition.outcome),
        HTML(escaping: ClaimWords.reason(condition)),
        tone: condition.outcome == .met ? .alarm : .plain)
    } else {
      body.paragraph(
        "The paper gives no mechanism for this claim by itself: it asks how far the other answers reach, and their pages have their conditions."
      )
    }
    body.notice(
      "Rule.",
      "\(claim.rule) \(Link(to: context.map.methods.link("claims"), "How claims are decided"))")
    return SitePage(
      path: context.map.claim(id), title: ClaimWords.question(id, fallback: claim.question),
      shortTitle: ClaimWords.short(id), description: claim.sentence, section: "Answers",
      parents: [context.map.overview, context.map.sensitivity], body: body)
  }

  private func facts(_ claim: Claim) -> [Fact] {
    var facts: [Fact] = []
    if claim.effect != nil {
      facts.append(
        Fact("Effect", HTML(escaping: ClaimWords.effect(claim))))
      facts.append(Fact("What is measured", HTML(escaping: ClaimWords.unit(id))))
    }
    // Where nothing could be computed n is 0, and the verdict says what is there.
    if claim.n > 0 {
      facts.append(Fact("n", HTML(escaping: "\(Words.count(claim.n)) \(claim.counts)")))
    }
    if !claim.estimator.isEmpty {
      facts.append(
        Fact(
          claim.estimator == "per" ? "Measure" : "Similarity",
          HTML(escaping: Vocabulary.metric(claim.estimator))))
    }
    if !claim.layout.isEmpty, claim.layout != "default" {
      facts.append(
        Fact(
          "OV",
          claim.layout == "published_layout"
            ? "in the published layout" : HTML(escaping: AuditFigure.words(claim.layout))))
    }
    if !claim.probe.isEmpty { facts.append(Fact("Probe", HTML(escaping: claim.probe))) }
    return facts
  }

  private func evidence(_ claim: Claim, _ body: inout PageBody) {
    let cells = claim.evidence
    // Where no cell has anything, what is missing is said above.
    guard cells.contains(where: { $0.n > 0 }) else { return }
    body.section("The cells behind the verdict", id: "cells", short: "Cells")
    if claim.id == .c7 {
      body.table(agreements(cells))
      return
    }
    // What is the same in all cells stands in the facts above, or in the caption.
    let windows = Set(cells.map(\.window))
    let hasObject = cells.contains { !$0.object.isEmpty && $0.object != "activations" }
    let differ = Set(cells.map(\.metric)).count > 1
    let hasDetail = cells.contains { !$0.detail.isEmpty }
    let hasQ = cells.contains { $0.q != nil }
    let beside = cells.contains { !$0.decides }
    var columns: [(column: Column, cell: (EvidenceCell) -> Cell)] = [
      (Column("Component", .text), { .text(Vocabulary.short($0.component)) })
    ]
    if hasObject {
      columns.append(
        (Column("Object", .text), { .text($0.object.isEmpty ? Words.nothing : $0.object) }))
    }
    columns.append((Column("Measure", .text), { .text(MeasureWords.name($0.measure)) }))
    if differ { columns.append((Column("Of", .text), { .text(Vocabulary.metric($0.metric)) })) }
    if hasDetail {
      columns.append(
        (Column("At", .text), { .text($0.detail.isEmpty ? Words.nothing : $0.detail) }))
    }
    if windows.count > 1 {
      columns.append((Column("Window", .text), { .text(MeasureWords.window($0.window)) }))
    }
    columns += [
      (
        Column("Verdict", .text),
        { .verdict(ClaimWords.state($0.verdict), provisional: !$0.decides) }
      ),
      (Column("Effect"), { .text(effect($0.effect, $0.lower, $0.upper)) }),
      (Column("Interval"), { .text(interval($0.effect, $0.lower, $0.upper)) }),
      (
        Column("against\u{A0}←\u{A0}0\u{A0}→\u{A0}for", .text),
        { strip($0.effect, $0.lower, $0.upper, open: !$0.decides) }
      ),
    ]
    if hasQ { columns.append((Column("q"), { .shownProbability($0.q) })) }
    columns.append((Column("n, \(claim.counts)"), { .integer($0.n) }))
    if beside {
      columns.append((Column("Part", .text), { .text($0.decides ? "decides" : "beside") }))
    }
    let over = windows.count == 1 ? windows.first.map { ", " + MeasureWords.over($0) } ?? "" : ""
    body.table(
      TableBlock(
        caption: HTML(escaping: "Positive is as claimed\(over); intervals at 95\u{202F}%"),
        columns: columns.map(\.column),
        rows: cells.map { cell in columns.map { $0.cell(cell) } }, label: "Cells of \(id)"))
  }

  /// C7's cells: the verdict of each claim with each similarity on each probe.
  private func agreements(_ cells: [EvidenceCell]) -> TableBlock {
    TableBlock(
      caption: "Each against the claim's verdict with the headline's similarity on the first probe",
      columns: [
        Column("Claim", .text), Column("Similarity", .text), Column("Probe", .text),
        Column("Verdict", .text), Column("The headline's", .text),
      ],
      rows: cells.map { cell in
        [
          .text(cell.measure), .text(Vocabulary.metric(cell.metric)),
          .text(cell.detail.hasPrefix("probe ") ? String(cell.detail.dropFirst(6)) : cell.detail),
          .verdict(ClaimWords.state(cell.verdict)),
          .text(cell.effect == 1 ? "the same" : "another"),
        ]
      }, label: "Cells of \(id)")
  }

  /// Figures of the study that say more on this question.
  private var related: [String] {
    switch id {
    case "C1": ["settled-by-threshold"]
    case "C3": ["per-against-area"]
    case "C4": ["settling-by-depth"]
    case "C7": ["measure-agreement"]
    default: []
    }
  }

  private func sensitivity(_ claim: Claim, _ body: inout PageBody) {
    let touching = claim.sensitivity.filter {
      $0.note != SensitivityEntry.untouched && $0.note != SensitivityEntry.headline
    }
    guard !touching.isEmpty else { return }
    body.section("Sensitivity", id: "sensitivity")
    body.table(
      TableBlock(
        caption: "The same rule with one thing changed",
        columns: [
          Column("Variant", .text), Column("Verdict", .text), Column("Effect"),
          Column("Interval"), Column("against\u{A0}←\u{A0}0\u{A0}→\u{A0}for", .text),
          Column("n, \(claim.counts)"),
          Column("Note", .wide),
        ],
        rows: touching.map { entry in
          [
            .text(ClaimWords.variant(entry.key)),
            .verdict(ClaimWords.state(entry.verdict), provisional: true),
            .text(
              claim.id == .c7
                ? Words.percent(entry.effect) : effect(entry.effect, entry.lower, entry.upper)),
            .text(interval(entry.effect, entry.lower, entry.upper)),
            strip(entry.effect, entry.lower, entry.upper, open: true),
            entry.n > 0 ? .integer(entry.n) : .none,
            .html(PageContext.codes(Words.capitalized(entry.note))),
          ]
        }, label: "Sensitivity of \(id)"))
    let others = claim.sensitivity.filter { $0.note == SensitivityEntry.untouched }
    if !others.isEmpty {
      let names = others.map { Wording.variant($0.key) }
      body.note(HTML(escaping: "These cannot touch the claim: \(Words.list(names))."))
    }
  }

  private func probes(_ claims: [Claim], _ body: inout PageBody) {
    guard claims.count > 1 else { return }
    body.section("On other probes", id: "probes", short: "Probes")
    body.table(
      TableBlock(
        caption: "The same claim on every probe of the study",
        columns: [
          Column("Probe", .text), Column("Verdict", .text), Column("Effect"), Column("Interval"),
          Column("n"), Column("In words", .wide),
        ],
        rows: claims.map { claim in
          [
            .text(claim.probe), .verdict(ClaimWords.state(claim.verdict)),
            .text(effect(claim.effect, claim.lower, claim.upper)),
            .text(interval(claim.effect, claim.lower, claim.upper)), .integer(claim.n),
            .html(PageContext.codes(claim.sentence)),
          ]
        }, label: "Probes"))
    body.note(HTML(escaping: agreement(claims)))
  }

  /// Whether the probes that give a verdict give the same one.
  private func agreement(_ claims: [Claim]) -> String {
    let decided = claims.filter { $0.verdict != .notEnoughData }
    guard decided.count > 1 else {
      return decided.isEmpty
        ? "No probe has enough data for a verdict."
        : "Only probe \(decided[0].probe) has enough data for a verdict, so agreement can't be judged."
    }
    let verdicts = Dictionary(grouping: decided, by: \.verdict)
    guard verdicts.count > 1 else {
      return "\(decided.count == 2 ? "Both" : "All \(decided.count)") probes with a verdict agree."
    }
    let parts = decided.map { "\($0.probe) \($0.verdict.words.lowercased())" }
    return "The probes disagree: \(parts.joined(separator: ", "))."
  }

  /// The effect in the places that its interval has beside it.
  private func effect(_ effect: Double?, _ lower: Double?, _ upper: Double?) -> String {
    Words.signed(effect, decimals: Words.places([effect, lower, upper]))
  }

  private func interval(_ effect: Double?, _ lower: Double?, _ upper: Double?) -> String {
    let text = Words.interval(lower, upper, decimals: Words.places([effect, lower, upper]))
    return text.isEmpty ? Words.nothing : text
  }

  private func strip(_ effect: Double?, _ lower: Double?, _ upper: Double?, open: Bool) -> Cell {
    guard let effect, let lower, let upper else { return .none }
    return .html(Strip(effect: effect, lower: lower, upper: upper, open: open).html, sort: effect)
  }
}

extension String {
  /// Without the full stop at the end: for the middle of a sentence.
  var droppingFinalStop: String { hasSuffix(".") ? String(dropLast()) : self }
}
