import Foundation
package import LinearAlgebra

extension Matrix {
  /// (√N − ‖·‖₁ / ‖·‖₂) / (√N − 1) over the N entries, in [0, 1]: 0 where all magnitudes are equal, 1
  /// for a single entry that is not 0. Hoyer 2004, eq. in section 3.1.
  ///
  /// Throws `zero_matrix`, `non_finite`, and `too_few_values` for a single entry.
  package func hoyerSparsity() throws(Gap) -> Double {
    let magnitudes = try scaledMagnitudes()
    guard magnitudes.count > 1 else { throw .tooFewValues }
    let (sum, squares) = (magnitudes.reduce(0, +), dotProduct(magnitudes, magnitudes))
    let root = Double(magnitudes.count).squareRoot()
    return min(1, max(0, (root - sum / squares.squareRoot()) / (root - 1)))
  }

  /// The Gini coefficient of the entries' magnitudes, in [0, 1 − 1/N]: 0 where all are equal. Hurley
  /// & Rickard 2009, eq. 12. Sorts all entries.
  ///
  /// Throws `zero_matrix` and `non_finite`.
  package func giniSparsity() throws(Gap) -> Double {
    var magnitudes = try scaledMagnitudes()
    magnitudes.sort()
    let count = Double(magnitudes.count)
    var weighted = 0.0
    for (place, value) in magnitudes.enumerated() {
      weighted += value * (count - Double(place) - 0.5)
    }
    return max(0, 1 - 2 * weighted / (count * magnitudes.reduce(0, +)))
  }

  /// The entries' magnitudes over the largest one, so that no square overflows.
  private func scaledMagnitudes() throws(Gap) -> [Double] {
    let values = inDouble.elements
    var largest = 0.0
    for value in values {
      guard value.isFinite else { throw .nonFinite }
      largest = max(largest, abs(value))
    }
    guard largest > 0 else { throw .zeroMatrix }
    return values.map { abs($0) / largest }
  }
}
