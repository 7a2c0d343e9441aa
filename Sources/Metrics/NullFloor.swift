import LinearAlgebra

/// CKA of X with Y over random re-pairings of whole sequences: how similar two unrelated matrices
/// with these spectra look. METHODS section 3.
enum NullFloor {
  /// The values by estimator, one for each pairing; none where there is no pairing or no value.
  ///
  /// Re-pairing permutes rows and columns of a Gram matrix, so both norms stay, and centring
  /// commutes with it: one sum over pairs of rows serves both estimators, O(n²) for a pairing.
  static func values(
    _ x: CenteredGram, _ y: CenteredGram, pairings: [[Int32]], estimators: [CKAEstimator]
  ) -> [CKAEstimator: [Double]] {
    guard !pairings.isEmpty, !estimators.isEmpty else { return [:] }
    let pairs = pairSums(x.offDiagonal, y.offDiagonal, pairings: pairings)
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
          pairing.withUnsafeBufferPointer { partner in
            var total = 0.0
            for i in 1..<max(n, 1) {
              let (own, other) = (i * n, Int(partner[i]) * n)
              // Four chains, so that additions don't wait for each other.
              var (s0, s1, s2, s3) = (0.0, 0.0, 0.0, 0.0)
              var j = 0
              while j + 4 <= i {
                s0 += a[own + j] * b[other + Int(partner[j])]
                s1 += a[own + j + 1] * b[other + Int(partner[j + 1])]
                s2 += a[own + j + 2] * b[other + Int(partner[j + 2])]
                s3 += a[own + j + 3] * b[other + Int(partner[j + 3])]
                j += 4
              }
              while j < i {
                s0 += a[own + j] * b[other + Int(partner[j])]
                j += 1
              }
              total += (s0 + s1) + (s2 + s3)
            }
            return 2 * total
          }
        }
      }
    }
  }
}
