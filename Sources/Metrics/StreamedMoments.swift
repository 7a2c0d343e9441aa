package import LinearAlgebra

/// HSIC of one streamed matrix with itself, over all rows and without each group: what a pair needs
/// of either side. A reference's is computed once.
package struct StreamedNorms: Sendable, Equatable {
  /// HSIC by both estimators, up to the factor that cancels.
  struct Terms: Sendable, Equatable {
    var biased: Double
    var debiased: Double

    subscript(estimator: CKAEstimator) -> Double {
      estimator == .biased ? biased : debiased
    }
  }

  let all: Terms
  let withoutGroup: [Terms]
  let count: Int
  /// The power of two by which the rows were divided.
  let exponent: Int
  /// Whether every entry was finite.
  let allFinite: Bool

  func gap(for estimator: CKAEstimator) -> Gap? {
    if !allFinite { return .nonFinite }
    if count < estimator.smallestRowCount { return .tooFewRows }
    if all.biased == 0 { return .constantMatrix }
    return all[estimator] > 0 ? nil : .noPairVariation
  }
}

/// Accumulates the rows of one activation matrix [N, p] in batches, by group of sequences; memory
/// does not grow with N: p² numbers, and half of that again for each group.
package struct StreamedMoments: Sendable {
  private var rows: ShiftedRows
  private var sums: [HSICSums]
  private var products: GroupedProducts

  /// `groups` of sequences; 0 without intervals.
  package init(features: Int, groups: Int = 20) {
    rows = ShiftedRows(features: features)
    sums = .init(repeating: HSICSums(features, features), count: max(groups, 1))
    products = GroupedProducts(features: features, features, groups: groups)
  }

  /// Adds rows [b, p] of the sequences of one group. What `lanes` cut is cut in the same places for
  /// every width.
  package mutating func add<Scalar: BLASScalar>(
    _ batch: Matrix<Scalar>, group: Int = 0, lanes: Lanes = .single
  ) {
    let shifted = rows.shifted(batch)
    guard rows.allFinite else { return }
    sums[group].add(shifted, shifted, rows: batch.rows)
    products.add(shifted, shifted, rows: batch.rows, group: group, lanes: lanes)
  }

  /// The norms, after the last batch.
  package mutating func norms() -> StreamedNorms {
    products.finishGroup()
    let total = StreamedSums.total(sums)
    let scale = products.squaredNorm
    let groups = sums.count < 2 ? 0..<0 : sums.indices
    let withoutGroup = groups.map { group in
      var rest = total
      rest.add(sums[group], sign: -1)
      return terms(rest, without: group, scale: scale)
    }
    return StreamedNorms(
      all: terms(total, without: nil, scale: scale), withoutGroup: withoutGroup,
      count: Int(total.count), exponent: rows.exponent ?? 0, allFinite: rows.allFinite)
  }

  private func terms(_ sums: HSICSums, without group: Int?, scale: Double) -> StreamedNorms.Terms {
    func value(_ estimator: CKAEstimator) -> Double {
      guard sums.count >= Double(estimator.smallestRowCount) else { return 0 }
      let value = products.hsic(estimator, sums, without: group)
      // Less than the rounding of the sums is nothing.
      return value > StreamedSums.roundingShare * scale ? value : 0
    }
    return .init(biased: value(.biased), debiased: value(.debiased))
  }
}

enum StreamedSums {
  /// What rounding may leave of ‖C‖²_F, for sums over up to 10⁹ rows.
  static let roundingShare = 1e-13

  static func total(_ groups: [HSICSums]) -> HSICSums {
    guard var total = groups.first else { preconditionFailure("no groups") }
    for group in groups.dropFirst() { total.add(group) }
    return total
  }
}
