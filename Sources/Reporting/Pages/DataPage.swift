import Dynamics
import Markup
import Publishing

/// A file of `results/` that the site carries.
struct ResultFile: Sendable {
  let name: String
  let bytes: Int
  /// The path on this machine.
  let source: String

  static let tables = [
    "measurements", "convergence", "associations", "evaluation_associations", "runs", "audit",
    "settled_shares",
  ]
  static let names =
    tables.flatMap { ["\($0).csv", "\($0).json"] } + [
      "claims.json", "spectra.csv", "layer_similarity.csv", "study.sqlite",
    ]

  /// What a table holds.
  static func meaning(_ name: String) -> String {
    switch name.prefix(while: { $0 != "." }) {
    case "measurements": "every measured value"
    case "convergence": "summaries of every curve"
    case "associations": "rank against convergence"
    case "evaluation_associations": "the study's evaluations against convergence"
    case "runs": "the runs"
    case "audit": "findings of the audit"
    case "settled_shares": "share of settled layers by threshold"
    case "spectra": "some singular values of each matrix, evenly spread over their ranks"
    case "layer_similarity": "every layer at one checkpoint with every layer at another"
    case "claims": "verdicts with evidence and sensitivity"
    case "study": "all tables in one SQLite file"
    default: ""
    }
  }
}

/// Every table and every figure to take away.
struct DataPage {
  let context: PageContext
  let results: [ResultFile]

  func page() throws -> SitePage {
    var body = PageBody()
    body.lede(
      "Everything that the report is made of. The tables are the source: every figure and sentence follows from them."
    )
    body.section("Tables", id: "tables")
    if results.isEmpty {
      body.paragraph("The tables lie in the study's <code>results/</code> folder.")
    } else {
      body.downloads(
        try results.map { file in
          Download(
            file.name, try SitePath("data/" + file.name),
            detail: "\(Format.bytes(file.bytes)), \(ResultFile.meaning(file.name))")
        })
    }
    body.section("Columns of measurements.csv", id: "columns", short: "Columns")
    body.table(
      TableBlock(
        columns: [Column("Column", .text), Column("Holds", .wide)],
        rows: Self.columns.map { [.code($0.0), .text($0.1)] }, label: "Columns", sortable: false))
    let quantities = quantities()
    if !quantities.rows.isEmpty {
      body.section("What was measured", id: "quantities", short: "Quantities")
      body.table(quantities)
    }
    body.section("Figures", id: "figures")
    body.paragraph(
      "SVG for pages (light and dark), PDF and PNG for papers and slides, CSV with the rows drawn, TeX with caption, alternative text and label."
    )
    try figures(&body)
    return SitePage(
      path: context.map.data, title: "Data",
      description: "Every table and every figure to take away.",
      section: "Reference", parents: [context.map.overview], body: body)
  }

  /// Figures that the page lists one by one: each takes close to a kilobyte of links.
  private static let longestFigures = 100

  /// All figures; of a study of many runs those of single runs stand on the runs' own pages.
  private func figures(_ body: inout PageBody) throws {
    let all = context.catalogue.drawn
    guard all.count > Self.longestFigures else { return body.table(try table(of: all)) }
    let own = Set(
      context.study.runs.flatMap { run in RunPage.figures.map { "\(run.slug)-\($0)" } })
    let shared = all.filter { !own.contains($0.id) }
    body.paragraph(
      "These are the figures of the whole study. The \(Words.count(all.count - shared.count)) figures of single runs have their files below them on the \(Link(to: context.map.runsCompared, "runs' own pages")); all lie in <code>figures/</code>."
    )
    body.table(try table(of: shared))
  }

  private func table(of figures: [ReportFigure]) throws -> TableBlock {
    TableBlock(
      columns: [Column("Figure", .wide), Column("Files", .text), Column("Rows")],
      rows: try figures.map { figure in
        let links = try [
          ("svg", "SVG"), ("dark.svg", "dark"), ("pdf", "PDF"), ("png", "PNG"), ("csv", "CSV"),
          ("tex", "TeX"),
        ].map { suffix, name in
          let path = try SitePath("figures/\(figure.id).\(suffix)")
          return "<a href=\"\(path)\" download aria-label=\"\(figure.id) \(name)\">\(name)</a>"
            as HTML
        }
        return [
          .html("\(title(figure)) <code>\(figure.id)</code>"), .html(links.joined(separator: " ")),
          .integer(figure.rows.rows.count),
        ]
      }, label: "Figures")
  }

  private func title(_ figure: ReportFigure) -> HTML { HTML(escaping: figure.title) }

  /// Which quantity is there for how many runs.
  private func quantities() -> TableBlock {
    let study = context.study
    let counts = rowCounts()
    var groups: [[String]: Set<String>] = [:]
    var order: [[String]] = []
    for quantity in study.quantities {
      let key = [quantity.component, quantity.object, quantity.metric]
      if groups[key] == nil { order.append(key) }
      groups[key, default: []].insert(quantity.variant)
    }
    return TableBlock(
      columns: [
        Column("Metric", .text), Column("Component", .text), Column("Object", .text),
        Column("Variants", .text), Column("Rows"),
      ],
      rows: order.map { key in
        [
          .code(key[2]), .text(key[0]), .text(key[1]),
          .text((groups[key] ?? []).sorted().joined(separator: ", ")),
          .integer(counts[key] ?? 0),
        ]
      }, label: "Quantities")
  }

  private func rowCounts() -> [[String]: Int] {
    var counts: [[String]: Int] = [:]
    var key: [String] = []
    var count = 0
    // Rows of one quantity stand together: a key is made where it changes.
    for row in context.study.input.table.rows {
      if key.isEmpty || key[0] != row.component || key[1] != row.object || key[2] != row.metric {
        if !key.isEmpty { counts[key, default: 0] += count }
        key = [row.component, row.object, row.metric]
        count = 0
      }
      count += 1
    }
    if !key.isEmpty { counts[key, default: 0] += count }
    return counts
  }

  private static let columns: [(String, String)] = [
    ("run, step", "the training run and the optimiser updates made"),
    (
      "layer, head", "counted from 0; head empty for a whole layer, layer empty for the whole model"
    ),
    ("component", "mlp, ov, attention, residual, model"),
    ("object", "activations, weights, gradients, loss"),
    ("metric", "what was computed, such as cka_debiased or per"),
    ("variant", "default, or which of the published code's choices applies"),
    ("rows, probe", "which rows of which probe; empty where they do not apply"),
    ("value", "full precision; empty where it is not defined"),
    ("lower, upper", "ends of the 95\u{202F}% interval where there is one"),
    ("n", "sequences, rows or targets behind the value"),
  ]
}
