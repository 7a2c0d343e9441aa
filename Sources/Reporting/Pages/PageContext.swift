import Markup
import Publishing

/// What every page is written from.
struct PageContext: Sendable {
  let study: StudyView
  let catalogue: FigureCatalogue
  let map: SiteMap
  /// Names whose characters figures lack.
  let unwritable: [UnwritableName]
  private let drawn: [String: DrawnFigure]

  init(study: StudyView, catalogue: FigureCatalogue, drawn: [DrawnFigure]) throws {
    self.study = study
    self.catalogue = catalogue
    map = try SiteMap(study)
    unwritable = try FigureNames().unwritable(in: study)
    self.drawn = Dictionary(drawn.map { ($0.id, $0) }, uniquingKeysWith: { a, _ in a })
  }

  /// The figure under its own heading; nothing where the study lacks it.
  func put(
    _ id: String, into body: inout PageBody, section: String? = nil, short: String? = nil,
    heading: Bool = true
  ) throws {
    guard let figure = catalogue[id], let block = try block(id) else { return }
    if heading {
      body.section(
        section ?? figure.finding, id: "about-" + figure.id, short: short ?? figure.title)
    }
    body.figure(block)
  }

  /// The figure as a block with its drawings, numbers and files.
  func block(_ id: String) throws -> FigureBlock? {
    guard let figure = catalogue[id], let files = drawn[id] else { return nil }
    func path(_ suffix: String) throws -> SitePath {
      try SitePath("figures/" + files.fileName(suffix))
    }
    let images = try files.sizes.map { size in
      let prefix = size.name.isEmpty ? "" : size.name + "."
      return FigureImage(
        light: try path(prefix + "svg"), dark: try path(prefix + "dark.svg"), width: size.width,
        height: size.height)
    }
    return FigureBlock(
      id: figure.id, caption: HTML(escaping: figure.caption), alt: figure.alt,
      title: figure.title, images: images, layout: figure.layout, table: figure.table,
      downloads: [
        Download("SVG", try path("svg")), Download("PDF", try path("pdf")),
        Download("PNG", try path("png")), Download("PNG 2×", try path("@2x.png")),
        Download("CSV", try path("csv")), Download("TeX", try path("tex")),
      ], points: try path("data.js"))
  }

  /// The absent figures whose ids are listed, as one sentence each.
  func absent(_ ids: [String]) -> [HTML] {
    catalogue.absent.filter { ids.contains($0.id) }.map(Self.sentence)
  }

  static func sentence(_ figure: AbsentFigure) -> HTML {
    "<b>\(figure.title).</b> Needs \(codes(figure.needs))."
  }

  /// Text whose `backticked` parts become code.
  static func codes(_ text: String) -> HTML {
    var result = HTML()
    for (index, part) in text.split(separator: "`", omittingEmptySubsequences: false).enumerated() {
      result += index % 2 == 1 ? "<code>\(String(part))</code>" : HTML(escaping: String(part))
    }
    return result
  }
}
