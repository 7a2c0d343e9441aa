import LinearAlgebra

/// CKA of X with Y over random re-pairings of whole sequences: how similar two unrelated matrices
/// with these spectra look. METHODS section 3.
enum NullFloor {
  /// The values by estimator, one for each pairing; none where there is no pairing or no value.
  ///
  /// Re-pairing permutes rows and columns of a Gram matrix, so both norms stay, and centring
  /// commutes with it: one sum over pairs of rows serves both estimators, O(n²) for a pairing.
  static func values(
    _ x: CenteredGram, _ y: CenteredGram, _ resampling: Resampling, estimators: [CKAEstimator]
  ) -> [CKAEstimator: [Double]] {
    let pairings = resampling.pairings
    guard !pairings.isEmpty, !estimators.isEmpty else { return [:] }
    let pairs =
      if let r = resampling.groups.rowsPerSequence, r > 1 {
        blockPairSums(x.offDiagonal, y.offDiagonal, pairings: pairings, rowsPerSequence: r)
      } else {
        pairSums(x.offDiagonal, y.offDiagonal, pairings: pairings)
      }
    var result: [CKAEstimator: [Double]] = [:]
    for estimator in estimators {
      let scale = (x.norm(estimator) * y.norm(estimator)).squareRoot()
      result[estimator] = pairings.indices.map { index in
        switch estimator {
        case .debiased:
          return pairs[index] / scale
        case .biased:
          let partners = pairings[index]
          let inner = CenteredGram.biasedInner(
            pairs: pairs[index], x.diagonal, partners.map { y.diagonal[Int($0)] },
            marginals: x.marginals, partners.map { y.marginals[Int($0)] })
          return inner / scale
        }
      }
    }
    return result
  }

  /// Σ_{i ≠ j} A_ij B_π(i)π(j) of symmetric matrices with zero diagonals, for each pairing π.
  static func pairSums(_ a: Matrix<Double>, _ b: Matrix<Double>, pairings: [[Int32]]) -> [Double] {
    let n = a.rows
    return a.elements.withUnsafeBufferPointer { a in
      b.elements.withUnsafeBufferPointer { b in
        pairings.map { pairing in
          precondition(pairing.count == n, "a pairing of \(pairing.count) among \(n) rows")
          return pairing.withUnsafeBufferPointer { partners in
            guard let a = a.baseAddress, let b = b.baseAddress, let pi = partners.baseAddress
            else { return 0 }
            var total = 0.0
            // Four rows share each partner's index; what is left of the triangle follows.
            var row = 0
            while row + 4 <= n {
              total += blockSum(a, b, pi, n, rows: row)
              for i in row..<row + 4 {
                for j in row..<i { total += a[i * n + j] * b[Int(pi[i]) * n + Int(pi[j])] }
              }
              row += 4
            }
            for i in row..<n {
              for j in 0..<i { total += a[i * n + j] * b[Int(pi[i]) * n + Int(pi[j])] }
            }
            return 2 * total
          }
        }
      }
    }
  }

  /// The part of four rows from `row` on, over the columns left of `row`.
  @inline(__always)
  private static func blockSum(
    _ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, _ pi: UnsafePointer<Int32>, _ n: Int,
    rows row: Int
  ) -> Double {
    // SAFETY: row + 4 ≤ n, and every partner is below n, as `Resampling` drew them.
    let (a0, a1, a2, a3) = (
      a + row * n, a + (row + 1) * n, a + (row + 2) * n, a + (row + 3) * n
    )
    let (b0, b1, b2, b3) = (
      b + Int(pi[row]) * n, b + Int(pi[row + 1]) * n, b + Int(pi[row + 2]) * n,
      b + Int(pi[row + 3]) * n
    )
    var (s0, s1, s2, s3) = (0.0, 0.0, 0.0, 0.0)
    for j in 0..<row {
      let partner = Int(pi[j])
      s0 += a0[j] * b0[partner]
      s1 += a1[j] * b1[partner]
      s2 += a2[j] * b2[partner]
      s3 += a3[j] * b3[partner]
    }
    return (s0 + s1) + (s2 + s3)
  }
}
