import Dynamics
import Foundation
import Markup
import Plotting
import Publishing

/// A study's report: figures with captions and alternative texts, pages, downloads.
///
/// A pure function of its input: the same table, runs and analysis give the same bytes whatever
/// the number of lanes; provenance shows on its own page alone.
package struct Report: Sendable {
  private let study: StudyView
  private let catalogue: FigureCatalogue

  /// Chooses figures and words; writes nothing.
  package init(_ input: ReportInput) {
    study = StudyView(input)
    catalogue = FigureCatalogue(study)
  }

  /// The ids of the figures that the study has, in the order of the catalogue.
  package var figures: [String] { catalogue.drawn.map(\.id) }

  /// The figures that it lacks, with what each would need.
  package var absent: [AbsentFigure] { catalogue.absent }

  /// Draws everything, builds the site and writes what has changed.
  ///
  /// - Parameters:
  ///   - figures: the folder for `ID.svg` and its companions.
  ///   - site: the site's folder.
  ///   - results: where the tables lie that the site carries copies of; only read.
  ///   - lanes: how many figures are drawn at once.
  package func write(
    figures figureFolder: String, site siteFolder: String, results: String, lanes: Int = 1,
    progress: @Sendable (ReportProgress) -> Void = { _ in }
  ) throws -> ReportSummary {
    let clock = ContinuousClock()
    let start = clock.now
    let drawn = try draw(lanes: lanes, progress: progress)
    var changes = FileChanges()
    for figure in drawn {
      for file in figure.files {
        try changes.write(file.bytes, to: figureFolder + "/" + figure.fileName(file.suffix))
      }
    }
    let afterFigures = clock.now
    let site = try ReportSite(study: study, catalogue: catalogue, drawn: drawn, results: results)
      .site()
    let theme = try SiteTheme.bundled(overriding: study.input.templates)
    let built = try SiteBuilder(theme: theme).build(site)
    let written = try built.write(to: siteFolder)
    progress(.pages(site.pages.count))
    let end = clock.now
    return ReportSummary(
      figures: drawn.count, pages: site.pages.count,
      filesWritten: changes.written + written.written.count,
      filesUnchanged: changes.unchanged + written.unchanged,
      index: siteFolder + "/index.html", warnings: built.warnings.map { "\($0)" },
      secondsForFigures: start.duration(to: afterFigures).seconds,
      secondsForSite: afterFigures.duration(to: end).seconds)
  }

  /// Draws every figure at a venue's widths as PDF, with `figures.tex` and `references.bib`.
  /// Returns the names of the files.
  ///
  /// - Parameter venue: `acl`, `neurips`, `icml`, `iclr`, `tmlr`, `jmlr`, `nature`, or a width such
  ///   as `8cm`.
  package func write(
    for venue: String, text: Double? = nil, into folder: String, lanes: Int = 1
  ) throws -> [String] {
    let targets = try PaperTargets(venue, text: text)
    let drawing = try FigureDrawing()
    let drawn = catalogue.drawn
    let pages = try Workers(width: lanes).map(drawn.count) { index throws(ReportError) in
      try drawing.pdf(drawn[index], target: targets.target(for: drawn[index]))
    }
    var changes = FileChanges()
    var names: [String] = []
    var tex = TeX.preamble
    for (figure, page) in zip(drawn, pages) {
      names.append("\(figure.id).pdf")
      try changes.write(page, to: "\(folder)/\(figure.id).pdf")
      tex +=
        "\n"
        + TeX.figure(
          figure, path: "\(figure.id).pdf", spansColumns: targets.spansColumns(figure))
    }
    try changes.write(Array(tex.utf8), to: folder + "/figures.tex")
    try changes.write(Array(CitePage.references(study).utf8), to: folder + "/references.bib")
    return names + ["figures.tex", "references.bib"]
  }

  private func draw(
    lanes: Int, progress: @Sendable (ReportProgress) -> Void
  ) throws -> [DrawnFigure] {
    let drawing = try FigureDrawing()
    let figures = catalogue.drawn
    progress(.figures(figures.count))
    return try Workers(width: lanes).map(figures.count) { index throws(ReportError) in
      try drawing.draw(figures[index])
    }
  }
}

/// What a report is busy with.
package enum ReportProgress: Sendable, Equatable {
  case figures(Int)
  case pages(Int)
}

/// What was written.
package struct ReportSummary: Sendable {
  package let figures: Int
  package let pages: Int
  package let filesWritten: Int
  package let filesUnchanged: Int
  /// The front page.
  package let index: String
  package let warnings: [String]
  package let secondsForFigures: Double
  package let secondsForSite: Double
}

extension Duration {
  fileprivate var seconds: Double {
    Double(components.seconds) + Double(components.attoseconds) * 1e-18
  }
}
