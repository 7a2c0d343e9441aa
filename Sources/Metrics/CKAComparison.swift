/// Linear CKA of two activation matrices by both estimators, with all that stands beside it.
package struct CKAComparison: Sendable, Equatable {
  package let biased: CKAResult
  package let debiased: CKAResult
  /// The largest change of debiased CKA when one sequence is left out, in [0, 2].
  package let rowInfluence: Result<Double, Gap>
  /// The largest share of one row of X in ‖K‖²_F, K the centred Gram matrix, in (0, 1].
  package let topRowShare: Result<Double, Gap>

  package subscript(estimator: CKAEstimator) -> CKAResult {
    estimator == .biased ? biased : debiased
  }
}

/// One estimator's value with interval and null floor.
package struct CKAResult: Sendable, Equatable {
  package let value: Result<Double, Gap>
  /// The 95 % interval θ̂ + quantiles of (θ_half − mean of θ_half): delete-d jackknife, Shao & Wu
  /// 1989; nil with fewer than 8 sequences.
  package let lower: Double?
  package let upper: Double?
  /// The value over each half of the sequences, the same halves for every comparison with one
  /// `Resampling`; nil where it has none. Empty with fewer than 8 sequences or without a value.
  package let halves: [Double?]
  /// Mean and 95 % quantile over re-paired sequences; nil where these can't be paired.
  package let nullMean: Double?
  package let nullQ95: Double?
}

/// What to compute beside the value.
package struct CKAParts: OptionSet, Sendable {
  package let rawValue: Int
  package init(rawValue: Int) { self.rawValue = rawValue }

  /// Interval and values by half.
  package static let intervals = CKAParts(rawValue: 1)
  /// Mean and 95 % quantile over re-paired sequences.
  package static let null = CKAParts(rawValue: 2)
  /// Row influence and top row's share.
  package static let influence = CKAParts(rawValue: 4)
  package static let all: CKAParts = [.intervals, .null, .influence]
}
