import Files
package import Publishing
import Reporting

/// A study's site while its author works on it: built again when something changes, as little of it as
/// the change asks for.
package final class StudyPreview {
  private let file: String
  private let options: StudyOptions
  private let events: @Sendable (StudyEvent) -> Void
  private var drawn: DrawnReport?
  private var runner: StudyRunner?

  package init(
    file: String, options: StudyOptions, events: @escaping @Sendable (StudyEvent) -> Void
  ) {
    self.file = file
    self.options = options
    self.events = events
  }

  /// What tables, figures and the report's own pages are made from.
  package var sources: [String] {
    guard let runner else { return [file] }
    let study = runner.study
    let measured = runner.folders.results
    return [study.file] + [study.measurements, study.analysis.evaluations].compactMap { $0 }
      + (study.measurements == nil ? ResultsFolder.inputs.map { "\(measured)/\($0)" } : [])
  }

  /// What else the site is made from: the author's pages and templates.
  package var pages: [String] {
    guard let runner else { return [] }
    return [runner.study.folder + "/pages", runner.study.folder + "/templates"]
  }

  /// Reads the study, analyses and draws, and builds the site. Tables and figures are written; the
  /// site is not (``keep(_:)``).
  package func rebuildAll() throws -> BuiltSite {
    drawn = nil
    let runner = try StudyRunner(file: file, options: options, events: events)
    self.runner = runner
    let results = try runner.storedResults()
    let study = StudyReport(runner)
    let made = try study.analysed(results)
    let folder = study.folder
    if runner.study.measurements != nil {
      try folder.write(results)
      try folder.writeForPrograms(results)
    }
    try folder.write(made.analysis, of: results)
    let drawn = try made.report.drawn(
      results: folder.path, lanes: options.threads, cache: study.figureCache)
    try drawn.writeFigures(to: runner.folders.figures)
    self.drawn = drawn
    return try rebuildPages()
  }

  /// Builds the site with pages and templates as they are now. The rest is as it was last drawn.
  package func rebuildPages() throws -> BuiltSite {
    guard drawn != nil, let site = try drawn?.site(lanes: options.threads) else {
      return try rebuildAll()
    }
    return site
  }

  /// Brings the study's own `site/` to what is shown.
  package func keep(_ site: BuiltSite) throws {
    guard let runner else { return }
    try site.write(to: runner.folders.site, lanes: options.threads)
  }
}
