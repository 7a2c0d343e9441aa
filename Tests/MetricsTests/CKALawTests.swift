import LinearAlgebra
import Metrics
import Statistics
import Testing

@Suite struct CKALawTests {
  static let estimators = CKAEstimator.allCases
  /// (n, p, q): more rows than features and fewer, one feature, n = 4.
  static let shapes = [(4, 3, 2), (9, 1, 4), (20, 5, 8), (16, 40, 30), (50, 2, 2)]

  @Test(arguments: estimators, shapes)
  func bothSpacesGiveWhatTheLiteralFormulaGives(
    estimator: CKAEstimator, shape: (n: Int, p: Int, q: Int)
  ) throws {
    var draws = Draws(seed: 1)
    let (x, y) = draws.relatedPair(shape.n, shape.p, shape.q)
    let expected = Literally.cka(x, y, estimator)
    for space in CKASpace.allCases {
      let value = try linearCKA(x, y, estimator: estimator, space: space)
      #expect(abs(value - expected) < 1e-11, "\(space)")
    }
    #expect(try abs(linearCKA(x, y, estimator: estimator) - expected) < 1e-11)
  }

  @Test(arguments: estimators, shapes)
  func aMatrixIsIdenticalToItself(
    estimator: CKAEstimator, shape: (n: Int, p: Int, q: Int)
  ) throws {
    var draws = Draws(seed: 2)
    let x = draws.gaussian(shape.n, shape.p)
    for space in CKASpace.allCases {
      #expect(try abs(linearCKA(x, x, estimator: estimator, space: space) - 1) < 1e-13)
    }
  }

  @Test(arguments: estimators, shapes)
  func itIsSymmetricAndBounded(
    estimator: CKAEstimator, shape: (n: Int, p: Int, q: Int)
  ) throws {
    var draws = Draws(seed: 3)
    let (x, y) = draws.relatedPair(shape.n, shape.p, shape.q)
    let value = try linearCKA(x, y, estimator: estimator)
    #expect(try abs(value - linearCKA(y, x, estimator: estimator)) < 1e-14)
    #expect(value <= 1)
    #expect(value >= (estimator == .biased ? 0 : -1))
  }

  @Test(arguments: estimators)
  func orthogonalMapsScalesAndTranslationsChangeNothing(estimator: CKAEstimator) throws {
    var draws = Draws(seed: 4)
    let (x, y) = draws.relatedPair(24, 6, 9)
    let value = try linearCKA(x, y, estimator: estimator)
    let turned = try x.multiplied(by: draws.orthogonal(6))
    let moved = translated(-1e-3 * turned, by: 7)
    for space in CKASpace.allCases {
      for other in [moved, 1e150 * x, 1e-150 * x, 0x1p-1030 * x] {
        let same = try linearCKA(other, y, estimator: estimator, space: space)
        #expect(abs(same - value) < 1e-12, "\(space)")
      }
    }
  }

  @Test(arguments: estimators)
  func aGeneralLinearMapChangesIt(estimator: CKAEstimator) throws {
    var draws = Draws(seed: 5)
    let (x, y) = draws.relatedPair(40, 6, 6)
    let value = try linearCKA(x, y, estimator: estimator)
    var stretched = x
    for row in 0..<40 { stretched[row, 0] *= 30 }
    #expect(try abs(linearCKA(stretched, y, estimator: estimator) - value) > 0.05)
  }

  @Test(arguments: estimators)
  func theOrderOfTheRowsDoesNotMatterAsLongAsTheyMatch(estimator: CKAEstimator) throws {
    var draws = Draws(seed: 6)
    let (x, y) = draws.relatedPair(30, 5, 4)
    let order = draws.generator.permutation(of: 30)
    let value = try linearCKA(x, y, estimator: estimator)
    let permuted = try linearCKA(
      x.selectingRows(order), y.selectingRows(order), estimator: estimator)
    #expect(abs(value - permuted) < 1e-13)
    #expect(try abs(linearCKA(x.selectingRows(order), y, estimator: estimator) - value) > 0.05)
  }

  /// One column each: CKA is the squared correlation.
  @Test func ofSingleColumnsItIsTheSquaredCorrelation() throws {
    let x = Matrix<Double>(rows: 4, columns: 1, elements: [1, 2, 3, 6])
    let y = Matrix<Double>(rows: 4, columns: 1, elements: [2, 1, 4, 5])
    // Σxy = 10, Σx² = 14, Σy² = 10 after centring.
    #expect(try abs(linearCKA(x, y, estimator: .biased) - 100.0 / 140) < 1e-14)
  }

  @Test func floatAndDoubleInputsAgree() throws {
    var draws = Draws(seed: 7)
    let (x, y) = draws.relatedPair(12, 5, 5)
    let (a, b) = (x.inFloat, y.inFloat)
    for estimator in Self.estimators {
      let value = try linearCKA(a, b, estimator: estimator)
      #expect(try value == linearCKA(a.upcast, b.upcast, estimator: estimator))
    }
  }
}
