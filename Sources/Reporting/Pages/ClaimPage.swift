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
    } else {
      body.section("Evidence", id: "evidence")
      body.paragraph(
        claim.needs.isEmpty
          ? "There is nothing to draw."
          : PageContext.codes(
            "There is nothing to draw: the claim needs \(Words.list(claim.needs))."))
    }
    evidence(claim, &body)
    for figure in related { try context.put(figure, into: &body) }
    sensitivity(claim, &body)
    probes(claims, &body)
    body.section("What would change it", id: "change")
    body.paragraph(PageContext.codes(claim.wouldChange))
    if let condition = claim.breakCondition {
      body.section("When the mechanism breaks", id: "breaks", short: "Break condition")
      body.paragraph(
        "The mechanism: \(Words.lowercased(condition.mechanism).droppingFinalStop). It breaks if \(condition.breaksIf.droppingFinalStop)."
      )
      body.notice(
        ClaimWords.outcome(condition.outcome),
        HTML(escaping: condition.sentence), tone: condition.outcome == .met ? .alarm : .plain)
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
      facts.append(Fact("Layout", "<code>\(claim.layout)</code>"))
    }
    if !claim.probe.isEmpty { facts.append(Fact("Probe", HTML(escaping: claim.probe))) }
    return facts
  }

  private func evidence(_ claim: Claim, _ body: inout PageBody) {
    guard !claim.evidence.isEmpty else { return }
    body.section("The cells behind the verdict", id: "cells", short: "Cells")
    // What is the same in all cells stands in the facts above.
    let differ = Set(claim.evidence.map(\.metric)).count > 1
    let hasDetail = claim.evidence.contains { !$0.detail.isEmpty }
    var columns = [
      Column("Component", .text), Column("Object", .text), Column("Measure", .text),
      Column("Window", .text), Column("Verdict", .text), Column("Effect"), Column("Interval"),
      Column("against ← 0 → for", .text), Column("q"), Column("n"), Column("Part", .text),
    ]
    if hasDetail { columns.insert(Column("At", .text), at: 3) }
    if differ { columns.insert(Column("Of", .text), at: 3) }
    body.table(
      TableBlock(
        caption: "Positive is as claimed; intervals at 95\u{202F}%", columns: columns,
        rows: claim.evidence.map { cell in
          var row: [Cell] = [
            .text(Vocabulary.short(cell.component)),
            .text(cell.object.isEmpty ? Words.nothing : cell.object),
            .text(MeasureWords.name(cell.measure)),
            .text(AuditFigure.words(cell.window.rawValue)),
            .verdict(ClaimWords.state(cell.verdict), provisional: !cell.decides),
            .text(
              claim.id == .c7
                ? (cell.effect == 1 ? "agrees" : "differs")
                : effect(cell.effect, cell.lower, cell.upper)),
            .text(interval(cell.effect, cell.lower, cell.upper)),
            strip(cell.effect, cell.lower, cell.upper, open: !cell.decides),
            .shownProbability(cell.q), .integer(cell.n),
            .text(cell.decides ? "decides" : "beside"),
          ]
          if hasDetail {
            row.insert(.text(cell.detail.isEmpty ? Words.nothing : cell.detail), at: 3)
          }
          if differ { row.insert(.text(Vocabulary.metric(cell.metric)), at: 3) }
          return row
        }, label: "Cells of \(id)"))
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
          Column("Interval"), Column("against ← 0 → for", .text), Column("Note", .wide),
        ],
        rows: touching.map { entry in
          [
            .text(ClaimWords.variant(entry.key)),
            .verdict(ClaimWords.state(entry.verdict), provisional: true),
            .text(effect(entry.effect, entry.lower, entry.upper)),
            .text(interval(entry.effect, entry.lower, entry.upper)),
            strip(entry.effect, entry.lower, entry.upper, open: true),
            .html(PageContext.codes(entry.note)),
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
