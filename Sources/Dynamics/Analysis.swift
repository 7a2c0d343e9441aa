import Statistics

/// From the tidy table to answers: convergence measures, associations, claims and alarms.
///
/// A pure function of its inputs: the same table, settings and seed give the same result on any
/// number of threads.
package struct Analysis: Sendable {
  package let table: MeasurementTable
  package let runs: [RunDescription]
  package let audit: [AuditFinding]
  package let settings: AnalysisSettings
  package let seed: UInt64
  /// The values of a similarity on halves of the sequences, the same halves in every row.
  package let replicates: [MeasurementKey: [Double]]
  package let evaluations: [Evaluation]
  /// PER of independent Gaussian factors by matrix, for C5's sensitivity.
  package let expectedPER: [ExpectedPERKey: Double]

  /// A run that `runs` does not describe counts as one without parameters, group and arm.
  package init(
    table: MeasurementTable, runs: [RunDescription] = [], audit: [AuditFinding] = [],
    settings: AnalysisSettings = AnalysisSettings(), seed: UInt64 = 0,
    replicates: [MeasurementKey: [Double]] = [:], evaluations: [Evaluation] = [],
    expectedPER: [ExpectedPERKey: Double] = [:]
  ) {
    let known = Set(runs.map(\.run))
    self.table = table
    self.runs = runs + table.runs.filter { !known.contains($0) }.map { RunDescription(run: $0) }
    self.audit = audit
    self.settings = settings
    self.seed = seed
    self.replicates = replicates
    self.evaluations = evaluations
    self.expectedPER = expectedPER
  }

  /// `known`: what an earlier analysis of the same inputs found.
  package func result(reusing known: AnalysisFindings? = nil) -> AnalysisResult {
    let data = dataSet(settings.audit, replicates: replicates)
    let found = known ?? findings(of: data)
    return AnalysisResult(
      curves: data.curves, convergence: data.summaries.rows, findings: found,
      settledShares: SettledShare.all(of: data.curves, windows: data.windows),
      alarms: AlarmFinder(data: data, metric: data.pairs.headlineMetric).alarms,
      leftOut: data.curves.leftOut + data.windows.leftOut + data.summaries.leftOut + found.leftOut,
      windows: data.windows.descriptions)
  }

  private func findings(of data: DataSet) -> AnalysisFindings {
    let engine = AssociationEngine(
      seed: seed, permutations: settings.permutations, resamples: settings.resamples,
      threads: settings.threads, methods: settings.methods,
      baseline: Set(runs.filter(\.arm.isEmpty).map(\.run)))
    let associations = engine.rows(AssociationPlan(data.pairs, windows: data.windows.written))
    let source = ClaimSource(
      data: data, kept: kept(data),
      runs: Dictionary(runs.map { ($0.run, $0) }, uniquingKeysWith: { first, _ in first }),
      ladders: Ladder.all(of: runs), engine: engine,
      associations: Dictionary(
        associations.rows.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first }),
      expectedPER: expectedPER)
    let audited = data.curves.leftOut.filter { $0.reason.hasPrefix(AuditExclusions.reason) }
    let scores = EvaluationAnalysis(
      data: data, evaluations: evaluations, baseline: engine.baseline
    ).result()
    return AnalysisFindings(
      associations: associations.rows, evaluationAssociations: scores.rows,
      claims: ClaimBook(source: source, audited: audited).claims,
      leftOut: associations.leftOut + scores.leftOut)
  }
}

extension Analysis {
  private func dataSet(_ policy: AuditPolicy, replicates: [MeasurementKey: [Double]]) -> DataSet {
    DataSet(
      table: table, runs: runs, audit: audit, policy: policy, lateFrom: settings.lateFrom,
      replicates: replicates)
  }

  /// The data with the flagged checkpoints in, where any was dropped.
  private func kept(_ data: DataSet) -> DataSet? {
    let dropped = data.curves.leftOut.contains {
      $0.reason.hasPrefix(AuditExclusions.reason)
        && $0.reason != AuditExclusions.reason + AuditExclusions.collapsed
    }
    return settings.audit == .drop && dropped ? dataSet(.keep, replicates: [:]) : nil
  }
}

/// What of an analysis takes time, permutations and resamples; all else follows from the table at once.
package struct AnalysisFindings: Sendable, Codable, Equatable {
  package let associations: [AssociationRow]
  /// How the user's evaluations go with the layers; empty without any.
  package let evaluationAssociations: [EvaluationAssociationRow]
  package let claims: [Claim]
  /// What did not enter them.
  package let leftOut: [LeftOut]
}

/// Everything that an analysis finds; the tables sorted by all keys.
package struct AnalysisResult: Sendable {
  package let curves: CurveSet
  package let convergence: [ConvergenceRow]
  package let findings: AnalysisFindings
  package let settledShares: [SettledShare]
  package let alarms: [Alarm]
  /// What did not enter, counted, with its reason.
  package let leftOut: [LeftOut]
  package let windows: [WindowDescription]

  package var associations: [AssociationRow] { findings.associations }
  package var evaluationAssociations: [EvaluationAssociationRow] { findings.evaluationAssociations }
  package var claims: [Claim] { findings.claims }
}
