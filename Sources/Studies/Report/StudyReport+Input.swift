import Dynamics
import Files
import Reporting

/// What a report is made from, as it stands in the study.
extension StudyReport {
  /// The study's own part of a report: everything but the numbers.
  func input(
    _ results: StudyResults, _ analysis: AnalysisResult, evaluations: [Evaluation],
    provenance: StudyProvenance
  ) -> ReportInput {
    ReportInput(
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

  /// The study's evaluations, with the SHA-256 of their file; nothing where it names none.
  func readEvaluations() throws -> (rows: [Evaluation], sha256: String?) {
    let rows = try runner.evaluations()
    return (
      rows,
      try study.analysis.evaluations.map { SHA256Digest(of: try FileReader($0).readAll()).hex }
    )
  }
}
