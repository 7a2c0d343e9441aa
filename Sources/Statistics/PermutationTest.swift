/// Permutation p-values of a stratified correlation: x is permuted within its stratum.
package struct PermutationTest: Sendable {
  package let method: CorrelationMethod
  package let scope: CorrelationScope
  package let permutations: Int

  package init(method: CorrelationMethod, scope: CorrelationScope, permutations: Int = 9_999) {
    self.method = method
    self.scope = scope
    self.permutations = permutations
  }

  /// Two-sided by doubling the smaller tail, each tail (1 + hits) / (1 + permutations) (Phipson &
  /// Smyth 2010), at most 1; nil where the statistic is not defined.
  ///
  /// Given a control: Freedman & Lane 1983, the residuals of x on the control are permuted and put
  /// on top of its fitted values.
  package func p(_ samples: [PairedSample], using generator: inout SeededGenerator) -> Double? {
    guard let statistic = PermutedStatistic(samples, method: method, scope: scope) else {
      return nil
    }
    let observed = statistic.observed
    // The same permutation gives the same value only up to rounding.
    let slack = 1e-11
    var above = 0
    var below = 0
    for drawn in statistic.draws(permutations, using: &generator) {
      if drawn >= observed - slack { above += 1 }
      if drawn <= observed + slack { below += 1 }
    }
    return addOneP(above: above, below: below, draws: permutations)
  }
}

/// The doubled smaller tail of a permutation distribution, the observed arrangement counted with it.
func addOneP(above: Int, below: Int, draws: Int) -> Double {
  min(1, 2 * Double(1 + min(above, below)) / Double(1 + draws))
}

/// The statistic of a permutation test and its draws.
struct PermutedStatistic {
  private let kernels: [PermutationKernel]
  private let counts: [Int]
  private let method: CorrelationMethod
  private let scope: CorrelationScope
  let observed: Double

  init?(_ samples: [PairedSample], method: CorrelationMethod, scope: CorrelationScope) {
    self.method = method
    self.scope = scope
    switch scope {
    case .pooled:
      let all = PairedSample.joined(samples)
      var segments: [Range<Int>] = []
      for sample in samples {
        let start = segments.last?.upperBound ?? 0
        segments.append(start..<start + sample.count)
      }
      guard
        let kernel = PermutationKernel(all, method: method, control: .none, segments: segments)
      else { return nil }
      kernels = [kernel]
      counts = [all.count]
      observed = kernel.observed
    case .within(let control):
      // Strata that are no use to the combination would only dilute it. A single stratum is tested
      // as it is, however small.
      let usable =
        samples.count == 1
        ? [0]
        : StratifiedCorrelation(samples, method: method, scope: scope)?.usable ?? []
      let kernels = usable.compactMap { index in
        PermutationKernel(
          samples[index], method: method, control: control,
          segments: [0..<samples[index].count])
      }
      guard !kernels.isEmpty, kernels.count == usable.count else { return nil }
      self.kernels = kernels
      counts = usable.map { samples[$0].count }
      observed = Self.combine(kernels.map(\.observed), counts, method, control)
    }
  }

  /// The statistic of `count` random arrangements.
  func draws(_ count: Int, using generator: inout SeededGenerator) -> [Double] {
    let drawn = kernels.map { $0.draws(count, using: &generator) }
    guard drawn.count > 1 else { return drawn[0] }
    let scales = counts.compactMap {
      FisherZ.Scale(n: $0, method: method, control: scope.control)
    }
    precondition(scales.count == drawn.count, "an unusable stratum among \(counts)")
    let variances = scales.map(\.variance)
    var z = variances
    return (0..<count).map { index in
      for stratum in scales.indices { z[stratum] = scales[stratum].z(drawn[stratum][index]) }
      return RandomEffects.mean(of: z, variances: variances)
    }
  }

  /// The combined mean on Fisher's scale; of one stratum the coefficient itself, which orders alike.
  private static func combine(
    _ coefficients: [Double], _ counts: [Int], _ method: CorrelationMethod,
    _ control: CorrelationControl
  ) -> Double {
    if coefficients.count == 1 { return coefficients[0] }
    let effects = coefficients.indices.compactMap {
      FisherZ(coefficients[$0], n: counts[$0], method: method, control: control)
    }
    return RandomEffects(effects)?.mean ?? 0
  }
}
