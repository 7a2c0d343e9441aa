/// The measures of all curves in all windows.
package struct Summaries: Sendable {
  /// Sorted by curve, window and measure, as the table writes them.
  package let rows: [ConvergenceRow]
  package let leftOut: [LeftOut]
  /// Of all curves that have any, means over heads included.
  let values: [CurveKey: CurveValues]

  /// `means`: the curves of means over heads; `replicates`: half-sample values of similarity rows, the
  /// same halves in every row.
  init(
    _ set: CurveSet, means: [Curve], windows: WindowPlan, replicates: [MeasurementKey: [Double]]
  ) {
    var rows: [ConvergenceRow] = []
    var undefined: [Measure: Int] = [:]
    var short = 0
    var values: [CurveKey: CurveValues] = [:]
    for curve in set.curves where curve.key.isSummarised {
      if curve.key.isSimilarity, curve.measured.count < Measure.fewestCheckpoints { short += 1 }
      var own = CurveValues()
      for window in windows.written {
        let summary = CurveSummary(
          curve, steps: windows.steps(of: curve.key.run, window), replicates: replicates)
        for measure in curve.key.measures {
          guard let row = summary.row(of: measure, window) else {
            if window == .all { undefined[measure, default: 0] += 1 }
            continue
          }
          rows.append(row)
          own.add(row)
        }
      }
      if !own.isEmpty { values[curve.key] = own }
    }
    // Means over heads stand beside the table: no row of the contract names them.
    for curve in means {
      var own = CurveValues()
      for window in windows.written {
        let summary = CurveSummary(
          curve, steps: windows.steps(of: curve.key.run, window), replicates: [:])
        for measure in curve.key.measures {
          guard let row = summary.row(of: measure, window) else { continue }
          own.add(row)
        }
      }
      if !own.isEmpty { values[curve.key] = own }
    }
    self.rows = rows
    self.values = values
    leftOut = Self.leftOut(undefined, shortCurves: short)
  }

  private static func leftOut(_ undefined: [Measure: Int], shortCurves: Int) -> [LeftOut] {
    var entries = Measure.allCases.compactMap { measure in
      undefined[measure].map {
        LeftOut(
          what: "measures", reason: "not defined on the curve of all checkpoints", count: $0,
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
