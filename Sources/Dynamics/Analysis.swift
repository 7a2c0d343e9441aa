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

  /// A run that `runs` does not describe counts as one without parameters, group and arm.
  package init(
    table: MeasurementTable, runs: [RunDescription] = [], audit: [AuditFinding] = [],
    settings: AnalysisSettings = AnalysisSettings(), seed: UInt64 = 0,
    replicates: [MeasurementKey: [Double]] = [:], evaluations: [Evaluation] = []
  ) {
    let known = Set(runs.map(\.run))
    self.table = table
    self.runs = runs + table.runs.filter { !known.contains($0) }.map { RunDescription(run: $0) }
    self.audit = audit
    self.settings = settings
    self.seed = seed
    self.replicates = replicates
    self.evaluations = evaluations
  }

  package func result() -> AnalysisResult {
    let data = DataSet(
      table: table, runs: runs, audit: audit, policy: settings.audit, lateFrom: settings.lateFrom,
      replicates: replicates)
    let engine = AssociationEngine(
      seed: seed, permutations: settings.permutations, resamples: settings.resamples,
      threads: settings.threads, baseline: Set(runs.filter(\.arm.isEmpty).map(\.run)))
    let associations = engine.rows(AssociationPlan(data.pairs, windows: data.windows.written))
    return AnalysisResult(
      curves: data.curves, convergence: data.summaries.rows, associations: associations.rows,
      settledShares: SettledShare.all(of: data.curves, windows: data.windows),
      leftOut: data.curves.leftOut + data.windows.leftOut + data.summaries.leftOut
        + associations.leftOut,
      windows: data.windows.descriptions)
  }
}

/// Everything that an analysis finds; the tables sorted by all keys.
package struct AnalysisResult: Sendable {
  package let curves: CurveSet
  package let convergence: [ConvergenceRow]
  package let associations: [AssociationRow]
  package let settledShares: [SettledShare]
  /// What did not enter, counted, with its reason.
  package let leftOut: [LeftOut]
  package let windows: [WindowDescription]
}
