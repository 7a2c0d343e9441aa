import Dynamics
import Markup
import Publishing

/// What the published code does differently, measured on this study's own data.
struct DifferencesPage {
  let context: PageContext

  func page() throws -> SitePage {
    var body = PageBody()
    body.lede(
      "The paper's code differs from its text in three places. Here is what each changes on this study's own data, where the study has them."
    )
    body.section("The value of a head", id: "layout", short: "Layout")
    body.paragraph(
      "GPT-NeoX stores query, key and value rows interleaved by head. The published code takes the last third of the fused rows for the value; with more than one head those are query, key and value rows of the last heads. \(layout)"
    )
    try figure(PublishedDifferences(choice: .layout), &body)
    body.section("The length of a spectrum", id: "truncation", short: "Truncation")
    body.paragraph(
      "The published figures cut every spectrum, the MLP's included, to its first d<sub>h</sub> singular values and divide by d<sub>h</sub>. The tail that is cut off is what makes a rank low, so the MLP's PER rises. \(hasRank ? "As defined, all min(rows, columns) values count." : "This study has no PER.")"
    )
    try figure(PublishedDifferences(choice: .truncation), &body)
    ranks(&body)
    body.section("The estimator of CKA", id: "estimator", short: "Estimator")
    body.paragraph(bias)
    if let block = try context.block("biased-debiased") {
      body.figure(block)
    } else {
      put(context.absent(["biased-debiased"]), &body)
    }
    verdicts(&body)
    return SitePage(
      path: context.map.differences, title: "What the published code does differently",
      shortTitle: "Published code",
      description: "The layout, the truncated spectra and the biased estimator, measured here.",
      section: "Reference", parents: [context.map.overview], body: body)
  }

  private func figure(_ difference: PublishedDifferences, _ body: inout PageBody) throws {
    if let figure = context.catalogue[difference.id], let block = try context.block(difference.id) {
      body.paragraph("<b>\(figure.finding).</b>")
      body.figure(block)
    } else {
      put(context.absent([difference.id]), &body)
    }
  }

  private func put(_ items: [HTML], _ body: inout PageBody) {
    for item in items { body.paragraph("Not measured in this study. \(item)") }
  }

  private var layout: String {
    guard context.study.components.contains("ov") else {
      return "This study has no OV activations."
    }
    return context.study.headline.variant(of: "ov") == "published_layout"
      ? "This study holds OV in that layout alone: its OV values are such rows, not values."
      : "As defined, and in every other table here, the rows are de-interleaved first."
  }

  private var hasRank: Bool { context.study.hasMetric("per") }

  /// What layout and cut change in PER, matrix by matrix.
  private func ranks(_ body: inout PageBody) {
    let rows = RankDifference.all(of: context.study)
    guard !rows.isEmpty else { return }
    body.table(
      TableBlock(
        caption:
          "PER under the published choices: the largest change of a run's median over layers at any checkpoint",
        columns: [
          Column("PER of", .text), Column("Choice", .text), Column("Runs"),
          Column("As defined"), Column("As published"), Column("Change"), Column("Run", .text),
          Column("Step"),
        ],
        rows: rows.map { row in
          [
            .text(Words.capitalized(row.matrix)), .text(row.choice), .integer(row.runs),
            .number(row.defined, decimals: 3), .number(row.published, decimals: 3),
            .text(Words.signed(row.published - row.defined, decimals: 3)), .text(row.run),
            .integer(row.step),
          ]
        }, label: "PER under the published choices"))
  }

  private var bias: HTML {
    let study = context.study
    let n = study.sequences
    let widths = study.input.runs.compactMap(\.hiddenSize)
    var text =
      "The published code uses biased CKA. With fewer sequences than dimensions its value for two unrelated activations tends to 1 as the width grows, so a wider model looks more converged than it is."
    if let n, let narrow = widths.min(), let wide = widths.max() {
      let here =
        narrow == wide ? "\(Words.count(narrow))" : "\(Words.count(narrow)) to \(Words.count(wide))"
      text +=
        " Here n = \(Words.count(n)) and d = \(here)\(n < wide ? ", fewer sequences than dimensions\(n < narrow ? "" : " in the widest")" : ", no more dimensions than sequences: the bias is weaker there, but not gone")."
    } else if let n {
      text += " Here n = \(Words.count(n)); a measured table does not tell d."
    }
    return HTML(escaping: text)
  }

  /// What each choice does to the claims.
  private func verdicts(_ body: inout PageBody) {
    let claims = context.study.headlineClaims
    let keys = ["published_layout", "published_truncation", "cka", "cka_debiased"].filter { key in
      claims.contains { $0.sensitivity.contains { $0.key == key } }
    }
    guard !keys.isEmpty else { return }
    body.section("What it does to the answers", id: "answers", short: "Answers")
    body.table(
      TableBlock(
        columns: [Column("Claim", .wide), Column("Headline", .text)]
          + keys.map { Column(ClaimWords.variant($0), .text) },
        rows: claims.map { claim in
          [
            .link(
              context.map.claim(claim.id.rawValue),
              "\(claim.id.rawValue) \(ClaimWords.question(claim.id.rawValue, fallback: claim.question))"
            ),
            .verdict(ClaimWords.state(claim.verdict), short: true),
          ]
            + keys.map { key in
              ClaimWords.cell(claim, key, short: true)
            }
        }, label: "Verdicts under the published choices", sortable: false, isTight: true))
  }
}
