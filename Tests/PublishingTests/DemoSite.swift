import Foundation
import Markup
import Publishing

/// A small site with one of everything that pages can hold, and figures that are squares.
enum DemoSite {
  static func page(
    _ path: String, title: String, section: String = "", body: PageBody, parents: [SitePath] = []
  ) throws -> SitePage {
    SitePage(
      path: try SitePath(path), title: title, description: "About \(title).", section: section,
      parents: parents, body: body)
  }

  static func drawing(width: Int, height: Int, dark: Bool) -> SiteFile {
    let ink = dark ? "#e8e9ec" : "#1a1c20"
    return .text(
      """
      <svg xmlns="http://www.w3.org/2000/svg" width="\(width)" height="\(height)" \
      viewBox="0 0 \(width) \(height)"><path d="M8 \(height - 8)H\(width - 8)M8 \(height - 8)L\(width - 8) 8" \
      fill="none" stroke="\(ink)"/></svg>
      """)
  }

  /// A figure whose drawings and script are added to the site.
  static func figure(_ id: String, title: String, in site: inout Site) throws -> FigureBlock {
    var images: [FigureImage] = []
    for (suffix, width, height) in [("", 960, 300), (".medium", 680, 300), (".narrow", 320, 420)] {
      let light = try SitePath("figures/\(id)\(suffix).svg")
      let dark = try SitePath("figures/\(id)\(suffix).dark.svg")
      site.files[light] = drawing(width: width, height: height, dark: false)
      site.files[dark] = drawing(width: width, height: height, dark: true)
      images.append(FigureImage(light: light, dark: dark, width: width, height: height))
    }
    let points = try SitePath("figures/\(id).data.js")
    let rows = (0..<5).map { ["nano", "\($0 * 100)", "0.\($0 + 1)"] }
    let variants = images.map { image in
      FigurePoints.Variant(
        width: image.width,
        points: (0..<5).map {
          FigurePoints.Point(
            row: $0, series: 0, x: 8 + Double($0) * Double(image.width - 16) / 4,
            y: Double(image.height - 8) - Double($0) * Double(image.height - 16) / 4)
        })
    }
    site.files[points] = .text(
      FigurePoints(id: id, columns: ["Run", "Step", "CKA"], rows: rows, variants: variants).script)
    let csv = try SitePath("figures/\(id).csv")
    site.files[csv] = .text("run,step,value\nnano,0,0.1\n")
    return FigureBlock(
      id: id, caption: "A line over five steps. It ends at 0.5.",
      alt: "A straight line over five steps from 0.1 to 0.5.", title: title, images: images,
      table: TableBlock(
        caption: "Values of the line", columns: [Column("Step"), Column("CKA")],
        rows: (0..<5).map { [.integer($0 * 100), .number(0.1 * Double($0 + 1), decimals: 2)] }),
      downloads: [Download("SVG", images[0].light), Download("CSV", csv, detail: "5 rows")],
      points: points)
  }

  static func make(title: String = "The paper’s own models", run: String = "nano") throws -> Site {
    var site = Site(
      title: title, description: "How layers settle.",
      footer:
        "Made by tend from 5,292 measurements. \(Link(to: try SitePath("data/index.html"), "Data"))."
    )
    site.sections = ["", "Answers", "Runs", "Reference"]
    let claim = try SitePath("claims/c1/index.html")
    let runPath = try SitePath("runs/\(SitePath.component(for: run))/index.html")

    var front = PageBody()
    front.lede(
      "Five Pythia models at 27 checkpoints each, every layer compared with its own last state.")
    front.facts([
      Fact("Runs", "5, from 70M to 2.8B"), Fact("Layers", "98"),
      Fact("Checkpoints", "27, step 0 to 143,000"), Fact("Source", "the authors’ published values"),
    ])
    front.section("Answers", id: "answers")
    front.paragraph("The verdicts rest on debiased CKA, which this table lacks.")
    front.answers(
      [
        Answer(
          id: "C1", question: "Do larger models settle earlier?", page: claim,
          note: "Per tenfold parameters, 12 more layers in a hundred stay at 0.9.",
          verdict: .notEnoughData, why: "needs debiased CKA",
          effect: .init(
            verdict: .inconclusive, value: "+0.12 [−0.03, 0.28]", unit: "slope of the share",
            strip: Strip(effect: 0.12, lower: -0.03, upper: 0.28, open: true))),
        Answer(
          id: "C4", question: "Do early layers settle before late ones?", page: claim,
          note: "In every run and both components.", verdict: .supported, why: "98 layers",
          effect: .init(
            value: "+0.80 [0.66, 0.89]", unit: "ρ with depth, MLP",
            strip: Strip(effect: 0.8, lower: 0.66, upper: 0.89))),
        Answer(
          id: "C5", question: "Is effective rank lower in small models?", page: claim,
          note: "It is higher.", verdict: .contradicted, why: "5 sizes"),
      ], effectHeading: "Biased CKA alone")
    front.section("Layers spread in small models", id: "by-size", short: "By size")
    front.figure(try figure("cka-by-size", title: "CKA by size", in: &site))
    front.section("Runs", id: "runs")
    front.table(
      TableBlock(
        caption: "Median over layers.",
        columns: [
          Column("Run", .text), Column("Parameters"), Column("CKA", group: "MLP output"),
          Column("at 20 %", group: "MLP output"), Column("Settles", group: "OV activation"),
          Column("Note", .wide, group: "OV activation"),
        ],
        rows: [
          [
            .link(runPath, run), .integer(70_426_624),
            .html(Sparkline(values: [0.1, 0.2, nil, 0.9], mark: 0.5).html),
            .number(0.36, decimals: 2),
            .shown("never", sort: 2), .text("None of them settles."),
          ],
          [
            .text("160M"), .integer(162_322_944),
            .html(
              Sparkline(values: [0.1, 0.3, 1], lower: [0, 0.1, 0.9], upper: [0.2, 0.5, 1]).html),
            .number(-0.05, decimals: 2), .percent(0.33), .none,
          ],
          [
            .text("410M"), .integer(9_999), .none, .number(0.79, decimals: 2), .percent(0.5), .none,
          ],
        ], label: "Runs"))

    var answer = PageBody()
    answer.lede("The claim: nearly all layers of larger models settle early.")
    answer.verdict(.notEnoughData, statement: "The rule asks for debiased CKA.")
    answer.notice("Rule.", "Supported when both trends lie above 0.")
    answer.notice("Alarm: PER rises.", "Check this first.", tone: .alarm)
    answer.section("What would change it", id: "change")
    answer.list(["Debiased CKA at these checkpoints.", "A second seed at each size."])
    answer.paragraph(
      "See \(Link(to: SitePath.index.link("by-size"), "the figure")) and \(Link(to: claim.link("change"), "this"))."
    )

    var runBody = PageBody()
    runBody.lede("A run called \(run).")
    runBody.section("Similarity over training", id: "similarity", short: "Similarity")
    runBody.figure(try figure("cka-by-layer", title: "CKA of \(run)", in: &site))

    var methods = PageBody()
    methods.append(
      try MarkdownRenderer().render(
        MarkdownSource(
          body: """
            ## Similarity

            Take the activations *X* of one layer[^1], with $n$ rows.

            | a | b |
            |---|--:|
            | x | 1 |

            - [x] done
            - [ ] open

            [^1]: At the last position.
            """, file: "methods.md")))
    methods.formula(
      try MathML.display(
        #"\mathrm{CKA}(X, Y) = \frac{\|Y^\top X\|_F^2}{\|X^\top X\|_F \, \|Y^\top Y\|_F}"#),
      plain: "cka = ||Y'X||² / (||X'X|| · ||Y'Y||)", note: "1 means alike.")
    methods.definitions([("cka", "similarity"), ("per", "effective rank")])

    var data = PageBody()
    data.downloads([
      Download("cka-by-size.csv", try SitePath("figures/cka-by-size.csv"), detail: "30 B")
    ])
    data.code("tend run study.yaml", label: "Made by")

    site.pages = [
      try page("index.html", title: title, body: front),
      try page(
        "claims/c1/index.html", title: "Do larger models settle earlier?", section: "Answers",
        body: answer),
      try page(runPath.string, title: run, section: "Runs", body: runBody),
      try page("methods/index.html", title: "Methods", section: "Reference", body: methods),
      try page("data/index.html", title: "Data", section: "Reference", body: data),
    ]
    site.pages[0].shortTitle = "Overview"
    return site
  }

  static func built(_ site: Site) throws -> BuiltSite {
    try SiteBuilder(theme: try SiteTheme.bundled()).build(site)
  }
}

/// A folder that is removed when this goes away.
final class TemporaryFolder {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "tend-site-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
