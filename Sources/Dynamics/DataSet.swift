/// The curves of a table under one audit policy, with all their measures.
struct DataSet: Sendable {
  let curves: CurveSet
  let windows: WindowPlan
  let summaries: Summaries
  let pairs: PairSource

  init(
    table: MeasurementTable, runs: [RunDescription], audit: [AuditFinding], policy: AuditPolicy,
    lateFrom: Int?, replicates: [MeasurementKey: [Double]]
  ) {
    curves = CurveSet(table: table, runs: runs, audit: audit, policy: policy)
    windows = WindowPlan(grids: curves.grids, finals: curves.finalSteps, lateFrom: lateFrom)
    summaries = Summaries(curves, windows: windows, replicates: replicates)
    pairs = PairSource(summaries, runs: runs)
  }
}
