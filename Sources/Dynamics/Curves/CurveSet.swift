/// All curves of a table after the audit, sorted by key.
package struct CurveSet: Sendable {
  package let curves: [Curve]
  /// The checkpoints of each run that has layers in the table: its steps up to T that the audit left,
  /// ascending, T included.
  package let grids: [String: [Int]]
  /// T of each run.
  package let finalSteps: [String: Int]
  package let leftOut: [LeftOut]
  private let places: [CurveKey: Int]

  package init(
    table: MeasurementTable, runs: [RunDescription], audit: [AuditFinding], policy: AuditPolicy
  ) {
    let described = Dictionary(runs.map { ($0.run, $0) }, uniquingKeysWith: { first, _ in first })
    var steps: [String: Set<Int>] = [:]
    var groups: [CurveKey: [Measurement]] = [:]
    for row in table.rows {
      if row.layer != nil { steps[row.run, default: []].insert(row.step) }
      groups[row.curveKey, default: []].append(row)
    }
    var finals: [String: Int] = [:]
    for run in table.runs {
      finals[run] =
        described[run]?.finalStep ?? steps[run]?.max() ?? Self.lastStep(of: run, in: table)
    }
    let exclusions = AuditExclusions(audit, policy: policy)
    var count = CurveCounts()
    var grids: [String: [Int]] = [:]
    for (run, all) in steps {
      let final = finals[run] ?? 0
      grids[run] = all.filter { $0 <= final && !exclusions.contains(run, $0) }.sorted()
      count.steps(all, of: run, after: final)
    }
    let curves = groups.map { key, rows in
      Self.curve(key, rows, finalStep: finals[key.run] ?? 0, exclusions, &count)
    }.sorted { CurveKey.isOrdered($0.key, before: $1.key) }
    self.curves = curves
    self.grids = grids
    finalSteps = finals
    leftOut = exclusions.leftOut(present: steps) + count.leftOut
    places = Dictionary(
      uniqueKeysWithValues: curves.enumerated().map { ($0.element.key, $0.offset) })
  }

  package subscript(key: CurveKey) -> Curve? { places[key].map { curves[$0] } }

  private static func lastStep(of run: String, in table: MeasurementTable) -> Int {
    table.rows.reduce(0) { $1.run == run ? max($0, $1.step) : $0 }
  }

  private static func curve(
    _ key: CurveKey, _ rows: [Measurement], finalStep: Int, _ exclusions: AuditExclusions,
    _ count: inout CurveCounts
  ) -> Curve {
    var points: [CurvePoint] = []
    var missing: [Int] = []
    var n: Int?
    for row in rows where row.step <= finalStep && !exclusions.contains(row.run, row.step) {
      guard row.value.isFinite else {
        missing.append(row.step)
        continue
      }
      if let m = row.n { n = min(n ?? m, m) }
      let u = finalStep > 0 ? Double(row.step) / Double(finalStep) : 0
      points.append(
        CurvePoint(step: row.step, u: u, value: row.value, lower: row.lower, upper: row.upper))
    }
    count.missing(missing.count, of: key)
    return Curve(key: key, finalStep: finalStep, points: points, missing: missing, n: n)
  }
}

/// What is counted while the rows become curves.
private struct CurveCounts {
  private var missing: [String: [String: Int]] = [:]
  private var after: [String: Int] = [:]

  mutating func missing(_ count: Int, of key: CurveKey) {
    // The loss is no curve of a layer, but its share of the reduction is read.
    let isLoss = key.metric == "loss"
    guard count > 0, key.isSummarised || isLoss else { return }
    let object = key.object == "activations" || key.layer == nil ? "" : " \(key.object)"
    let name =
      isLoss
      ? "loss" : "\(Wording.metric(key.metric)) of \(Wording.component(key.component))\(object)"
    missing[key.run, default: [:]][name, default: 0] += count
  }

  mutating func steps(_ steps: Set<Int>, of run: String, after final: Int) {
    let count = steps.count { $0 > final }
    if count > 0 { after[run] = count }
  }

  var leftOut: [LeftOut] {
    let late = after.map { run, count in
      LeftOut(
        what: "checkpoints", run: run, reason: "after the reference's step", count: count)
    }
    let gaps = missing.flatMap { run, kinds in
      kinds.map { kind, count in
        LeftOut(
          what: "values", run: run, reason: "missing or not finite", count: count, detail: kind)
      }
    }
    return (late + gaps).sorted(by: LeftOut.isOrdered)
  }
}
