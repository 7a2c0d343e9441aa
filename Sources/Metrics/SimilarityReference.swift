package import LinearAlgebra
import Statistics

/// One activation matrix made ready to be compared by linear CKA: inner products of its centred
/// rows, norms, and its sums over the halves of the probe.
///
/// Built once for each final checkpoint x layer x component, and once for a checkpoint that is
/// compared with more than one other (final and previous). Holds n² + halves · n numbers, whatever
/// the number of features.
package struct SimilarityReference: Sendable {
  private let gram: CenteredGram
  private let resampling: Resampling
  private let halves: SubsetMoments?
  private let leavingOut: SubsetMoments?

  /// Prepares `activations` [n, p], whose rows are those of `resampling.groups`.
  ///
  /// A matrix without a similarity (too few rows, constant, not finite) is prepared too: its
  /// comparisons carry the gap.
  package init<Scalar: BLASScalar>(_ activations: Matrix<Scalar>, resampling: Resampling) {
    self.init(activations, resampling: resampling, parts: .all)
  }

  /// Prepares no more than `parts` need.
  private init<Scalar: BLASScalar>(
    _ activations: Matrix<Scalar>, resampling: Resampling, parts: CKAParts
  ) {
    precondition(
      activations.rows == resampling.groups.rows,
      "\(activations.rows) rows, but the resampling is over \(resampling.groups.rows)")
    gram = CenteredGram(of: activations)
    self.resampling = resampling
    let usable = gram.gap == nil
    halves =
      usable && parts.contains(.intervals) && resampling.membership.count > 0
      ? SubsetMoments(gram, over: resampling.membership) : nil
    leavingOut =
      usable && parts.contains(.influence) && resampling.leavingOut.count > 0
      ? SubsetMoments(gram, over: resampling.leavingOut) : nil
  }

  /// CKA of `activations` [n, q] over the same rows with this one.
  package func compare<Scalar: BLASScalar>(
    _ activations: Matrix<Scalar>, parts: CKAParts = .all
  ) -> CKAComparison {
    compare(
      SimilarityReference(activations, resampling: resampling, parts: parts), parts: parts)
  }

  /// CKA of a prepared matrix over the same rows with this one; the top row's share is `other`'s.
  package func compare(_ other: SimilarityReference, parts: CKAParts = .all) -> CKAComparison {
    precondition(
      other.gram.count == gram.count,
      "\(other.gram.count) rows against \(gram.count): rows must be matched")
    let defined = CKAEstimator.allCases.filter {
      other.gram.gap(for: $0) == nil && gram.gap(for: $0) == nil
    }
    let byHalf =
      parts.contains(.intervals)
      ? halves.flatMap { own in
        other.halves?.similarities(to: own, over: resampling.membership)
      } ?? [:] : [:]
    let null =
      parts.contains(.null)
      ? NullFloor.values(
        other.gram, gram, resampling, estimators: defined) : [:]
    func result(_ estimator: CKAEstimator) -> CKAResult {
      do throws(Gap) {
        return CKAResult(
          value: try other.gram.similarity(to: gram, estimator: estimator),
          halves: byHalf[estimator] ?? [], null: null[estimator] ?? [])
      } catch {
        return CKAResult(gap: error)
      }
    }
    let debiased = result(.debiased)
    return CKAComparison(
      biased: result(.biased), debiased: debiased,
      rowInfluence: parts.contains(.influence)
        ? rowInfluence(of: other, value: debiased.value) : .failure(.notRequested),
      topRowShare: parts.contains(.influence)
        ? other.topRowShare : .failure(.notRequested))
  }

  private func rowInfluence(
    of other: SimilarityReference, value: Result<Double, Gap>
  ) -> Result<Double, Gap> {
    guard case .success(let estimate) = value else { return value }
    guard let own = leavingOut, let others = other.leavingOut else {
      return RowInfluence.ofSingleRows(other.gram, gram)
    }
    let values = others.similarities(to: own, over: resampling.leavingOut)[.debiased] ?? []
    return RowInfluence.largestChange(from: estimate, to: values)
  }

  private var topRowShare: Result<Double, Gap> {
    if let gap = gram.gap { return .failure(gap) }
    return .success(gram.rowShares.max() ?? 0)
  }
}

extension CKAResult {
  init(gap: Gap) {
    self.init(
      value: .failure(gap), lower: nil, upper: nil, halves: [], nullMean: nil, nullQ95: nil)
  }

  /// The interval from the values by half, and the summary of the null values.
  init(value: Double, halves: [Double?], null: [Double]) {
    let known = halves.compactMap(\.self)
    let center = mean(of: known) ?? 0
    let deviations = known.map { $0 - center }.sorted()
    let ordered = null.sorted()
    self.init(
      value: .success(value),
      lower: quantile(0.025, ofSorted: deviations).map { value + $0 },
      upper: quantile(0.975, ofSorted: deviations).map { value + $0 },
      halves: halves, nullMean: mean(of: null), nullQ95: quantile(0.95, ofSorted: ordered))
  }
}
