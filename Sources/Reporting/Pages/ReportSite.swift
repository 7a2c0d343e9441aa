import Dynamics
import Files
import Markup
import Publishing

/// Puts the report's pages and files together.
struct ReportSite: Sendable {
  private let context: PageContext
  private let drawn: [DrawnFigure]
  private let results: [ResultFile]
  /// The report's own pages, those before the author's and those behind.
  private let before: [SitePage]
  private let after: [SitePage]

  /// Writes all pages but the author's. `results` is the folder of the tables.
  init(
    study: StudyView, catalogue: FigureCatalogue, drawn: [DrawnFigure], results: String
  ) throws {
    context = try PageContext(study: study, catalogue: catalogue, drawn: drawn)
    self.drawn = drawn
    self.results = try Self.resultFiles(in: results)
    before = try Self.findings(context)
    after = try Self.reference(context, results: self.results)
  }

  /// The site with the author's pages as they are now, `lanes` of them made at once.
  func site(reusing cache: inout AuthorPages.Cache, lanes: Int) throws -> Site {
    let study = context.study
    let description = study.input.study
    var site = Site(
      title: description.title,
      description: description.description.isEmpty
        ? OverviewPage.lede(study) : description.description,
      footer:
        "Made by tend from \(Words.count(study.input.table.rows.count)) measurements. \(Link(to: context.map.provenance, "Provenance")) · \(Link(to: context.map.cite, "Cite"))"
    )
    site.url = description.url
    site.shortcuts = [
      context.map.sensitivity, context.map.methods, context.map.data, context.map.cite,
    ]
    site.sections = ["", "Answers", "Runs", "Components", "Measures", "Pages", "Reference"]
    let author = try AuthorPages(context: context, places: places)
      .pages(reusing: &cache, lanes: lanes)
    site.pages = UniqueTitles.applied(to: before + author.pages + after)
    for (path, bytes) in author.images { site.files[path] = .bytes(bytes) }
    site.dated = Set(
      after.map(\.path).filter {
        $0 == context.map.provenance || $0.string.hasPrefix("provenance/")
      })
    for figure in drawn {
      for file in figure.files {
        site.files[try SitePath("figures/" + figure.fileName(file.suffix))] = .bytes(file.bytes)
      }
    }
    for file in results {
      site.files[try SitePath("data/" + file.name)] = .file(file.source)
    }
    site.files[try SitePath("cite/CITATION.cff")] = .text(CitePage.citationFile(study))
    site.files[try SitePath("cite/references.bib")] = .text(CitePage.references(study))
    if let first = context.catalogue.drawn.first {
      site.preview = (image: try SitePath("figures/\(first.id)@2x.png"), alt: first.alt)
    }
    return site
  }

  /// The first page that each figure stands on.
  private var places: [String: SitePath] {
    var places: [String: SitePath] = [:]
    for page in before + after {
      for id in page.body.figures where places[id] == nil { places[id] = page.path }
    }
    return places
  }

  private static func findings(_ context: PageContext) throws -> [SitePage] {
    let study = context.study
    var pages = [try OverviewPage(context: context).page()]
    pages += try study.claimIDs.compactMap { try ClaimPage(context: context, id: $0).page() }
    pages.append(SensitivityPage(context: context).page())
    pages.append(try RunsComparedPage(context: context).page())
    pages += try study.runs.map { try RunPage(context: context, run: $0).page() }
    pages += try study.components.map {
      try ComponentPage(context: context, component: $0).page()
    }
    pages += try FigureCatalogue.measures(study).map {
      try MeasurePage(context: context, metric: $0).page()
    }
    return pages
  }

  private static func reference(
    _ context: PageContext, results: [ResultFile]
  ) throws -> [SitePage] {
    try [
      MethodsPage(context: context).page(),
      DifferencesPage(context: context).page(),
      GlossaryPage(context: context).page(),
      DataPage(context: context, results: results).page(),
    ] + ProvenancePage(context: context).pages() + [try CitePage(context: context).page()]
  }

  /// The tables that are there, in a fixed order. One that is there and cannot be read is an error.
  private static func resultFiles(in folder: String) throws -> [ResultFile] {
    try ResultFile.names.compactMap { name in
      let path = folder + "/" + name
      guard Folder.kind(of: path) != .missing else { return nil }
      return ResultFile(name: name, bytes: try FileReader(path).size, source: path)
    }
  }
}

/// A run may be called "Methods": later pages of one title get their section behind it.
enum UniqueTitles {
  static func applied(to pages: [SitePage]) -> [SitePage] {
    var taken: Set<String> = []
    return pages.map { page in
      var page = page
      let base = page.title
      var number = 1
      while !taken.insert(page.title.lowercased()).inserted {
        number += 1
        page.title =
          number == 2 && !page.section.isEmpty
          ? "\(base) (\(Words.lowercased(page.section)))" : "\(base) (\(number))"
      }
      return page
    }
  }
}
