/// The measures of all curves in all windows.
package struct Summaries: Sendable {
  /// Sorted by curve, window and measure, as the table writes them.
  package let rows: [ConvergenceRow]
  package let leftOut: [LeftOut]
  private let values: [CurveKey: [Key: Double]]
  private let counts: [CurveKey: [Window: Int]]

  private struct Key: Hashable {
    let window: Window
    let measure: Measure
  }

  /// `means`: the curves of means over heads; `replicates`: half-sample values of similarity rows, the
  /// same halves in every row.
  init(
    _ set: CurveSet, means: [Curve], windows: WindowPlan, replicates: [MeasurementKey: [Double]]
  ) {
    var rows: [ConvergenceRow] = []
    var undefined: [Measure: Int] = [:]
    var short = 0
    var values: [CurveKey: [Key: Double]] = [:]
    var counts: [CurveKey: [Window: Int]] = [:]
    for curve in set.curves where curve.key.isSummarised {
      if curve.key.isSimilarity, curve.measured.count < Measure.fewestCheckpoints { short += 1 }
      for window in windows.written {
        let summary = CurveSummary(
          curve, steps: windows.steps(of: curve.key.run, window), replicates: replicates)
        for measure in curve.key.measures {
          guard let row = summary.row(of: measure, window) else {
            if window == .all { undefined[measure, default: 0] += 1 }
            continue
          }
          rows.append(row)
          values[curve.key, default: [:]][Key(window: window, measure: measure)] = row.comparable
          counts[curve.key, default: [:]][window] = row.n
        }
      }
    }
    // Means over heads stand beside the table: no row of the contract names them.
    for curve in means {
      for window in windows.written {
        let summary = CurveSummary(
          curve, steps: windows.steps(of: curve.key.run, window), replicates: [:])
        for measure in curve.key.measures {
          guard let row = summary.row(of: measure, window) else { continue }
          values[curve.key, default: [:]][Key(window: window, measure: measure)] = row.comparable
          counts[curve.key, default: [:]][window] = row.n
        }
      }
    }
    self.rows = rows
    self.values = values
    self.counts = counts
    leftOut = Self.leftOut(undefined, shortCurves: short)
  }

  /// The value of a measure; +∞ for a layer that never settles, nil where there is no row.
  func value(_ curve: CurveKey, _ window: Window, _ measure: Measure) -> Double? {
    values[curve]?[Key(window: window, measure: measure)]
  }

  /// The checkpoints behind a curve's measures in a window; nil where it has none.
  func count(_ curve: CurveKey, _ window: Window) -> Int? { counts[curve]?[window] }

  /// The keys of all summarised curves, means over heads included.
  var keys: some Sequence<CurveKey> { values.keys }

  private static func leftOut(_ undefined: [Measure: Int], shortCurves: Int) -> [LeftOut] {
    var entries = Measure.allCases.compactMap { measure in
      undefined[measure].map {
        LeftOut(
          what: "measures", reason: "not defined on the curve (window all)", count: $0,
          detail: measure.rawValue)
      }
    }
    if shortCurves > 0 {
      entries.append(
        LeftOut(
          what: "curves",
          reason: "fewer than \(Measure.fewestCheckpoints) checkpoints before the final one",
          count: shortCurves, detail: "only \(Measure.at.rawValue) is taken of them"))
    }
    return entries
  }
}

extension CurveKey {
  var measures: [Measure] { isSimilarity ? Measure.ofSimilarities : Measure.ofMatrices }
}
