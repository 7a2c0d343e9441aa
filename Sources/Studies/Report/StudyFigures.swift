import Dynamics
import Reporting

/// The figures of a study alone, at the report's sizes or at those of papers.
extension StudyRunner {
  /// What was drawn where.
  package struct DrawnFigures: Sendable, Equatable {
    package let folder: String
    package let figures: Int
    package let files: Int
  }

  /// Draws from the stored results; a table that a study names is read directly.
  ///
  /// - Parameters:
  ///   - venues: venues or widths such as `8cm`, each into `figures/VENUE/`; none draws the report's
  ///     own figures into `figures/`.
  ///   - text: the size of labels in points; the venue's own where it is nil.
  /// - Throws: `StudyError.invalid` for an unknown venue, a width or text size out of range, a study
  ///   without results.
  package func figures(for venues: [String], text: Double?) throws -> [DrawnFigures] {
    let targets = try paperTargets(venues, text: text)
    let results =
      study.measurements == nil
      ? try ResultsFolder(path: folders.results).read(study: shown)
      : try TableStudy(study, shownAs: shown).results()
    return try writing {
      let study = StudyReport(self)
      let report = try study.analysed(results).report
      guard !report.figures.isEmpty else {
        throw StudyError.invalid(
          file: shown, [StudyFinding("the results hold nothing that a figure can show")])
      }
      for note in try report.unwritableNames().notes { events(.note(Spelling.inert(note))) }
      let count = report.figures.count
      events(.stageStarted(.figures, units: count, done: 0))
      let begun = ContinuousClock.now
      defer {
        events(
          .stageFinished(.figures, seconds: StageClock.seconds(begun.duration(to: .now))))
      }
      guard !targets.isEmpty else {
        let files = try report.write(
          figures: folders.figures, lanes: options.threads, cache: study.figureCache)
        return [DrawnFigures(folder: folders.figures, figures: count, files: files)]
      }
      return try targets.map { target in
        let folder = folders.figures + "/" + target.folder
        let names = try report.write(for: target, into: folder, lanes: options.threads)
        return DrawnFigures(folder: folder, figures: count, files: names.count)
      }
    }
  }

  /// All of them, each once; every mistake at once.
  private func paperTargets(_ venues: [String], text: Double?) throws -> [PaperTargets] {
    var targets: [PaperTargets] = []
    var findings: [StudyFinding] = []
    for venue in venues {
      do throws(ReportError) {
        let target = try PaperTargets(venue, text: text)
        if !targets.contains(target) { targets.append(target) }
      } catch {
        var hint = ""
        if case .unknownVenue(_, nil, let known) = error,
          let near = Spelling.nearest(venue, among: known)
        {
          hint = "; did you mean \(near)?"
        }
        findings.append(StudyFinding(Spelling.inert("\(error)") + hint))
      }
    }
    guard findings.isEmpty else { throw StudyError.invalid(file: "--for", findings) }
    return targets
  }
}
