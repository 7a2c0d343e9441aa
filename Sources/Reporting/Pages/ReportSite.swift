import Dynamics
import Foundation
import Markup
import Publishing

/// Puts the report's pages and files together.
struct ReportSite {
  let study: StudyView
  let catalogue: FigureCatalogue
  let drawn: [DrawnFigure]
  /// The folder of the tables.
  let results: String

  func site() throws -> Site {
    let context = try PageContext(study: study, catalogue: catalogue, drawn: drawn)
    let description = study.input.study
    var site = Site(
      title: description.title,
      description: description.description.isEmpty
        ? OverviewPage.lede(study) : description.description,
      footer:
        "Made by tend from \(Words.count(study.input.table.rows.count)) measurements. \(Link(to: context.map.provenance, "Provenance")) · \(Link(to: context.map.cite, "Cite"))"
    )
    site.url = description.url
    site.sections = ["", "Answers", "Runs", "Components", "Measures", "Pages", "Reference"]
    let results = resultFiles()
    site.pages = try pages(context, results: results)
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
    if let first = catalogue.drawn.first {
      site.preview = (image: try SitePath("figures/\(first.id)@2x.png"), alt: first.alt)
    }
    return site
  }

  private func pages(_ context: PageContext, results: [ResultFile]) throws -> [SitePage] {
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
    pages += try AuthorPages(context: context).pages()
    pages.append(try MethodsPage(context: context).page())
    pages.append(try DifferencesPage(context: context).page())
    pages.append(GlossaryPage(context: context).page())
    pages.append(try DataPage(context: context, results: results).page())
    pages.append(ProvenancePage(context: context).page())
    pages.append(try CitePage(context: context).page())
    return UniqueTitles.applied(to: pages)
  }

  /// The tables that are there, in a fixed order.
  private func resultFiles() -> [ResultFile] {
    ResultFile.names.compactMap { name in
      let path = results + "/" + name
      guard let attributes = try? FileManager.default.attributesOfItem(atPath: path),
        let size = attributes[.size] as? Int
      else { return nil }
      return ResultFile(name: name, bytes: size, source: path)
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
