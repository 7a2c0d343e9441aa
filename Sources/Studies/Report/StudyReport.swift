import Capture
import Dynamics
import Files
import Reporting
import Tensors

/// From what was measured to results, figures and site.
struct StudyReport {
  let runner: StudyRunner
  /// What of the report is found where it was made before; `nil`: everything is made anew.
  let artifacts: ReportArtifacts?
  var study: Study { runner.study }
  var folder: ResultsFolder { ResultsFolder(path: runner.folders.results) }

  init(_ runner: StudyRunner, reusing: Bool = true) {
    self.runner = runner
    artifacts = reusing ? ReportArtifacts(runner) : nil
  }

  /// What a fresh measurement came from.
  struct Source {
    let inputs: [StudyProvenance.Input]
    let units: [UnitRecord]
  }

  /// A report before anything of it is drawn.
  struct Analysed {
    let analysis: AnalysisResult
    let report: Report
  }

  /// Analyses `results`, writes all tables, draws figures and site. `source` is what a fresh
  /// measurement came from; `nil` keeps the measured tables and the provenance as they lie there.
  func make(_ results: StudyResults, from source: Source?) throws -> StudyOutcome {
    if source != nil { try folder.write(results) }
    let stamp = FinishedStamp.tables(runner)
    let content = try tableContent(of: results, areWritten: source != nil)
    // The largest of them take longer to write than all else of a report that changes a page.
    let areThere = try stamp.changes(from: content) == []
    let measured = beside {
      if source != nil, !areThere { try folder.writeForPrograms(results) }
    }
    defer { measured.wait() }
    let made = try analysed(results, from: source)
    try measured.value()
    let found = beside { if !areThere { try folder.write(made.analysis, of: results) } }
    defer { found.wait() }
    let report = made.report
    let events = runner.events
    events(.stageStarted(.figures, units: report.figures.count, done: 0))
    let summary = try report.write(
      figures: runner.folders.figures, site: runner.folders.site,
      results: runner.folders.results, lanes: runner.options.threads, cache: figureCache,
      tables: found.value
    ) { progress in
      if case .pages(let count) = progress {
        events(.stageStarted(.site, units: count, done: count))
      }
    }
    for finding in summary.figureFindings + summary.warnings {
      events(.note(Spelling.inert(finding)))
    }
    for (stage, seconds) in [
      (StudyStage.figures, summary.secondsForFigures), (.site, summary.secondsForSite),
    ] {
      runner.clock.add(seconds: seconds, to: stage)
      events(.stageFinished(stage, seconds: seconds))
    }
    // Results without a provenance came from elsewhere: it is not ours to tell.
    if source != nil || hasProvenance {
      try folder.put("provenance.json", try provenance(source).json)
    }
    // A report from stored results writes a part of the tables: it cannot say that all are as they were.
    if source != nil || areThere {
      try Folder.make(runner.folders.working)
      try stamp.write(content)
    }
    return StudyOutcome(
      failures: results.failures, indexPath: summary.index,
      exitCode: runner.exitCode(results.failures))
  }

  /// The artifacts that the report is made of.
  var used: [(key: ArtifactKey, name: String)] {
    artifacts?.used.map { ($0.unit.key, $0.unit.name) } ?? []
  }

  var figureCache: FigureCache { artifacts?.figures ?? .none }

  private func beside(_ body: @escaping @Sendable () throws -> Void) -> SideWork<Void> {
    SideWork(threads: runner.options.threads, body)
  }

  /// What is found in `results`, and the report of it as it would be made now; writes no output.
  func analysed(_ results: StudyResults, from source: Source? = nil) throws -> Analysed {
    let (evaluations, _) = try readEvaluations()
    let unit = try analysisUnit(of: results, areWritten: source != nil)
    let analysis = try stage(.analysis) {
      let analysis = try self.analysis(of: results, evaluations)
      if let artifacts { return try artifacts.result(analysis, unit) }
      return analysis.result()
    }
    return Analysed(
      analysis: analysis,
      report: Report(
        input(results, analysis, evaluations: evaluations, provenance: try provenance(source))))
  }

  private func analysisUnit(of results: StudyResults, areWritten: Bool) throws -> ReportUnit {
    ReportUnit(
      analysisOf: try tables(of: results, areWritten: areWritten),
      evaluations: try readEvaluations().sha256, of: study)
  }

  /// Everything that the tables in results/ follow from: what the analysis is made from, and what else
  /// was measured.
  private func tableContent(
    of results: StudyResults, areWritten: Bool
  ) throws -> [FinishedStamp.Part] {
    let unit = try analysisUnit(of: results, areWritten: areWritten)
    return try [FinishedStamp.Part(name: "analysis", hash: unit.key.hex)]
      + folder.digestsOfOthers().map { FinishedStamp.Part(name: $0.table, hash: $0.sha256) }
  }

  /// The tables that an analysis is made from, by the hash of their bytes: as they lie in results/, or as
  /// they would be written there of a table measured elsewhere.
  func tables(
    of results: StudyResults, areWritten: Bool
  ) throws -> [(table: String, sha256: String)] {
    try study.measurements == nil || areWritten
      ? folder.digests() : ResultsFolder.digests(of: results)
  }

  /// The analysis of `results`, to be made.
  func analysis(of results: StudyResults, _ evaluations: [Evaluation]) throws -> Analysis {
    var expectations = RunExpectations(seed: study.seed)
    return Analysis(
      table: results.table, runs: results.runs, audit: results.audit,
      settings: AnalysisSettings(
        lateFrom: study.analysis.lateFrom, audit: study.analysis.keepsFlagged ? .keep : .drop,
        threads: runner.options.threads),
      seed: study.seed, replicates: results.halves, evaluations: evaluations,
      expectedPER: try expectations.values(of: results.runs))
  }

  private var hasProvenance: Bool {
    Folder.kind(of: folder.path + "/provenance.json") == .file
  }

  private func provenance(_ source: Source?) throws -> StudyProvenance {
    var provenance = try measuredProvenance(source)
    if let artifacts, source != nil || hasProvenance {
      provenance.report = artifacts.used.map(\.record)
    }
    return provenance
  }

  private func measuredProvenance(_ source: Source?) throws -> StudyProvenance {
    func fresh(_ source: Source, clock: StageClock, _ report: [UnitRecord]) -> StudyProvenance {
      StudyProvenance(
        study, options: runner.options, machine: runner.machine, clock: clock,
        inputs: source.inputs, units: source.units, report: report)
    }
    if let source {
      var provenance = fresh(
        source, clock: runner.clock, artifacts?.used.map(\.record) ?? [])
      provenance.analysed = try folder.digests()
      return provenance
    }
    let path = runner.folders.results + "/provenance.json"
    // Of results that came from elsewhere the page tells no table, unit or time, whoever asks.
    guard Folder.kind(of: path) == .file else {
      return fresh(Source(inputs: [], units: []), clock: StageClock(), [])
    }
    return StudyProvenance(try JSONReader.read(try FileReader(path).readAll()))
  }

  private func stage<Result>(
    _ stage: StudyStage, _ body: () throws -> Result
  ) rethrows -> Result {
    runner.events(.stageStarted(stage, units: 1, done: 0))
    let begun = ContinuousClock.now
    let result = try body()
    runner.events(
      .stageFinished(stage, seconds: StageClock.seconds(begun.duration(to: .now))))
    return result
  }
}
