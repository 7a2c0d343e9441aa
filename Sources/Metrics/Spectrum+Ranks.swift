import Foundation

// METHODS section 4, with p_i = σ_i / Σσ. Every measure of a zero matrix is the gap `zero_matrix`.

extension Spectrum {
  /// exp(−Σ p_i ln p_i) with 0 · ln 0 = 0, in [1, number of positive values]. The entropy is that of
  /// σ, not of σ². Roy & Vetterli 2007.
  package func effectiveRank() throws(Gap) -> Double {
    let total = try positiveSum { $0 }
    return exp(Self.entropy(values, total: total))
  }

  /// Effective rank / k, in (0, 1]: k = min(rows, columns) for a dense matrix, d_h for a head's OV
  /// product, min(2 d_h, d) for its gradient, d for the full product.
  package func per(k: Int) throws(Gap) -> Double {
    precondition(k >= 1, "PER over \(k) dimensions")
    return try effectiveRank() / Double(k)
  }

  /// ‖·‖²_F / σ₁² = Σσ² / σ₁², in [1, rank].
  package func stableRank() throws(Gap) -> Double {
    let largest = try largestValue()
    return values.reduce(0) { $0 + ($1 / largest) * ($1 / largest) }
  }

  /// (Σσ²)² / Σσ⁴, in [1, rank].
  package func participationRatio() throws(Gap) -> Double {
    let largest = try largestValue()
    let squares = values.map { ($0 / largest) * ($0 / largest) }
    let sum = squares.reduce(0, +)
    return sum * sum / squares.reduce(0) { $0 + $1 * $1 }
  }

  /// −Σ q_i ln q_i with q_i = σ_i² / Σσ², in nats, in [0, ln rank].
  package func spectralEntropy() throws(Gap) -> Double {
    let largest = try largestValue()
    let squares = values.map { ($0 / largest) * ($0 / largest) }
    return Self.entropy(squares, total: squares.reduce(0, +))
  }

  /// The number of values above max(rows, columns) ε σ₁ with ε = 2⁻²³; 0 for a zero matrix.
  ///
  /// The stored data are float32 or less, so a smaller value is rounding of the data.
  package var numericalRank: Int {
    guard let largest = values.first, largest > 0 else { return 0 }
    return values.prefix { $0 > numericalTolerance }.count
  }

  /// σ₁ / σ_k, ≥ 1; the gap `singular_matrix` where σ_k does not exceed the tolerance of the
  /// numerical rank.
  package func conditionNumber() throws(Gap) -> Double {
    let largest = try largestValue()
    guard let smallest = values.last, smallest > numericalTolerance else {
      throw .singularMatrix
    }
    return largest / smallest
  }

  /// σ₁; 0 for a zero matrix.
  package var spectralNorm: Double { values.first ?? 0 }

  /// Σσ; 0 for a zero matrix.
  package var nuclearNorm: Double { values.reduce(0, +) }

  /// √Σσ²; 0 for a zero matrix.
  package var frobeniusNorm: Double {
    guard let largest = values.first, largest > 0 else { return 0 }
    return largest * values.reduce(0) { $0 + ($1 / largest) * ($1 / largest) }.squareRoot()
  }

  /// What the numerical rank counts as zero.
  var numericalTolerance: Double { Double(max(rows, columns)) * 0x1p-23 * spectralNorm }

  func largestValue() throws(Gap) -> Double {
    guard let largest = values.first, largest > 0 else { throw .zeroMatrix }
    return largest
  }

  private func positiveSum(_ weight: (Double) -> Double) throws(Gap) -> Double {
    let total = values.reduce(0) { $0 + weight($1) }
    guard total > 0 else { throw .zeroMatrix }
    return total
  }

  /// −Σ (w/total) ln (w/total), zero weights giving 0.
  private static func entropy(_ weights: [Double], total: Double) -> Double {
    var sum = 0.0
    for weight in weights where weight > 0 {
      let p = weight / total
      // A weight so small that p underflows contributes nothing either.
      if p > 0 { sum -= p * log(p) }
    }
    return sum
  }
}
