import Statistics

/// Compares the change of each evaluation between checkpoints with CKA, PER and the rates of change
/// of weights and activations at the later checkpoint.
struct EvaluationAnalysis {
  /// A coefficient over fewer checkpoints has no variance.
  static let fewestChanges = 5

  let data: DataSet
  let evaluations: [Evaluation]
  let baseline: Set<String>

  /// A quantity of the layers, whatever the run.
  private struct Quantity: Hashable {
    let component: String
    let object: String
    let metric: String
    let rows: String
    let probe: String

    var words: [String] { [component, object, metric, rows, probe] }
  }

  /// One evaluation of one run: its change at each checkpoint, first to last.
  private struct Series {
    let name: String
    let run: String
    let changes: [(step: Int, change: Double)]
  }

  func result() -> (rows: [EvaluationAssociationRow], leftOut: [LeftOut]) {
    guard !evaluations.isEmpty else { return ([], []) }
    let (series, leftOut) = series()
    let medians = medians()
    let quantities = medians.keys.sorted { a, b in
      zip(a.words, b.words).first { $0 != $1 }.map { precedes($0, $1) } ?? false
    }
    let names = Set(series.map(\.name)).sorted(by: precedes)
    var rows: [EvaluationAssociationRow] = []
    for name in names {
      let own = series.filter { $0.name == name }
      for method in CorrelationMethod.allCases {
        rows += adjusted(
          quantities.flatMap { self.rows(name, own, $0, medians[$0] ?? [:], method) })
      }
    }
    return (rows, leftOut)
  }

  private func series() -> ([Series], [LeftOut]) {
    var series: [Series] = []
    var strange: [String: Int] = [:]
    var unknown: [String: Int] = [:]
    var missing: [String: Int] = [:]
    for (key, list) in Dictionary(grouping: evaluations, by: { [$0.name, $0.run] }) {
      let run = key[1]
      guard let steps = data.curves.grids[run] else {
        strange[run, default: 0] += list.count
        continue
      }
      let grid = Set(steps)
      let known = list.filter { grid.contains($0.step) }
      if known.count < list.count { unknown[run, default: 0] += list.count - known.count }
      let finite = known.filter(\.value.isFinite).sorted { $0.step < $1.step }
      if finite.count < known.count { missing[run, default: 0] += known.count - finite.count }
      let changes = zip(finite.dropFirst(), finite).map { ($0.step, $0.value - $1.value) }
      series.append(Series(name: key[0], run: run, changes: changes))
    }
    let entries =
      strange.map {
        LeftOut(
          what: "evaluations", run: $0.key, reason: "the study has no such run", count: $0.value)
      }
      + unknown.map {
        LeftOut(
          what: "evaluations", run: $0.key,
          reason: "at a step that is no checkpoint of the run in the table", count: $0.value)
      }
      + missing.map {
        LeftOut(
          what: "evaluations", run: $0.key, reason: "missing or not finite", count: $0.value)
      }
    return (series.sorted { precedes($0.run, $1.run) }, entries.sorted(by: LeftOut.isOrdered))
  }

  /// The median over layers of each quantity at each checkpoint of each run.
  private func medians() -> [Quantity: [String: [Int: Double]]] {
    var values: [Quantity: [String: [Int: [Double]]]] = [:]
    for curve in data.curves.curves + Array(data.headMeans.values) where isMeant(curve.key) {
      let key = curve.key
      let quantity = Quantity(
        component: key.component, object: key.object, metric: key.metric, rows: key.rows,
        probe: key.probe)
      for point in key.isSimilarity ? curve.measured : curve.points[...] {
        values[quantity, default: [:]][key.run, default: [:]][point.step, default: []].append(
          point.value)
      }
    }
    return values.mapValues { runs in
      runs.mapValues { steps in steps.compactMapValues { median(of: $0) } }
    }
  }

  private func isMeant(_ key: CurveKey) -> Bool {
    guard key.layer != nil, key.variant == "default" else { return false }
    if key.metric == "per" {
      return key.component == "ov" ? key.head == HeadMeans.head : key.head == nil
    }
    let rates = ["relative_change", "cka_previous", "cka_debiased_previous"]
    return key.head == nil && (key.isSimilarity || rates.contains(key.metric))
  }

  private func rows(
    _ name: String, _ series: [Series], _ quantity: Quantity, _ medians: [String: [Int: Double]],
    _ method: CorrelationMethod
  ) -> [EvaluationAssociationRow] {
    var rows: [EvaluationAssociationRow] = []
    var effects: [FisherZ] = []
    var total = 0
    for one in series {
      let pairs = one.changes.compactMap { change in
        medians[one.run]?[change.step].map { (change.change, $0) }
      }
      guard pairs.count >= Self.fewestChanges,
        let r = correlation(method, pairs.map(\.0), pairs.map(\.1))
      else { continue }
      rows.append(row(name, one.run, quantity, method, r, nil, nil, pairs.count))
      guard baseline.contains(one.run), let effect = FisherZ(r, n: pairs.count, method: method)
      else { continue }
      effects.append(effect)
      total += pairs.count
    }
    guard let combined = RandomEffects(effects) else { return rows }
    let enough = effects.count >= AssociationEngine.fewestRuns
    let interval = combined.interval().map {
      Interval(lower: inverseFisher($0.lower), upper: inverseFisher($0.upper))
    }
    rows.insert(
      row(
        name, "", quantity, method, inverseFisher(combined.mean), enough ? interval : nil,
        enough ? combined.p : nil, total), at: 0)
    return rows
  }

  private func row(
    _ name: String, _ run: String, _ quantity: Quantity, _ method: CorrelationMethod,
    _ estimate: Double, _ interval: Interval?, _ p: Double?, _ n: Int
  ) -> EvaluationAssociationRow {
    EvaluationAssociationRow(
      evaluation: name, run: run, component: quantity.component, object: quantity.object,
      metric: quantity.metric, rows: quantity.rows, probe: quantity.probe, method: method,
      estimate: estimate, lower: interval?.lower, upper: interval?.upper, p: p, q: nil, n: n)
  }

  private func adjusted(_ rows: [EvaluationAssociationRow]) -> [EvaluationAssociationRow] {
    var rows = rows
    let tested = rows.indices.filter { rows[$0].p != nil }
    for (index, q) in zip(tested, benjaminiHochberg(tested.compactMap { rows[$0].p })) {
      rows[index].q = q
    }
    return rows
  }
}
