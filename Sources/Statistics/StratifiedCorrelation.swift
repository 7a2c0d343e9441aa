/// The pairs of one stratum (the layers of one run), with the variable that may be held fixed.
package struct PairedSample: Sendable, Equatable {
  package let x: [Double]
  package let y: [Double]
  package let control: [Double]

  package init(x: [Double], y: [Double], control: [Double]) {
    precondition(
      x.count == y.count && x.count == control.count,
      "lists of \(x.count), \(y.count) and \(control.count) values do not pair")
    self.x = x
    self.y = y
    self.control = control
  }

  package var count: Int { x.count }

  static func joined(_ samples: [PairedSample]) -> PairedSample {
    PairedSample(
      x: samples.flatMap(\.x), y: samples.flatMap(\.y), control: samples.flatMap(\.control))
  }
}

/// How pairs of several strata are taken together.
package enum CorrelationScope: Sendable, Hashable {
  /// One coefficient over all pairs, whatever their stratum.
  case pooled
  /// A coefficient of each stratum, combined by random effects on Fisher's scale.
  case within(CorrelationControl)

  package var control: CorrelationControl {
    if case .within(let control) = self { control } else { .none }
  }
}

/// A correlation of several strata.
package struct StratifiedCorrelation: Sendable, Equatable {
  /// The coefficient, on its own scale.
  package let estimate: Double
  /// The pairs behind it.
  package let n: Int
  /// Indices of the strata that entered; the others are too small or not defined.
  package let usable: [Int]
  /// The usable strata combined on Fisher's scale; nil for `pooled`.
  package let combined: RandomEffects?

  /// Nil where no stratum can be used or, for `pooled`, the coefficient is not defined.
  ///
  /// A stratum whose x or y is an exact function of the control has a covariance of 0 left: it
  /// enters the combination as 0 (0/0 in exact arithmetic, an arbitrary number in floating point).
  package init?(_ samples: [PairedSample], method: CorrelationMethod, scope: CorrelationScope) {
    switch scope {
    case .pooled:
      let all = PairedSample.joined(samples)
      guard let r = correlation(method, all.x, all.y) else { return nil }
      estimate = r
      n = all.count
      usable = samples.indices.filter { samples[$0].count > 0 }
      combined = nil
    case .within(let control):
      var effects: [FisherZ] = []
      var indices: [Int] = []
      for (index, sample) in samples.enumerated() {
        let coefficient = partialCorrelation(
          method, sample.x, sample.y, given: sample.control, control)
        guard let r = coefficient == .explained ? 0 : coefficient.value,
          let effect = FisherZ(r, n: sample.count, method: method, control: control)
        else { continue }
        effects.append(effect)
        indices.append(index)
      }
      guard let combined = RandomEffects(effects) else { return nil }
      estimate = inverseFisher(combined.mean)
      n = indices.reduce(0) { $0 + samples[$1].count }
      usable = indices
      self.combined = combined
    }
  }

  init(estimate: Double, n: Int, usable: [Int], combined: RandomEffects?) {
    self.estimate = estimate
    self.n = n
    self.usable = usable
    self.combined = combined
  }

  /// Hartung–Knapp's interval on the scale of the coefficient; nil for `pooled` and for one stratum.
  package func hartungKnappInterval(level: Double = 0.95) -> Interval? {
    combined?.interval(level: level).map {
      Interval(lower: inverseFisher($0.lower), upper: inverseFisher($0.upper))
    }
  }
}
