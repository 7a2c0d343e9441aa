import Dynamics
import Files
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

  /// The names of which figures can only show boxes.
  package func unwritableNames() throws -> [UnwritableName] {
    try FigureNames().unwritable(in: study)
  }

  /// Draws everything, builds the site and writes what has changed.
  ///
  /// - Parameters:
  ///   - figures: the folder for `ID.svg` and its companions.
  ///   - site: the site's folder.
  ///   - results: where the tables lie that the site carries copies of; only read.
  ///   - lanes: how many figures are drawn at once.
  ///   - cache: where figures that were drawn before are found.
  ///   - tables: returns when the tables are complete; called when the figures are drawn.
  package func write(
    figures figureFolder: String, site siteFolder: String, results: String, lanes: Int = 1,
    cache: FigureCache = .none, tables: () throws -> Void = {},
    progress: @Sendable (ReportProgress) -> Void = { _ in }
  ) throws -> ReportSummary {
    let clock = ContinuousClock()
    let start = clock.now
    var report = try drawn(
      results: results, lanes: lanes, cache: cache, tables: tables, progress: progress)
    let figureFiles = try report.writeFigures(to: figureFolder)
    let afterFigures = clock.now
    let built = try report.site(lanes: lanes)
    let written = try built.write(to: siteFolder, lanes: lanes)
    let pages = built.paths.count { $0.string.hasSuffix("/index.html") || $0 == .index }
    progress(.pages(pages))
    let end = clock.now
    return ReportSummary(
      figures: figures.count, pages: pages,
      filesWritten: figureFiles.written + written.written.count,
      filesUnchanged: figureFiles.unchanged + written.unchanged,
      index: siteFolder + "/index.html", figureFindings: report.figureFindings,
      warnings: try unwritableNames().notes + built.warnings.map { "\($0)" },
      secondsForFigures: start.duration(to: afterFigures).seconds,
      secondsForSite: afterFigures.duration(to: end).seconds)
  }

  /// Draws every figure for the figures folder alone. Returns how many files were written.
  package func write(
    figures folder: String, lanes: Int = 1, cache: FigureCache = .none
  ) throws -> Int {
    var files = FigureFolder(folder)
    try files.write(try draw(lanes: lanes, cache) { _ in }.flatMap(\.named))
    return files.written
  }

  /// Draws every figure at the widths of a paper as PDF, with `figures.tex` and `references.bib`.
  /// Returns the names of the files.
  ///
  /// `ID.pdf` has the width that suits the figure; where the venue has columns, `ID.column.pdf` or
  /// `ID.text.pdf` beside it has the other. One that is too high for a page with its caption comes in
  /// parts, `ID.part2.pdf` and so on behind the first.
  package func write(
    for targets: PaperTargets, into folder: String, lanes: Int = 1
  ) throws -> [String] {
    let drawing = try FigureDrawing()
    let figures = catalogue.drawn
    let pages = figures.flatMap { figure in
      targets.pages(figure).map { (figure: figure, name: $0.name, target: $0.target) }
    }
    let drawn = try Workers(width: lanes).map(pages.count) { index throws(ReportError) in
      try drawing.pages(pages[index].figure, target: pages[index].target)
    }
    var files: [(name: String, bytes: [UInt8])] = []
    var parts: [String: [String]] = [:]
    var withoutStrips: Set<String> = []
    for (page, scenes) in zip(pages, drawn) {
      for (place, scene) in scenes.enumerated() {
        let name = PaperTargets.part(place, of: page.name)
        files.append((name: name, bytes: scene.bytes))
        parts[page.name, default: []].append(name)
        if scene.leavesOutSchedules { withoutStrips.insert(page.name) }
      }
    }
    let tex =
      ([TeX.preamble(bibliography: "references")]
      + figures.map { figure in
        let path = "\(figure.id).pdf"
        return TeX.figure(
          figure, path: path, more: parts[path].map { Array($0.dropFirst()) } ?? [],
          caption: withoutStrips.contains(path)
            ? figure.caption(without: study.scheduleSentence) : nil,
          spansColumns: targets.spansColumns(figure),
          other: targets.pages(figure).dropFirst().first.map {
            (parts[$0.name] ?? [$0.name]).joined(separator: ", ")
              + (withoutStrips.contains($0.name) && !withoutStrips.contains(path)
                ? ", too high for the strips of the learning rate: leave their sentence out" : "")
          })
      }).joined(separator: "\n")
    files.append((name: "figures.tex", bytes: Array(tex.utf8)))
    files.append((name: "references.bib", bytes: Array(CitePage.references(study).utf8)))
    var changes = FigureFolder(folder)
    try changes.write(files)
    return files.map(\.name)
  }

  /// The figures drawn and the pages written, nothing on disk yet. `results` is where the tables lie
  /// that the site carries copies of; `lanes` says how many figures are drawn at once; `cache` is where
  /// figures that were drawn before are found; `tables` returns when the tables are complete.
  package func drawn(
    results: String, lanes: Int = 1, cache: FigureCache = .none, tables: () throws -> Void = {},
    progress: @Sendable (ReportProgress) -> Void = { _ in }
  ) throws -> DrawnReport {
    let figures = try draw(lanes: lanes, cache, progress: progress)
    try tables()
    return try DrawnReport(study: study, catalogue: catalogue, drawn: figures, results: results)
  }

  private func draw(
    lanes: Int, _ cache: FigureCache, progress: @Sendable (ReportProgress) -> Void
  ) throws -> [DrawnFigure] {
    let drawing = try FigureDrawing()
    let figures = catalogue.drawn
    progress(.figures(figures.count))
    return try Workers(width: lanes).map(figures.count) { index in
      try cache.figure(figures[index]) { figure throws(ReportError) in try drawing.draw(figure) }
    }
  }

  /// What the files of each figure follow from, in the order of the catalogue.
  package func figureInputs() throws -> [FigureInputs] { try catalogue.drawn.map { try $0.inputs } }

  /// The record of a figure, drawn now; `nil` where the report has none of this id.
  package func figureRecord(_ id: String) throws -> [UInt8]? {
    guard let figure = catalogue[id] else { return nil }
    return try RecordEncoder.bytes(of: FigureDrawing().draw(figure))
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
  /// Figures that overlap, leave their page or cannot be read at some size: none, or a mistake of ours.
  package let figureFindings: [String]
  package let warnings: [String]
  package let secondsForFigures: Double
  package let secondsForSite: Double
}

extension Duration {
  fileprivate var seconds: Double {
    Double(components.seconds) + Double(components.attoseconds) * 1e-18
  }
}
