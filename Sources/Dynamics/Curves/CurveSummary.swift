import Statistics

/// One curve in one window, ready to be summarised.
struct CurveSummary {
  /// Below this many sequences a half is too small for an interval.
  static let fewestSequences = 8
  /// An interval needs the measure on at least this share of the halves.
  static let fewestHalves = 0.5

  private let key: CurveKey
  private let measures: CurveMeasures
  private let endsAtFinal: Bool
  /// The curve of each half of the sequences.
  private let halves: [CurveMeasures]

  init(_ curve: Curve, steps: [Int], replicates: [MeasurementKey: [Double]]) {
    let window = Set(steps)
    let points = curve.measured.filter { window.contains($0.step) }
    key = curve.key
    measures = CurveMeasures(
      steps: points.map { Double($0.step) }, u: points.map(\.u), c: points.map(\.value))
    endsAtFinal = points.last?.step == curve.finalStep
    halves = Self.halves(of: curve, points, measures, replicates)
  }

  func row(of measure: Measure, _ window: Window) -> ConvergenceRow? {
    let count = measures.c.count
    if key.isSimilarity, measure != .at, count < Measure.fewestCheckpoints { return nil }
    guard let value = measure.value(of: measures, endsAtFinal: endsAtFinal) else { return nil }
    let interval = interval(of: measure, around: value)
    return ConvergenceRow(
      curve: key, window: window, measure: measure, value: finite(value),
      lower: interval.flatMap { finite($0.lower) }, upper: interval.flatMap { finite($0.upper) },
      n: count)
  }

  /// Delete-half jackknife: the estimate plus the spread of the halves around their mean; for
  /// `settling` the plain quantiles of the halves, never-settling above every u.
  private func interval(of measure: Measure, around value: Double) -> Interval? {
    guard !halves.isEmpty else { return nil }
    let values = halves.compactMap { measure.value(of: $0, endsAtFinal: endsAtFinal) }.sorted()
    guard Double(values.count) >= Self.fewestHalves * Double(halves.count),
      let low = quantile(0.025, ofSorted: values), let high = quantile(0.975, ofSorted: values)
    else { return nil }
    if measure == .settling { return Interval(lower: low, upper: high) }
    guard let center = mean(of: values) else { return nil }
    return Interval(lower: value + low - center, upper: value + high - center)
  }

  private static func halves(
    of curve: Curve, _ points: [CurvePoint], _ measures: CurveMeasures,
    _ replicates: [MeasurementKey: [Double]]
  ) -> [CurveMeasures] {
    guard !replicates.isEmpty, curve.key.isSimilarity, !points.isEmpty,
      (curve.n ?? fewestSequences) >= fewestSequences
    else { return [] }
    let columns = points.compactMap { replicates[MeasurementKey(curve: curve.key, step: $0.step)] }
    guard columns.count == points.count, let draws = columns.map(\.count).min() else { return [] }
    return (0..<draws).compactMap { draw in
      let c = columns.map { $0[draw] }
      guard c.allSatisfy(\.isFinite) else { return nil }
      return CurveMeasures(steps: measures.steps, u: measures.u, c: c)
    }
  }

  private func finite(_ value: Double) -> Double? { value.isFinite ? value : nil }
}
