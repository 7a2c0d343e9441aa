import LinearAlgebra

/// The inner products of the rows of one activation matrix, prepared for both estimators of CKA.
///
/// HSIC depends on the Gram matrix K only up to K_ij − a_i − a_j, for any a. With the a that makes
/// the rows of the off-diagonal part sum to 0, that part is the **U-centred** Gram matrix Ũ of
/// Székely & Rizzo 2014, whose inner products are the unbiased estimates, and with the diagonal
/// that remains, d_i = K_ii − 2 a_i, it serves the biased estimate and every subset of the rows as
/// well. Self-similarity is a sum of squares, so it is never negative; and since a large mean or a
/// row far from the rest goes into a and d, it costs Ũ few digits.
struct CenteredGram: Sendable {
  /// n, the number of rows.
  let count: Int
  /// Ũ [n, n]: symmetric, zero diagonal; for n ≥ 4 each row sums to 0.
  let offDiagonal: Matrix<Double>
  /// d [n].
  let diagonal: [Double]
  /// Σ_j Ũ_ij [n]: 0 for n ≥ 4.
  let rowSums: [Double]
  /// Σ_j Ũ_ij + d_i [n].
  let marginals: [Double]
  /// The share of each row in ‖K‖²_F, K the centred Gram matrix: Σ_j K_ij² / Σ_ij K_ij² [n].
  let rowShares: [Double]
  /// ‖HKH‖²_F, the biased HSIC of the matrix with itself up to its factor; 0 for a constant matrix.
  let biasedNorm: Double
  /// ‖Ũ‖²_F for n ≥ 4; 0 where the pairs of different rows carry nothing.
  let debiasedNorm: Double
  /// Why no estimator has a value.
  let gap: Gap?
  /// The rows were divided by 2 to this power: HSIC of two matrices is that of their own rows over
  /// 4 to the sum of both.
  private(set) var exponent = 0

  /// The inner products of the rows of `matrix` [n, p], scaled by a power of two: every CKA is the
  /// same for any scale, and squares of squares stay far from overflow.
  init<Scalar: BLASScalar>(of matrix: Matrix<Scalar>) {
    switch matrix.centeredAndScaled() {
    case .failure(let gap): self.init(gap: gap, count: matrix.rows)
    case .success(let (centered, exponent)):
      self.init(centeredGram: centered.rowGram)
      self.exponent = exponent
    }
  }

  init(gap: Gap, count: Int) {
    self.count = count
    offDiagonal = Matrix(rows: 0, columns: 0)
    (diagonal, rowSums, marginals, rowShares) = ([], [], [], [])
    (biasedNorm, debiasedNorm) = (0, 0)
    self.gap = gap
  }

  /// From K [n, n], the inner products of centred rows.
  init(centeredGram gram: Matrix<Double>) {
    let n = gram.rows
    count = n
    let norm = gram.squaredFrobeniusNorm
    rowShares = (0..<n).map { row in
      gram.elements[row * n..<(row + 1) * n].reduce(0) { $0 + $1 * $1 } / norm
    }
    var (offDiagonal, diagonal, rowSums) = (gram, [Double](), [Double](repeating: 0, count: n))
    diagonal = (0..<n).map { gram[$0, $0] }
    offDiagonal.clearDiagonal()
    if n >= CKAEstimator.debiased.smallestRowCount {
      // Twice: the second time takes away what rounding left in the row sums.
      for _ in 0..<2 {
        let shifts = offDiagonal.uCenter()
        for row in 0..<n { diagonal[row] -= 2 * shifts[row] }
      }
    } else {
      rowSums = (0..<n).map { -gram[$0, $0] }
    }
    (self.offDiagonal, self.diagonal, self.rowSums) = (offDiagonal, diagonal, rowSums)
    let pairs = offDiagonal.squaredFrobeniusNorm
    debiasedNorm =
      n >= CKAEstimator.debiased.smallestRowCount && pairs > Self.roundingShare * norm ? pairs : 0
    let marginals = zip(rowSums, diagonal).map { $0 + $1 }
    biasedNorm = Self.biasedInner(
      pairs: pairs, diagonal, diagonal, marginals: marginals, marginals)
    self.marginals = marginals
    gap = nil
  }

  /// The share of ‖K‖²_F that rounding leaves in a Ũ that is 0 in exact arithmetic, where only one
  /// row differs from the rest, with a margin of 100 for 10,000 features.
  static let roundingShare = 1e-24

  /// ⟨HKH, HLH⟩ = Σ K_ij L_ij − 2/n Σ k_i l_i + k l / n², from the sum over pairs of different
  /// rows, the diagonals, and the row sums k_i and l_i, whose totals are k and l.
  static func biasedInner(
    pairs: Double, _ diagonal: [Double], _ otherDiagonal: [Double],
    marginals: [Double], _ otherMarginals: [Double]
  ) -> Double {
    let n = Double(diagonal.count)
    let totals = marginals.reduce(0, +) * otherMarginals.reduce(0, +)
    return pairs + dotProduct(diagonal, otherDiagonal)
      - 2 / n * dotProduct(marginals, otherMarginals) + totals / (n * n)
  }

  /// HSIC of two matrices over the same rows, up to the factor that cancels in CKA.
  func inner(_ other: CenteredGram, estimator: CKAEstimator) -> Double {
    let pairs = dotProduct(offDiagonal.elements, other.offDiagonal.elements)
    guard estimator == .biased else { return pairs }
    return Self.biasedInner(
      pairs: pairs, diagonal, other.diagonal, marginals: marginals, other.marginals)
  }

  /// The estimator's own norm: HSIC with itself.
  func norm(_ estimator: CKAEstimator) -> Double {
    estimator == .biased ? biasedNorm : debiasedNorm
  }

  /// The gap that this matrix alone leaves for an estimator.
  func gap(for estimator: CKAEstimator) -> Gap? {
    if let gap { return gap }
    if count < estimator.smallestRowCount { return .tooFewRows }
    return norm(estimator) > 0 ? nil : .noPairVariation
  }

  /// CKA of two matrices over the same rows.
  func similarity(to other: CenteredGram, estimator: CKAEstimator) throws(Gap) -> Double {
    if let gap = gap(for: estimator) ?? other.gap(for: estimator) { throw gap }
    return definedRatio(to: other, estimator: estimator)
  }

  /// As `similarity`, nil for any gap.
  func definedSimilarity(to other: CenteredGram, estimator: CKAEstimator) -> Double? {
    guard gap(for: estimator) == nil, other.gap(for: estimator) == nil else { return nil }
    return definedRatio(to: other, estimator: estimator)
  }

  private func definedRatio(to other: CenteredGram, estimator: CKAEstimator) -> Double {
    inner(other, estimator: estimator)
      / (norm(estimator) * other.norm(estimator)).squareRoot()
  }
}

extension Matrix {
  /// Centred columns over a power of two that brings the largest entry into [1, 2), or why there is
  /// nothing to compare: fewer than 2 rows, an entry that is not finite, all rows equal.
  func centeredAndScaled() -> Result<(rows: Matrix<Double>, exponent: Int), Gap> {
    guard rows >= 2 else { return .failure(.tooFewRows) }
    var centered = columnCentered
    guard !centered.hasNonFiniteEntry else { return .failure(.nonFinite) }
    let largest = centered.largestMagnitude
    guard largest > 0 else { return .failure(.constantMatrix) }
    // 2 to the power of 1023 is the largest that there is.
    let exponent = max(Int(largest.exponent), -1023)
    centered.scale(by: Double(sign: .plus, exponent: -exponent, significand: 1))
    return .success((centered, exponent))
  }
}

extension Matrix<Double> {
  /// Whether some entry is NaN or infinite.
  var hasNonFiniteEntry: Bool { elements.contains { !$0.isFinite } }

  mutating func scale(by factor: Double) {
    for index in elements.indices { elements[index] *= factor }
  }

  mutating func clearDiagonal() {
    for row in 0..<rows { self[row, row] = 0 }
  }

  /// Subtracts a_i + a_j from the entries off the diagonal of a symmetric matrix with a zero
  /// diagonal so that each row sums to 0; returns a. Székely & Rizzo 2014, eq. 2.1; needs n ≥ 3.
  mutating func uCenter() -> [Double] {
    let n = rows
    precondition(n >= 3 && columns == n, "U-centring of a \(rows) x \(columns) matrix")
    let sums = (0..<n).map { row in
      elements[row * n..<(row + 1) * n].reduce(0, +)
    }
    let total = sums.reduce(0, +)
    let half = total / (2 * Double(n - 1) * Double(n - 2))
    let shifts = sums.map { $0 / Double(n - 2) - half }
    elements.withUnsafeMutableBufferPointer { entries in
      for row in 0..<n {
        for column in 0..<n { entries[row * n + column] -= shifts[row] + shifts[column] }
        entries[row * n + row] = 0
      }
    }
    return shifts
  }
}

/// The sum of products, in four running sums.
func dotProduct(_ a: [Double], _ b: [Double]) -> Double {
  precondition(a.count == b.count, "\(a.count) against \(b.count) numbers")
  return a.withUnsafeBufferPointer { a in
    b.withUnsafeBufferPointer { b in dotProduct(a, b) }
  }
}

func dotProduct(_ a: UnsafeBufferPointer<Double>, _ b: UnsafeBufferPointer<Double>) -> Double {
  var sums = SIMD8<Double>.zero
  let whole = a.count / 8 * 8
  for start in stride(from: 0, to: whole, by: 8) {
    var (left, right) = (SIMD8<Double>(), SIMD8<Double>())
    for offset in 0..<8 {
      left[offset] = a[start + offset]
      right[offset] = b[start + offset]
    }
    sums += left * right
  }
  var total = sums.sum()
  for index in whole..<a.count { total += a[index] * b[index] }
  return total
}
