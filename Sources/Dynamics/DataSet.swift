/// The curves of a table under one audit policy, with all their measures.
struct DataSet: Sendable {
  let curves: CurveSet
  /// The means over heads by their keys: what "PER of OV" of a layer is.
  let headMeans: [CurveKey: Curve]
  let windows: WindowPlan
  let summaries: Summaries
  let pairs: PairSource

  init(
    table: MeasurementTable, runs: [RunDescription], audit: [AuditFinding], policy: AuditPolicy,
    lateFrom: Int?, replicates: [MeasurementKey: [Double]]
  ) {
    curves = CurveSet(table: table, runs: runs, audit: audit, policy: policy)
    windows = WindowPlan(grids: curves.grids, finals: curves.finalSteps, lateFrom: lateFrom)
    let means = HeadMeans.curves(of: curves)
    headMeans = Dictionary(means.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
    summaries = Summaries(curves, means: means, windows: windows, replicates: replicates)
    pairs = PairSource(summaries, runs: runs)
  }
}
