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

  /// The floor by estimator. `x` and `y` give the two sides where there is something to compare; the
  /// norms are those of the same rows.
  ///
  /// Products are taken in float32 over few sequences at a time and summed in Double: the floor is
  /// good to 1e-6.
  package func floor(
    norms: (x: StreamedNorms, y: StreamedNorms), lanes: Lanes = .single,
    x: () throws -> AugmentedSequences, y: () throws -> AugmentedSequences
  ) throws -> [CKAEstimator: Result<Floor, Gap>] {
    let gaps = Dictionary(
      uniqueKeysWithValues: CKAEstimator.allCases.map {
        ($0, norms.x.gap(for: $0) ?? norms.y.gap(for: $0))
      })
    let defined = CKAEstimator.allCases.filter { gaps[$0] == .some(nil) }
    var draws: [[CKAEstimator: Double]] = []
    if !defined.isEmpty, let sides = Sides(x: try x(), y: try y()) {
      draws = try lanes.map(pairings.count) { draw in
        values(pairings[draw], defined, norms: norms, sides: sides)
      }
    }
    return Dictionary(
      uniqueKeysWithValues: CKAEstimator.allCases.map { estimator in
        let values = draws.compactMap { $0[estimator] }
        if let gap = gaps[estimator] ?? nil { return (estimator, .failure(gap)) }
        guard let mean = mean(of: values), let q95 = quantile(0.95, of: values) else {
          return (estimator, .failure(.unequalSequences))
        }
        return (estimator, .success(Floor(mean: mean, q95: q95)))
      })
  }

  /// Both sides' rows; nil where sequences have different numbers of them.
  private struct Sides: Sendable {
    let x: AugmentedSequences
    let y: AugmentedSequences

    init?(x: AugmentedSequences, y: AugmentedSequences) {
      let rows = x.sequences[0].rows
      guard (x.sequences + y.sequences).allSatisfy({ $0.rows == rows }) else { return nil }
      (self.x, self.y) = (x, y)
    }
  }

  private func values(
    _ pairing: [Int], _ estimators: [CKAEstimator], norms: (x: StreamedNorms, y: StreamedNorms),
    sides: Sides
  ) -> [CKAEstimator: Double] {
    let (product, sums) = sides.x.crossed(with: sides.y, pairing: pairing)
    let columns = sides.y.features + 1
    return Dictionary(
      uniqueKeysWithValues: estimators.map { estimator in
        let inner = product.withUnsafeBufferPointer { product in
          sums.hsic(estimator) { a, b in product[a * columns + b] }
        }
        let scale = (norms.x.all[estimator] * norms.y.all[estimator]).squareRoot()
        return (estimator, inner / scale)
      })
  }
}
