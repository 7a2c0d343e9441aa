package import LinearAlgebra
import Statistics

/// The null floor of streamed rows: CKA over all rows with whole sequences re-paired, from stored
/// captures. Each draw reads every sequence once and costs one product XᵀY over all rows.
package struct StreamedNull: Sendable {
  private let pairings: [[Int]]

  package init(sequences: Int, draws: Int = 100, seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    pairings = (0..<draws).map { _ in generator.permutation(of: sequences) }
  }

  /// Mean and 95 % quantile of one estimator.
  package struct Floor: Sendable, Equatable {
    package let mean: Double
    package let q95: Double
  }

  /// The floor by estimator. `x` and `y` give the rows of a sequence [r, p] and [r, q], the same r
  /// for all; the norms are those of the same rows.
  package func floor(
    norms: (x: StreamedNorms, y: StreamedNorms), lanes: Lanes = .single,
    x: @Sendable (Int) throws -> Matrix<Float>, y: @Sendable (Int) throws -> Matrix<Float>
  ) throws -> [CKAEstimator: Result<Floor, Gap>] {
    let defined = CKAEstimator.allCases.filter {
      norms.x.gap(for: $0) == nil && norms.y.gap(for: $0) == nil
    }
    let draws = try lanes.map(pairings.count) { draw in
      try defined.isEmpty ? nil : values(pairings[draw], defined, norms: norms, x: x, y: y)
    }
    var floors: [CKAEstimator: Result<Floor, Gap>] = [:]
    for estimator in CKAEstimator.allCases {
      let values = draws.compactMap { $0?[estimator] }
      if let gap = norms.x.gap(for: estimator) ?? norms.y.gap(for: estimator) {
        floors[estimator] = .failure(gap)
      } else if let mean = mean(of: values), let q95 = quantile(0.95, of: values),
        values.count == pairings.count
      {
        floors[estimator] = .success(Floor(mean: mean, q95: q95))
      } else {
        floors[estimator] = .failure(.unequalSequences)
      }
    }
    return floors
  }

  /// The values with one pairing; nil where two partners have different numbers of rows.
  private func values(
    _ pairing: [Int], _ estimators: [CKAEstimator], norms: (x: StreamedNorms, y: StreamedNorms),
    x: (Int) throws -> Matrix<Float>, y: (Int) throws -> Matrix<Float>
  ) throws -> [CKAEstimator: Double]? {
    var parts: (x: ShiftedRows, y: ShiftedRows, sums: HSICSums, products: GroupedProducts)?
    for (own, partner) in pairing.enumerated() {
      let (xs, ys) = (try x(own), try y(partner))
      guard xs.rows == ys.rows else { return nil }
      var current =
        parts
        ?? (
          ShiftedRows(features: xs.columns, exponent: norms.x.exponent),
          ShiftedRows(features: ys.columns, exponent: norms.y.exponent),
          HSICSums(xs.columns, ys.columns),
          GroupedProducts(features: xs.columns, ys.columns, groups: 0)
        )
      parts = nil
      let (a, b) = (current.x.shifted(xs), current.y.shifted(ys))
      current.sums.add(a, b, rows: xs.rows)
      current.products.add(a, b, rows: xs.rows, group: 0)
      parts = current
    }
    guard let parts else { return nil }
    return Dictionary(
      uniqueKeysWithValues: estimators.map { estimator in
        let scale = (norms.x.all[estimator] * norms.y.all[estimator]).squareRoot()
        return (estimator, parts.products.hsic(estimator, parts.sums) / scale)
      })
  }
}
