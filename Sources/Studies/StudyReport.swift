import Dynamics
import Files
import Reporting
import Tensors

/// From what was measured to results, figures and site.
struct StudyReport {
  private let runner: StudyRunner
  private var study: Study { runner.study }

  init(_ runner: StudyRunner) { self.runner = runner }

  /// What a fresh measurement came from.
  struct Source {
    let inputs: [StudyProvenance.Input]
    let units: [UnitRecord]
  }

  /// Analyses `results`, writes all tables, draws figures and site. `source` is what a fresh
  /// measurement came from; `nil` keeps the measured tables and the provenance as they lie there.
  func make(_ results: StudyResults, from source: Source?) throws -> StudyOutcome {
    let folder = ResultsFolder(path: runner.folders.results)
    let measured = beside { if source != nil { try folder.write(results) } }
    defer { measured.wait() }
    let (evaluations, analysis) = try analyse(results)
    try measured.value()
    let found = beside { try folder.write(analysis, of: results) }
    defer { found.wait() }
    let report = Report(
      input(results, analysis, evaluations: evaluations, provenance: try provenance(source)))
    let events = runner.events
    events(.stageStarted(.figures, units: report.figures.count, done: 0))
    let summary = try report.write(
      figures: runner.folders.figures, site: runner.folders.site,
      results: runner.folders.results, lanes: runner.options.threads, tables: found.value
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
    if source != nil {
      try folder.put("provenance.json", try provenance(source).json)
    }
    return StudyOutcome(
      failures: results.failures, indexPath: summary.index,
      exitCode: runner.exitCode(results.failures))
  }

  private func beside(_ body: @escaping @Sendable () throws -> Void) -> SideWork<Void> {
    SideWork(threads: runner.options.threads, body)
  }

  /// The report on `results` as it would be made now; writes nothing.
  func report(_ results: StudyResults) throws -> Report { try analysed(results).report }

  /// What is found in `results`, and the report of it as it would be made now; writes nothing.
  func analysed(
    _ results: StudyResults
  ) throws -> (analysis: AnalysisResult, report: Report) {
    let (evaluations, analysis) = try analyse(results)
    let report = Report(
      input(results, analysis, evaluations: evaluations, provenance: try provenance(nil)))
    return (analysis, report)
  }

  private func analyse(_ results: StudyResults) throws -> ([Evaluation], AnalysisResult) {
    let evaluations = try runner.evaluations()
    let analysis = try stage(.analysis) {
      var expectations = RunExpectations(seed: study.seed)
      return Analysis(
        table: results.table, runs: results.runs, audit: results.audit,
        settings: AnalysisSettings(
          lateFrom: study.analysis.lateFrom, audit: study.analysis.keepsFlagged ? .keep : .drop,
          threads: runner.options.threads),
        seed: study.seed, replicates: results.halves, evaluations: evaluations,
        expectedPER: try expectations.values(of: results.runs)
      ).result()
    }
    return (evaluations, analysis)
  }

  private func input(
    _ results: StudyResults, _ analysis: AnalysisResult, evaluations: [Evaluation],
    provenance: StudyProvenance
  ) -> ReportInput {
    return ReportInput(
      study: StudyDescription(
        name: study.name, title: study.title ?? "", description: study.description ?? "",
        authors: study.authors, url: study.siteURL,
        source: study.measurements.map { .table(study.relative($0)) } ?? .checkpoints),
      table: results.table, runs: results.runs, labels: study.labels, analysis: analysis,
      audit: results.audit,
      failures: results.failures.map {
        Reporting.FailedUnit(run: $0.run, step: $0.step, message: $0.line)
      },
      leftOut: results.leftOut.map { LeftOutQuantity($0.what, because: $0.reason) },
      probes: results.probes.map {
        ProbeDescription(
          name: $0.name, sequences: $0.sequences, length: $0.length, sha256: $0.sha256)
      },
      evaluations: evaluations, spectra: results.spectra,
      layerSimilarities: results.layerSimilarities,
      trainingAxis: study.figures.axis == .steps
        ? .steps : .tokens(perStep: study.figures.tokensPerStep.map(Double.init)),
      trainingLog: results.trainingLog.map {
        TrainingRecord(
          run: $0.run, step: $0.step, loss: $0.loss, learningRate: $0.learningRate,
          tokens: $0.tokens)
      },
      provenance: provenance.shown,
      // Whether they are there is asked when they are needed: a preview sees them come.
      authorPages: study.folder + "/pages", templates: study.folder + "/templates")
  }

  private func provenance(_ source: Source?) throws -> StudyProvenance {
    func fresh(_ source: Source) throws -> StudyProvenance {
      var provenance = StudyProvenance(
        study, options: runner.options, machine: runner.machine, clock: runner.clock,
        inputs: source.inputs, units: source.units)
      provenance.analysed = try ResultsFolder(path: runner.folders.results).digests()
      return provenance
    }
    if let source { return try fresh(source) }
    let path = runner.folders.results + "/provenance.json"
    guard Folder.kind(of: path) == .file else {
      return try fresh(Source(inputs: [], units: []))
    }
    return StudyProvenance(try JSONReader.read(try FileReader(path).readAll()))
  }

  private func stage<Result>(
    _ stage: StudyStage, _ body: () throws -> Result
  ) rethrows -> Result {
    runner.events(.stageStarted(stage, units: 1, done: 0))
    let begun = ContinuousClock.now
    let result = try runner.clock.measure(stage, body)
    runner.events(
      .stageFinished(stage, seconds: StageClock.seconds(begun.duration(to: .now))))
    return result
  }
}
