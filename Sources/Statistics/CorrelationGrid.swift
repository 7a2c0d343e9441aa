/// Permutation p-values and bootstrap intervals of many coefficients at once: lists x with lists y over
/// the same layers of the same strata.
///
/// All pairs see the same draws, so that ranks are taken once a list and not once a pair. What a
/// pair gets depends on its own two lists, the strata and the generator alone.
///
/// Descriptive: neighbouring layers are not exchangeable (METHODS, section 6).
package struct CorrelationGrid: Sendable {
  /// The lists of one stratum; the same number of lists in each.
  package struct Stratum: Sendable {
    package let xs: [[Double]]
    package let ys: [[Double]]
    package let control: [Double]

    package init(xs: [[Double]], ys: [[Double]], control: [Double]) {
      precondition(
        (xs + ys).allSatisfy { $0.count == control.count },
        "lists of other lengths than the control's \(control.count)")
      self.xs = xs
      self.ys = ys
      self.control = control
    }
  }

  private let units: [GridUnit]
  private let method: CorrelationMethod
  private let scope: CorrelationScope
  /// Of each unit's coefficient on Fisher's scale; empty for a single unit.
  private let scales: [FisherZ.Scale]

  /// Nil without a stratum, and where several are combined of which one is too small for a variance.
  package init?(_ strata: [Stratum], method: CorrelationMethod, scope: CorrelationScope) {
    guard let first = strata.first else { return nil }
    self.method = method
    self.scope = scope
    if scope == .pooled {
      var segments: [Range<Int>] = []
      for stratum in strata {
        let start = segments.last?.upperBound ?? 0
        segments.append(start..<start + stratum.control.count)
      }
      units = [
        GridUnit(
          xs: first.xs.indices.map { i in strata.flatMap { $0.xs[i] } },
          ys: first.ys.indices.map { i in strata.flatMap { $0.ys[i] } },
          control: strata.flatMap(\.control), segments: segments)
      ]
    } else {
      units = strata.map {
        GridUnit(xs: $0.xs, ys: $0.ys, control: $0.control, segments: [0..<$0.control.count])
      }
    }
    scales =
      units.count > 1
      ? units.compactMap {
        FisherZ.Scale(n: $0.count, method: method, control: scope.control)
      } : []
    guard units.count == 1 || scales.count == units.count else { return nil }
  }

  /// Two-sided by doubling the smaller tail, each tail (1 + hits) / (1 + permutations) (Phipson &
  /// Smyth 2010), at most 1; nil where the coefficient is not defined. x is permuted within its
  /// stratum. Of several strata the mean of their coefficients, weighted by 1 / variance, is tested.
  package func p(
    _ pairs: [GridPair], permutations: Int = 9_999, using generator: inout SeededGenerator
  ) -> [Double?] {
    guard permutations > 0 else { return pairs.map { _ in nil } }
    let weights = scales.isEmpty ? [1] : scales.map { 1 / $0.variance }
    let observed = pairs.map { self.observed($0, weights) }
    var permuted = units.map {
      PermutedUnit($0, pairs, method: method, control: scope.control)
    }
    // The same permutation gives the same value only up to rounding.
    let slack = 1e-11 * weights.reduce(0, +)
    let high = observed.map { ($0 ?? 0) - slack }
    let low = observed.map { ($0 ?? 0) + slack }
    var above = [Int](repeating: 0, count: pairs.count)
    var below = above
    var totals = [Double](repeating: 0, count: pairs.count)
    for _ in 0..<permutations {
      for place in totals.indices { totals[place] = 0 }
      for index in permuted.indices {
        permuted[index].add(weight: weights[index], to: &totals, using: &generator)
      }
      for place in totals.indices {
        above[place] += totals[place] >= high[place] ? 1 : 0
        below[place] += totals[place] <= low[place] ? 1 : 0
      }
    }
    return pairs.indices.map { place -> Double? in
      guard observed[place] != nil else { return nil }
      let tail = Double(1 + min(above[place], below[place]))
      return min(1, 2 * tail / Double(1 + permutations))
    }
  }

  private func observed(_ pair: GridPair, _ weights: [Double]) -> Double? {
    var total = 0.0
    for (unit, weight) in zip(units, weights) {
      let coefficient = partialCorrelation(
        method, unit.xs[pair.x], unit.ys[pair.y], given: unit.control, scope.control)
      guard coefficient != .undefined else { return nil }
      total += weight * (coefficient.value ?? 0)
    }
    return total
  }

  /// Percentile intervals: whole layers are drawn with replacement within their stratum, as many as
  /// there are; the 2.5 and 97.5 % quantiles (type 7) of the coefficient.
  ///
  /// A resample with constant x or y, fewer than 3 different layers or an undefined coefficient is
  /// drawn again. Nil where one in ten draws gives none of use, and given a quadratic control.
  package func intervals(
    _ pairs: [GridPair], resamples: Int = 2_000, level: Double = 0.95,
    using generator: inout SeededGenerator
  ) -> [Interval?] {
    guard scope.control != .quadratic, resamples > 0 else { return pairs.map { _ in nil } }
    // How many draws a unit takes depends on all pairs: the next one must not see it.
    let columns = units.map { unit in
      var own = SeededGenerator(seed: generator.next())
      return Self.column(
        ResampledUnit(unit, method: method, control: scope.control), pairs, resamples, &own)
    }
    return pairs.indices.map { place in
      guard columns.allSatisfy({ $0.counts[place] == resamples }) else { return nil }
      let range = place * resamples..<(place + 1) * resamples
      var estimates = Array(columns[0].values[range])
      if columns.count > 1 {
        var z = scales.map(\.variance)
        let variances = z
        for draw in estimates.indices {
          for (index, scale) in scales.enumerated() {
            z[index] = scale.z(columns[index].values[range.lowerBound + draw])
          }
          estimates[draw] = inverseFisher(RandomEffects.mean(of: z, variances: variances))
        }
      }
      return centralInterval(of: &estimates, level: level)
    }
  }

  /// The first `resamples` coefficients of each pair that are defined, pair after pair.
  private static func column(
    _ unit: ResampledUnit, _ pairs: [GridPair], _ resamples: Int,
    _ generator: inout SeededGenerator
  ) -> (values: [Double], counts: [Int]) {
    var unit = unit
    var values = [Double](repeating: 0, count: pairs.count * resamples)
    var counts = [Int](repeating: 0, count: pairs.count)
    var full = 0
    for _ in 0..<10 * resamples where full < pairs.count {
      guard unit.draw(using: &generator) else { break }
      values.withUnsafeMutableBufferPointer { values in
        counts.withUnsafeMutableBufferPointer { counts in
          unit.coefficients(pairs) { place, r in
            guard counts[place] < resamples, !r.isNaN else { return }
            values[place * resamples + counts[place]] = r
            counts[place] += 1
            if counts[place] == resamples { full += 1 }
          }
        }
      }
    }
    return (values, counts)
  }
}
