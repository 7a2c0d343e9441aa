/// The share of a run's layers that settle at level q within the first 20 % of training.
package struct SettledShare: Sendable, Equatable, TableRow {
  package let run: String
  package let component: String
  package let metric: String
  package let variant: String
  package let rows: String
  package let probe: String
  package let window: Window
  /// The level, 0.50 … 0.99.
  package let q: Double
  /// In [0, 1]; layers that never settle stand in the denominator.
  package let share: Double
  /// Layers.
  package let n: Int

  package static let columns = [
    "run", "component", "metric", "variant", "rows", "probe", "window", "q", "share", "n",
  ]

  package var cells: [TableCell] {
    [
      .name(run), .word(component), .word(metric), .word(variant), .word(rows), .name(probe),
      .word(window.rawValue), .number(q), .number(share), .integer(n),
    ]
  }

  /// The levels of the curve.
  package static let levels = (50...99).map { Double($0) / 100 }

  /// Shares of every similarity of whole layers, sorted by key, window and q.
  static func all(of set: CurveSet, windows: WindowPlan) -> [SettledShare] {
    let layers = set.curves.filter {
      $0.key.isSimilarity && $0.key.layer != nil && $0.key.head == nil
    }
    let groups = Dictionary(grouping: layers) { curve in
      var key = curve.key
      key.layer = nil
      return key
    }
    return groups.keys.sorted(by: CurveKey.isOrdered).flatMap { key in
      windows.written.flatMap { window in
        shares(of: groups[key] ?? [], key, window, steps: windows.steps(of: key.run, window))
      }
    }
  }

  private static func shares(
    of curves: [Curve], _ key: CurveKey, _ window: Window, steps: [Int]
  ) -> [SettledShare] {
    let kept = Set(steps)
    let measures = curves.compactMap { curve -> CurveMeasures? in
      let points = curve.measured.filter { kept.contains($0.step) }
      guard points.count >= Measure.fewestCheckpoints else { return nil }
      return CurveMeasures(
        steps: points.map { Double($0.step) }, u: points.map(\.u), c: points.map(\.value))
    }
    guard !measures.isEmpty else { return [] }
    return levels.map { q in
      let settled = measures.count { ($0.settling(q) ?? .infinity) <= Measure.fraction }
      return SettledShare(
        run: key.run, component: key.component, metric: key.metric, variant: key.variant,
        rows: key.rows, probe: key.probe, window: window, q: q,
        share: Double(settled) / Double(measures.count), n: measures.count)
    }
  }
}
