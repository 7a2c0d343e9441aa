package import LinearAlgebra

/// The rows of every sequence with their own inner products as one more feature: [x_i, x_i · x_i].
///
/// One product of two such sides holds all the sums over pairs of rows that HSIC needs: Σ x_i y_iᵀ,
/// Σ x_i l_i, Σ k_i y_iᵀ and Σ k_i l_i. Held in float32: [all rows, features + 1].
package struct AugmentedSequences: Sendable {
  let features: Int
  /// [rows, features + 1] of each sequence, shifted and scaled.
  let sequences: [Matrix<Float>]
  /// Σ x_i over all rows, and Σ x_i · x_i.
  private let sums: [Double]
  private let squares: Double

  /// `rows` gives the rows of each of `count` sequences [r, p], asked for in order; `norms` are those
  /// of the same rows.
  package init(
    _ count: Int, norms: StreamedNorms, _ rows: (Int) throws -> Matrix<Float>
  ) throws {
    precondition(count > 0, "no sequences")
    let exponent = norms.exponent
    var shifted: ShiftedRows?
    var sequences: [Matrix<Float>] = []
    var (sums, squares) = ([Double](), 0.0)
    for index in 0..<count {
      let matrix = try rows(index)
      var rows = shifted ?? ShiftedRows(features: matrix.columns, exponent: exponent)
      let p = rows.features
      if sums.isEmpty { sums = .init(repeating: 0, count: p) }
      let values = rows.shifted(matrix)
      shifted = rows
      var augmented: [Float] = []
      augmented.reserveCapacity(matrix.rows * (p + 1))
      values.withUnsafeBufferPointer { values in
        for row in 0..<matrix.rows {
          var square = 0.0
          for feature in 0..<p {
            let value = values[row * p + feature]
            augmented.append(Float(value))
            sums[feature] += value
            square += value * value
          }
          augmented.append(Float(square))
          squares += square
        }
      }
      sequences.append(Matrix(rows: matrix.rows, columns: p + 1, elements: augmented))
    }
    features = shifted?.features ?? 0
    (self.sequences, self.sums, self.squares) = (sequences, sums, squares)
  }

  /// Σ over sequences of XᵀY with sequence s of X against `pairing[s]` of Y, [p + 1, q + 1] in
  /// Double, and the sums that go with it.
  func crossed(with other: AugmentedSequences, pairing: [Int]) -> ([Double], HSICSums) {
    let (m, n) = (features + 1, other.features + 1)
    var total = [Double](repeating: 0, count: m * n)
    var part = [Float](repeating: 0, count: m * n)
    for start in stride(from: 0, to: pairing.count, by: Self.sequencesInFloat) {
      let chunk = start..<min(start + Self.sequencesInFloat, pairing.count)
      for own in chunk {
        let (x, y) = (sequences[own], other.sequences[pairing[own]])
        guard x.rows > 0 else { continue }
        Float.gemm(
          .transposed, .none, m: m, n: n, k: x.rows, alpha: 1, x.elements, lda: m, y.elements,
          ldb: n, beta: own == chunk.lowerBound ? 0 : 1, &part, ldc: n)
      }
      for index in total.indices { total[index] += Double(part[index]) }
    }
    var sums = HSICSums(features, other.features)
    sums.count = Double(pairing.reduce(0) { $0 + sequences[$1].rows })
    (sums.x, sums.y, sums.k, sums.l) = (self.sums, other.sums, squares, other.squares)
    for feature in 0..<features { sums.xByL[feature] = total[feature * n + n - 1] }
    for feature in 0..<other.features { sums.yByK[feature] = total[(m - 1) * n + feature] }
    sums.kl = total[m * n - 1]
    return (total, sums)
  }

  /// How many sequences' products are summed in float32 before they go into the total.
  private static let sequencesInFloat = 8
}
