package import LinearAlgebra
import Statistics

/// CKA of two activation matrices X [N, p] and Y [N, q] that come in batches and are never held:
/// exactly the value over all N rows, by both estimators. METHODS section 3, `rows: all`.
///
/// The debiased estimate is the U-statistic over all pairs of different rows. It takes out the
/// diagonal, not the dependence of rows within a sequence.
package struct StreamedCKA: Sendable {
  private var x: StreamedMoments
  private let reference: StreamedNorms
  private var rowsOfX: ShiftedRows
  private var rowsOfY: ShiftedRows
  private var sums: [HSICSums]
  private var products: GroupedProducts

  /// X has `features` columns, Y `referenceFeatures`; `reference` are Y's norms by the same groups
  /// over the same rows.
  package init(
    features: Int, referenceFeatures: Int, groups: Int = 20, reference: StreamedNorms
  ) {
    x = StreamedMoments(features: features, groups: groups)
    self.reference = reference
    rowsOfX = ShiftedRows(features: features)
    rowsOfY = ShiftedRows(features: referenceFeatures, exponent: reference.exponent)
    sums = .init(repeating: HSICSums(features, referenceFeatures), count: max(groups, 1))
    products = GroupedProducts(features: features, referenceFeatures, groups: groups)
  }

  /// Adds rows of X [b, p] and the matching ones of Y [b, q], of the sequences of one group.
  package mutating func add<Scalar: BLASScalar>(
    _ xs: Matrix<Scalar>, _ ys: Matrix<Scalar>, group: Int = 0, lanes: Lanes = .single
  ) {
    precondition(xs.rows == ys.rows, "\(xs.rows) rows against \(ys.rows): rows must be matched")
    x.add(xs, group: group, lanes: lanes)
    let (a, b) = (rowsOfX.shifted(xs), rowsOfY.shifted(ys))
    guard rowsOfX.allFinite, rowsOfY.allFinite else { return }
    sums[group].add(a, b, rows: xs.rows)
    products.add(a, b, rows: xs.rows, group: group, lanes: lanes)
  }

  /// The norms of X over the rows so far: what a null floor needs of this side.
  package mutating func norms() -> StreamedNorms { x.norms() }

  /// CKA over all rows with its interval, after the last batch.
  package mutating func result(_ estimator: CKAEstimator) -> StreamedEstimate {
    products.finishGroup()
    let norms = x.norms()
    let total = StreamedSums.total(sums)
    if let gap = norms.gap(for: estimator) ?? reference.gap(for: estimator) {
      return StreamedEstimate(value: .failure(gap))
    }
    precondition(
      norms.count == reference.count,
      "\(norms.count) rows against the reference's \(reference.count)")
    let value =
      products.hsic(estimator, total)
      / (norms.all[estimator] * reference.all[estimator]).squareRoot()
    let leftOut = leaveOneGroupOut(estimator, total: total, norms: norms)
    return StreamedEstimate(value: .success(value), leftOut: leftOut)
  }

  private func leaveOneGroupOut(
    _ estimator: CKAEstimator, total: HSICSums, norms: StreamedNorms
  ) -> [Double?] {
    guard norms.withoutGroup.count == reference.withoutGroup.count else { return [] }
    return norms.withoutGroup.indices.map { group in
      let (own, other) = (
        norms.withoutGroup[group][estimator], reference.withoutGroup[group][estimator]
      )
      guard own > 0, other > 0, sums[group].count > 0 else { return nil }
      var rest = total
      rest.add(sums[group], sign: -1)
      return products.hsic(estimator, rest, without: group) / (own * other).squareRoot()
    }
  }
}

/// A value over all rows with its jackknife.
package struct StreamedEstimate: Sendable, Equatable {
  package let value: Result<Double, Gap>
  /// The 95 % interval, t on (groups − 1) degrees of freedom around the value; nil with fewer than 8
  /// groups of sequences.
  package let lower: Double?
  package let upper: Double?
  /// The value without each group; nil where a group has no rows or the rest no value.
  package let leftOut: [Double?]

  init(value: Result<Double, Gap>, leftOut: [Double?] = []) {
    self.value = value
    self.leftOut = leftOut
    let values = leftOut.compactMap(\.self)
    guard case .success(let estimate) = value, values.count >= 8,
      let center = mean(of: values)
    else {
      (lower, upper) = (nil, nil)
      return
    }
    // Delete-one-group jackknife (Quenouille, Tukey; Shao & Wu 1989 with d = one group).
    let count = Double(values.count)
    let spread = values.reduce(0) { $0 + ($1 - center) * ($1 - center) }
    let error = ((count - 1) / count * spread).squareRoot()
    let half = StudentT(degreesOfFreedom: count - 1).quantile(0.975) * error
    (lower, upper) = (estimate - half, estimate + half)
  }
}
