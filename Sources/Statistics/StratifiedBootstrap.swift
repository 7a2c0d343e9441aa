/// Percentile intervals of a stratified correlation: whole pairs (layers) are drawn with
/// replacement within their stratum, as many as there are.
///
/// Descriptive: neighbouring layers are not exchangeable, and in null cases that are smooth in depth
/// such an interval leaves out 0 in up to 30 % (METHODS, section 6).
package struct StratifiedBootstrap: Sendable {
  package let method: CorrelationMethod
  package let scope: CorrelationScope
  package let resamples: Int

  package init(method: CorrelationMethod, scope: CorrelationScope, resamples: Int = 2_000) {
    self.method = method
    self.scope = scope
    self.resamples = resamples
  }

  /// The 2.5 and 97.5 % quantiles (type 7) of the resampled coefficient.
  ///
  /// A resample with constant x or y, fewer than 3 different pairs or an undefined coefficient is
  /// drawn again. Nil where the statistic is not defined, where 200 draws in a row fail, and given
  /// a quadratic control.
  package func interval(
    _ samples: [PairedSample], level: Double = 0.95, using generator: inout SeededGenerator
  ) -> Interval? {
    guard scope.control != .quadratic,
      let observed = StratifiedCorrelation(samples, method: method, scope: scope)
        ?? single(samples)
    else { return nil }
    let strata =
      scope == .pooled
      ? [WeightedCorrelation(samples, method: method, control: .none)]
      : observed.usable.map {
        WeightedCorrelation([samples[$0]], method: method, control: scope.control)
      }
    var columns: [[Double]] = []
    for stratum in strata {
      guard let column = stratum.resampled(resamples, using: &generator) else { return nil }
      columns.append(column)
    }
    guard var estimates = combined(columns, strata.map(\.count)) else { return nil }
    estimates.sort()
    guard let lower = quantile((1 - level) / 2, ofSorted: estimates),
      let upper = quantile((1 + level) / 2, ofSorted: estimates)
    else { return nil }
    return Interval(lower: lower, upper: upper)
  }

  /// A single stratum that is too small for a variance is still resampled.
  private func single(_ samples: [PairedSample]) -> StratifiedCorrelation? {
    guard samples.count == 1, let sample = samples.first,
      let r = partialCorrelation(
        method, sample.x, sample.y, given: sample.control, scope.control
      ).value
    else { return nil }
    return StratifiedCorrelation(estimate: r, n: sample.count, usable: [0], combined: nil)
  }

  /// The combined coefficient of each resample; of one stratum its own.
  private func combined(_ columns: [[Double]], _ counts: [Int]) -> [Double]? {
    guard columns.count > 1 else { return columns.first }
    let scales = counts.compactMap {
      FisherZ.Scale(n: $0, method: method, control: scope.control)
    }
    guard scales.count == columns.count else { return nil }
    let variances = scales.map(\.variance)
    var z = variances
    return (0..<resamples).map { draw in
      for stratum in scales.indices { z[stratum] = scales[stratum].z(columns[stratum][draw]) }
      return inverseFisher(RandomEffects.mean(of: z, variances: variances))
    }
  }
}
