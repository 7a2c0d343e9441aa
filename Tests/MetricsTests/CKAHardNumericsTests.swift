import LinearAlgebra
import Metrics
import Statistics
import Testing

/// The inputs on which the field's implementations break.
@Suite struct CKAHardNumericsTests {
  static let estimators = CKAEstimator.allCases
  static let spaces = CKASpace.allCases

  /// Integers as data: every sum of the literal formula is exact, so the shifted values have an
  /// exact reference.
  private func integers(_ draws: inout Draws, _ n: Int, _ p: Int) -> Matrix<Double> {
    Matrix(
      rows: n, columns: p,
      elements: (0..<n * p).map { _ in Double(draws.generator.index(below: 41) - 20) })
  }

  @Test(arguments: estimators, spaces)
  func aMeanOfAThousandStandardDeviationsChangesNothing(
    estimator: CKAEstimator, space: CKASpace
  ) throws {
    var draws = Draws(seed: 1)
    let (x, y) = (integers(&draws, 32, 6), integers(&draws, 32, 5))
    let expected = Literally.cka(x, y, estimator)
    let (a, b) = (translated(x, by: 12_000), translated(y, by: -12_000))
    #expect(
      try abs(linearCKA(a.inFloat, b.inFloat, estimator: estimator, space: space) - expected)
        < 1e-12)
    #expect(
      try abs(linearCKA(a.inFloat, a.inFloat, estimator: estimator, space: space) - 1) < 1e-14)
  }

  @Test(arguments: [1e2, 1e4, 1e6])
  func anOutlierRowKeepsItsValueAndSelfSimilarityIsNeverNegative(factor: Double) throws {
    var draws = Draws(seed: 2)
    var (x, y) = (integers(&draws, 16, 4), integers(&draws, 16, 4))
    for column in 0..<4 {
      x[3, column] *= factor
      y[3, column] *= factor
    }
    let expected = exactDebiased(x, y)
    #expect(try abs(linearCKA(x, y, estimator: .debiased, space: .gram) - expected) < 1e-10)
    // In feature space ‖C‖² ~ M⁴ stands against a result of M² for a row M times as long.
    let lost = 16 * factor * factor * 0x1p-52
    #expect(
      try abs(linearCKA(x, y, estimator: .debiased, space: .features) - expected) < 1e-10 + lost)
    for estimator in Self.estimators {
      for space in Self.spaces {
        #expect(try abs(linearCKA(x, x, estimator: estimator, space: space) - 1) < 1e-14)
      }
    }
  }

  /// Debiased CKA of integer data in exact arithmetic: each sum scaled to an integer in Int128.
  private func exactDebiased(_ x: Matrix<Double>, _ y: Matrix<Double>) -> Double {
    func hsic(_ a: Matrix<Double>, _ b: Matrix<Double>) -> Double {
      let n = a.rows
      func gram(_ m: Matrix<Double>) -> [[Int128]] {
        (0..<n).map { i in
          (0..<n).map { j in
            i == j
              ? 0 : (0..<m.columns).reduce(Int128(0)) { $0 + Int128(m[i, $1]) * Int128(m[j, $1]) }
          }
        }
      }
      let (k, l) = (gram(a), gram(b))
      let (rowsOfK, rowsOfL) = (k.map { $0.reduce(0, +) }, l.map { $0.reduce(0, +) })
      var (pairs, crossed) = (Int128(0), Int128(0))
      for i in 0..<n {
        for j in 0..<n { pairs += k[i][j] * l[i][j] }
        crossed += rowsOfK[i] * rowsOfL[i]
      }
      let totals = rowsOfK.reduce(0, +) * rowsOfL.reduce(0, +)
      // Times (n−1)(n−2), which cancels.
      let (m, q) = (Int128((n - 1) * (n - 2)), Int128(2 * (n - 1)))
      return Double(pairs * m + totals - crossed * q)
    }
    return hsic(x, y) / (hsic(x, x) * hsic(y, y)).squareRoot()
  }

  @Test(arguments: estimators, spaces)
  func duplicateRowsAreRowsLikeOthers(estimator: CKAEstimator, space: CKASpace) throws {
    var draws = Draws(seed: 3)
    let (x, y) = draws.relatedPair(10, 4, 3)
    let twice = Array(0..<10) + Array(0..<10)
    let (a, b) = (x.selectingRows(twice), y.selectingRows(twice))
    let value = try linearCKA(a, b, estimator: estimator, space: space)
    #expect(abs(value - Literally.cka(a, b, estimator)) < 1e-12)
    if estimator == .biased {
      #expect(try abs(value - linearCKA(x, y, estimator: .biased)) < 1e-12)
    }
  }

  @Test(arguments: estimators, spaces)
  func constantColumnsCarryNothing(estimator: CKAEstimator, space: CKASpace) throws {
    var draws = Draws(seed: 4)
    let (x, y) = draws.relatedPair(12, 4, 3)
    var padded = Matrix<Double>(rows: 12, columns: 6)
    for row in 0..<12 {
      for column in 0..<4 { padded[row, column] = x[row, column] }
      (padded[row, 4], padded[row, 5]) = (0.1, -3e8)
    }
    let value = try linearCKA(padded, y, estimator: estimator, space: space)
    #expect(try abs(value - linearCKA(x, y, estimator: estimator, space: space)) < 1e-13)
  }

  @Test(arguments: estimators, spaces)
  func rankOneMatricesHaveTheValueOfTheirSingleDirection(
    estimator: CKAEstimator, space: CKASpace
  ) throws {
    var draws = Draws(seed: 5)
    let (u, v) = (draws.gaussian(11, 1), draws.gaussian(11, 1))
    let (x, y) = (u.multiplied(by: draws.gaussian(1, 20)), v.multiplied(by: draws.gaussian(1, 30)))
    let value = try linearCKA(x, y, estimator: estimator, space: space)
    #expect(abs(value - Literally.cka(u, v, estimator)) < 1e-12)
    let same = u.multiplied(by: draws.gaussian(1, 30))
    #expect(try abs(linearCKA(x, same, estimator: estimator, space: space) - 1) < 1e-12)
  }

  @Test(arguments: spaces)
  func fewerRowsThanTheEstimatorNeedsIsAGap(space: CKASpace) throws {
    var draws = Draws(seed: 6)
    for n in 0..<4 {
      let (x, y) = (draws.gaussian(n, 3), draws.gaussian(n, 2))
      #expect(throws: Gap.tooFewRows) {
        try linearCKA(x, y, estimator: .debiased, space: space)
      }
      if n < 2 {
        #expect(throws: Gap.tooFewRows) {
          try linearCKA(x, y, estimator: .biased, space: space)
        }
      } else {
        let value = try linearCKA(x, y, estimator: .biased, space: space)
        #expect(abs(value - Literally.cka(x, y, .biased)) < 1e-12)
      }
    }
    let (x, y) = (draws.gaussian(4, 3), draws.gaussian(4, 2))
    let value = try linearCKA(x, y, estimator: .debiased, space: space)
    #expect(abs(value - Literally.cka(x, y, .debiased)) < 1e-11)
  }

  @Test(arguments: estimators, spaces)
  func aConstantMatrixIsAGapNotANumber(estimator: CKAEstimator, space: CKASpace) {
    var draws = Draws(seed: 7)
    let x = draws.gaussian(8, 3)
    let constant = translated(Matrix(rows: 8, columns: 2), by: 0.1)
    #expect(throws: Gap.constantMatrix) {
      try linearCKA(constant, x, estimator: estimator, space: space)
    }
    #expect(throws: Gap.constantMatrix) {
      try linearCKA(x, constant, estimator: estimator, space: space)
    }
  }

  @Test(arguments: spaces)
  func oneDifferentRowLeavesTheDebiasedFormNothing(space: CKASpace) throws {
    var draws = Draws(seed: 8)
    let y = draws.gaussian(8, 3)
    for place in [0, 5] {
      var x = translated(Matrix(rows: 8, columns: 2), by: 0.1)
      x[place, 0] = 1.7
      x[place, 1] = 0.3
      #expect(throws: Gap.noPairVariation) {
        try linearCKA(x, y, estimator: .debiased, space: space)
      }
      let value = try linearCKA(x, y, estimator: .biased, space: space)
      #expect(abs(value - Literally.cka(x, y, .biased)) < 1e-12)
    }
  }

  @Test(arguments: spaces, [Double.nan, .infinity, -.infinity])
  func anEntryThatIsNotFiniteIsNamed(space: CKASpace, entry: Double) {
    var draws = Draws(seed: 9)
    let y = draws.gaussian(8, 3)
    var x = draws.gaussian(8, 3)
    x[6, 1] = entry
    for estimator in Self.estimators {
      #expect(throws: Gap.nonFinite) { try linearCKA(x, y, estimator: estimator, space: space) }
      #expect(throws: Gap.nonFinite) { try linearCKA(y, x, estimator: estimator, space: space) }
    }
  }
}
