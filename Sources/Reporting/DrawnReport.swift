package import Publishing

/// A report whose figures are drawn and whose pages are written: its site can be built again and
/// again while the author's pages and templates change.
package struct DrawnReport: Sendable {
  private let drawn: [DrawnFigure]
  private let pages: ReportSite
  private let templates: String?
  private var authorCache = AuthorPages.Cache()
  private var pageCache = PageCache()

  init(
    study: StudyView, catalogue: FigureCatalogue, drawn: [DrawnFigure], results: String
  ) throws {
    self.drawn = drawn
    templates = study.input.templates
    pages = try ReportSite(study: study, catalogue: catalogue, drawn: drawn, results: results)
  }

  /// The site with the author's pages and templates as they are on disk now. Pages whose inputs have
  /// not changed since the last call are not made again.
  /// `lanes` says how many pages are made at once.
  package mutating func site(lanes: Int = 1) throws -> BuiltSite {
    let theme = try SiteTheme.bundled(overriding: templates)
    var site = try pages.site(reusing: &authorCache, lanes: lanes)
    for page in site.pages where !site.sections.contains(page.section) {
      site.sections.append(page.section)
    }
    site.sections = try theme.ordered(site.sections)
    var builder = SiteBuilder(theme: theme)
    builder.lanes = lanes
    builder.isBudgetBinding = false
    return try builder.build(site, reusing: &pageCache)
  }

  /// What the drawings themselves found wrong, such as a label without room.
  var figureFindings: [String] { drawn.flatMap(\.findings) }

  /// Makes `folder` hold the figures; says how many files were written and how many were as they
  /// should be.
  @discardableResult
  package func writeFigures(to folder: String) throws -> (written: Int, unchanged: Int) {
    var files = FigureFolder(folder)
    try files.write(drawn.flatMap(\.named))
    return (files.written, files.unchanged)
  }

  /// The figures' files that a write into `folder` would change, each with how, sorted.
  package func figureDifferences(from folder: String) throws -> [String] {
    try FigureFolder(folder).differences(from: drawn.flatMap(\.named))
  }
}
