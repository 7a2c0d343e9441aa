import Dynamics
import Markup
import Publishing

/// Variants × claims: what every verdict would be under another choice.
struct SensitivityPage {
  let context: PageContext

  func page() -> SitePage {
    let study = context.study
    let claims = study.headlineClaims
    var body = PageBody()
    body.lede(
      "A verdict that changes with a choice nobody would defend is no verdict. Here every claim is decided again with one thing changed."
    )
    if claims.isEmpty {
      body.paragraph("This study decides no claim.")
    } else {
      let changed = changes(claims)
      body.section("Verdicts by variant", id: "variants", short: "Variants")
      body.paragraph(HTML(escaping: changed))
      body.table(table(claims))
      body.note(
        "Outlined symbols do not decide. Not enough: too little data under this choice; the claim's page says what. A dash: the choice cannot touch the claim."
      )
      body.section("The claims in words", id: "claims", short: "In words")
      body.definitions(
        claims.map { claim in
          (
            term: Link(
              to: context.map.claim(claim.id.rawValue),
              "\(claim.id.rawValue) \(ClaimWords.question(claim.id.rawValue, fallback: claim.question))"
            ),
            meaning: PageContext.codes(claim.sentence)
          )
        })
    }
    return SitePage(
      path: context.map.sensitivity, title: "How sure are the answers?", shortTitle: "Sensitivity",
      description: "Every claim decided again with one choice changed.", section: "Answers",
      parents: [context.map.overview], body: body)
  }

  private func table(_ claims: [Claim]) -> TableBlock {
    let headline: [Cell] = claims.map { .verdict(ClaimWords.state($0.verdict), short: true) }
    var rows: [[Cell]] = [[.html("<b>Headline</b>")] + headline]
    for key in keys(claims) {
      let cells: [Cell] = claims.map { ClaimWords.cell($0, key, short: true) }
      rows.append([.text(ClaimWords.variant(key))] + cells)
    }
    let columns = claims.map { Column($0.id.rawValue, .text) }
    return TableBlock(
      columns: [Column("Variant", .wide)] + columns, rows: rows, label: "Verdicts by variant",
      sortable: false, isTight: true)
  }

  private func keys(_ claims: [Claim]) -> [String] {
    var keys: [String] = []
    // The similarity that decides the headline is no variant of it.
    let own = Set(
      claims.flatMap(\.sensitivity).filter { $0.note == SensitivityEntry.headline }.map(\.key))
    for entry in claims.flatMap(\.sensitivity)
    where !keys.contains(entry.key) && !own.contains(entry.key) {
      keys.append(entry.key)
    }
    return keys
  }

  /// How many decided verdicts some variant turns.
  private func changes(_ claims: [Claim]) -> String {
    let decided = claims.filter { $0.verdict != .notEnoughData }
    guard !decided.isEmpty else {
      return "No claim has enough data, so there is nothing to turn."
    }
    let turned = decided.filter { claim in
      claim.sensitivity.contains { $0.verdict != claim.verdict && $0.verdict != .notEnoughData }
    }
    guard !turned.isEmpty else {
      return "No variant turns any of the \(Words.counted(decided.count, "decided claim"))."
    }
    return
      "Some variant changes the verdict of \(Words.list(turned.map(\.id.rawValue))); \(turned.count == decided.count ? "no decided claim holds under all" : "\(Words.list(decided.filter { !turned.contains($0) }.map(\.id.rawValue))) \(decided.count - turned.count == 1 ? "holds" : "hold") under all that have data")."
  }
}
