import LinearAlgebra

/// What one matrix contributes to HSIC over each of many subsets of its rows.
struct SubsetSums: Sendable {
  let gram: CenteredGram
  /// b_i = Σ_{j ∈ S} B_ij for i in S, 0 outside; B the off-diagonal part [subsets, n].
  let sums: Matrix<Double>
  /// Σ_{i ∈ S} b_i [subsets].
  let totals: [Double]
  /// Σ_{i ∈ S} d_i [subsets].
  let diagonalTotals: [Double]

  init(_ gram: CenteredGram, over subsets: Membership) {
    var sums = subsets.indicator.multiplied(by: gram.offDiagonal)
    subsets.indicator.elements.withUnsafeBufferPointer { inside in
      for index in sums.elements.indices { sums.elements[index] *= inside[index] }
    }
    self.gram = gram
    self.sums = sums
    totals = sums.rowTotals
    diagonalTotals = subsets.indicator.multiplied(by: .init(column: gram.diagonal)).elements
  }
}

/// HSIC of two matrices over each of many subsets of their rows, without centring any of them.
///
/// Over a subset S of m rows, with B, C the off-diagonal parts, b_i, c_i their row sums within S
/// and k_i, l_i those with the diagonal, it is
///   debiased  Σ B_ij C_ij − 2/(m−2) Σ b_i c_i + b c / ((m−1)(m−2))
///   biased    Σ K_ij L_ij − 2/m Σ k_i l_i + k l / m²
/// and all of these come from three products of [subsets, n] with [n, n].
struct SubsetInner: Sendable {
  private let sizes: [Int]
  /// Σ B_ij C_ij over i, j in S.
  private let pairs: [Double]
  /// Σ_{i ∈ S} d_i e_i, the diagonals' products.
  private let diagonals: [Double]
  /// Σ b_i c_i, and Σ k_i l_i.
  private let sumProducts: [Double]
  private let marginalProducts: [Double]
  /// b c, and k l.
  private let totalProducts: [Double]
  private let marginalTotalProducts: [Double]

  init(_ a: SubsetSums, _ b: SubsetSums, over subsets: Membership) {
    sizes = subsets.sizes
    var products = a.gram.offDiagonal
    b.gram.offDiagonal.elements.withUnsafeBufferPointer { factors in
      for index in products.elements.indices { products.elements[index] *= factors[index] }
    }
    let inside = subsets.indicator
    pairs = inside.multiplied(by: products).rowDots(inside)
    let (d, e) = (a.gram.diagonal, b.gram.diagonal)
    diagonals = inside.multiplied(by: .init(column: zip(d, e).map { $0 * $1 })).elements
    sumProducts = a.sums.rowDots(b.sums)
    let mixed = a.sums.multiplied(by: .init(column: e)).elements
    let mixedBack = b.sums.multiplied(by: .init(column: d)).elements
    var (marginals, totals, marginalTotals) = (sumProducts, sumProducts, sumProducts)
    for s in sizes.indices {
      marginals[s] += mixed[s] + mixedBack[s] + diagonals[s]
      totals[s] = a.totals[s] * b.totals[s]
      marginalTotals[s] =
        (a.totals[s] + a.diagonalTotals[s]) * (b.totals[s] + b.diagonalTotals[s])
    }
    marginalProducts = marginals
    totalProducts = totals
    marginalTotalProducts = marginalTotals
  }

  /// HSIC over one subset, up to the factor that cancels in CKA; 0 where it has too few rows.
  func inner(_ estimator: CKAEstimator, _ s: Int) -> Double {
    guard sizes[s] >= estimator.smallestRowCount else { return 0 }
    let m = Double(sizes[s])
    switch estimator {
    case .debiased:
      return pairs[s] - 2 / (m - 2) * sumProducts[s] + totalProducts[s] / ((m - 1) * (m - 2))
    case .biased:
      return pairs[s] + diagonals[s] - 2 / m * marginalProducts[s]
        + marginalTotalProducts[s] / (m * m)
    }
  }

  /// The largest of the terms that `inner` adds up, for a matrix with itself.
  func scale(_ estimator: CKAEstimator, _ s: Int) -> Double {
    estimator == .debiased ? pairs[s] : pairs[s] + diagonals[s]
  }
}

/// One matrix made ready for pairs over many subsets of its rows.
struct SubsetMoments: Sendable {
  let sums: SubsetSums
  private let norms: [CKAEstimator: [Norm]]

  /// HSIC of the matrix with itself over a subset.
  enum Norm: Sendable, Equatable {
    case positive(Double)
    /// The sums cancel: the centred submatrix has to answer.
    case cancelled
  }

  init(_ gram: CenteredGram, over subsets: Membership) {
    let sums = SubsetSums(gram, over: subsets)
    let own = SubsetInner(sums, sums, over: subsets)
    self.sums = sums
    var norms: [CKAEstimator: [Norm]] = [:]
    for estimator in CKAEstimator.allCases {
      norms[estimator] = subsets.sizes.indices.map { s in
        let value = own.inner(estimator, s)
        return value > Self.cancelledShare * own.scale(estimator, s)
          ? .positive(value) : .cancelled
      }
    }
    self.norms = norms
  }

  /// Below this share of the terms that it is the difference of, a norm keeps fewer than 11 digits.
  private static let cancelledShare = 1e-5

  /// CKA over each subset; nil where it is not defined there. Both matrices are prepared for the
  /// same subsets.
  func similarities(
    to other: SubsetMoments, over subsets: Membership
  ) -> [CKAEstimator: [Double?]] {
    let crossed = SubsetInner(sums, other.sums, over: subsets)
    var result: [CKAEstimator: [Double?]] = [:]
    for estimator in CKAEstimator.allCases {
      guard let own = norms[estimator], let others = other.norms[estimator] else { continue }
      result[estimator] = subsets.sizes.indices.map { s in
        if case .positive(let a) = own[s], case .positive(let b) = others[s] {
          return crossed.inner(estimator, s) / (a * b).squareRoot()
        }
        let rows = subsets.rows(of: s)
        return CenteredGram(of: sums.gram, rows: rows)
          .definedSimilarity(
            to: CenteredGram(of: other.sums.gram, rows: rows), estimator: estimator)
      }
    }
    return result
  }
}

extension Matrix<Double> {
  /// One column.
  init(column: [Double]) { self.init(rows: column.count, columns: 1, elements: column) }

  /// The sum of each row.
  var rowTotals: [Double] {
    (0..<rows).map { elements[$0 * columns..<($0 + 1) * columns].reduce(0, +) }
  }

  /// The inner product of each row with the same row of a matrix of the same shape.
  func rowDots(_ other: Matrix<Double>) -> [Double] {
    precondition(rows == other.rows && columns == other.columns, "rows of different shapes")
    return elements.withUnsafeBufferPointer { a in
      other.elements.withUnsafeBufferPointer { b in
        (0..<rows).map { row in
          let range = row * columns..<(row + 1) * columns
          return dotProduct(.init(rebasing: a[range]), .init(rebasing: b[range]))
        }
      }
    }
  }
}
