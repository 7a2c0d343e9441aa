import LinearAlgebra

/// How much one sequence carries of a similarity.
package enum RowInfluence {
  /// A change of CKA above which a sequence is flagged when it is left out.
  package static let flaggedChange = 0.1
  /// A share of ‖K‖²_F above which a row is flagged: more than all others together.
  package static let flaggedShare = 0.5

  /// The largest |change| of debiased CKA when one row is left out, in closed form: with
  /// h_i = Σ_j Ũ_ij L̃_ij the sum without row i is ⟨Ũ, L̃⟩ − 2 h_i (n − 2)/(n − 3), since the rows of
  /// U-centred matrices sum to 0.
  static func ofSingleRows(_ x: CenteredGram, _ y: CenteredGram) -> Result<Double, Gap> {
    let n = x.count
    guard n > CKAEstimator.debiased.smallestRowCount else { return .failure(.tooFewRows) }
    let factor = 2 * Double(n - 2) / Double(n - 3)
    let (crossed, own, others) = (
      x.offDiagonal.rowDots(y.offDiagonal), x.offDiagonal.rowDots(x.offDiagonal),
      y.offDiagonal.rowDots(y.offDiagonal)
    )
    let inner = crossed.reduce(0, +)
    let value = inner / (x.debiasedNorm * y.debiasedNorm).squareRoot()
    let values = (0..<n).map { row -> Double? in
      let (a, b) = (x.debiasedNorm - factor * own[row], y.debiasedNorm - factor * others[row])
      // Where a row carries all of a norm, the closed form is a difference of equal numbers.
      guard a > 1e-9 * x.debiasedNorm, b > 1e-9 * y.debiasedNorm else {
        let rest = (0..<n).filter { $0 != row }
        return CenteredGram(of: x, rows: rest)
          .definedSimilarity(to: CenteredGram(of: y, rows: rest), estimator: .debiased)
      }
      return (inner - factor * crossed[row]) / (a * b).squareRoot()
    }
    return largestChange(from: value, to: values)
  }

  /// The largest |change| from `value`; a case without a value (nothing is left to compare) counts
  /// as the change to 0.
  static func largestChange(from value: Double, to values: [Double?]) -> Result<Double, Gap> {
    .success(values.reduce(0) { max($0, abs(($1 ?? 0) - value)) })
  }
}
