import LinearAlgebra
import Metrics
import Testing

/// The inputs on which implementations break, in a stream: what a batch at a time cannot see is that
/// its shift and scale come from rows unlike the rest.
@Suite struct StreamedHardNumericsTests {
  /// Rows in batches of 4 of a group each.
  private func streamed(
    _ x: Matrix<Double>, _ y: Matrix<Double>, _ estimator: CKAEstimator
  ) -> StreamedEstimate {
    let groups = (x.rows + 3) / 4
    let batches = stride(from: 0, to: x.rows, by: 4).map { Array($0..<min($0 + 4, x.rows)) }
    var reference = StreamedMoments(features: y.columns, groups: groups)
    for rows in batches { reference.add(y.selectingRows(rows), group: rows[0] / 4) }
    var stream = StreamedCKA(
      features: x.columns, referenceFeatures: y.columns, groups: groups,
      reference: reference.norms())
    for rows in batches {
      stream.add(x.selectingRows(rows), y.selectingRows(rows), group: rows[0] / 4)
    }
    return stream.result(estimator)
  }

  private func difference(
    _ x: Matrix<Double>, _ y: Matrix<Double>, _ estimator: CKAEstimator
  ) throws -> Double {
    let value = try streamed(x, y, estimator).value.get()
    return abs(value - (try linearCKA(x, y, estimator: estimator, space: .gram)))
  }

  @Test(arguments: CKAEstimator.allCases)
  func aMeanOfAThousandDeviationsChangesNothing(estimator: CKAEstimator) throws {
    var draws = Draws(seed: 1)
    let (x, y) = draws.relatedPair(48, 6, 5)
    #expect(try difference(translated(x, by: 1000), translated(y, by: -1000), estimator) < 1e-10)
    #expect(try abs(streamed(x, x, estimator).value.get() - 1) < 1e-13)
  }

  /// In feature space ‖C‖² ~ M⁴ stands against a result of M² for a row M times as long.
  @Test(arguments: CKAEstimator.allCases, [0, 30])
  func anOutlierRowKeepsItsValue(estimator: CKAEstimator, place: Int) throws {
    var draws = Draws(seed: 2)
    let pair = draws.relatedPair(48, 6, 5)
    for factor in [1e2, 1e4] {
      var (x, y) = pair
      for column in 0..<6 { x[place, column] *= factor }
      for column in 0..<5 { y[place, column] *= factor }
      #expect(try difference(x, y, estimator) < 1e-10 + 16 * factor * factor * 0x1p-52)
      let own = streamed(x, x, estimator)
      #expect(try abs(own.value.get() - 1) < 1e-13)
      #expect(own.leftOut.compactMap(\.self).allSatisfy { $0.isFinite && $0 >= 0 })
    }
  }

  @Test(arguments: CKAEstimator.allCases)
  func duplicateRowsConstantColumnsAndSingleDirectionsAreNothingSpecial(
    estimator: CKAEstimator
  ) throws {
    var draws = Draws(seed: 3)
    let (x, y) = draws.relatedPair(48, 6, 5)
    let doubled = (0..<48).map { $0 / 2 }
    #expect(
      try difference(x.selectingRows(doubled), y.selectingRows(doubled), estimator) < 1e-11)
    var padded = Matrix<Double>(rows: 48, columns: 8)
    for row in 0..<48 {
      for column in 0..<6 { padded[row, column] = x[row, column] }
      (padded[row, 6], padded[row, 7]) = (0.1, -3e8)
    }
    #expect(try difference(padded, y, estimator) < 1e-11)
    let single = draws.gaussian(48, 1)
    let (a, b) = (
      single.multiplied(by: draws.gaussian(1, 6)), single.multiplied(by: draws.gaussian(1, 5))
    )
    #expect(try abs(streamed(a, b, estimator).value.get() - 1) < 1e-12)
  }

  /// The first batch all alike: it gives the shift and no scale.
  @Test(arguments: CKAEstimator.allCases)
  func aFirstBatchWithoutVariationSpoilsNothing(estimator: CKAEstimator) throws {
    var draws = Draws(seed: 4)
    var (x, y) = draws.relatedPair(48, 6, 5)
    for row in 1..<4 {
      for column in 0..<6 { x[row, column] = x[0, column] }
      for column in 0..<5 { y[row, column] = y[0, column] }
    }
    #expect(try difference(x, y, estimator) < 1e-11)
  }

  @Test func fourRowsHaveAValueAndThreeAGap() throws {
    var draws = Draws(seed: 5)
    let (x, y) = (draws.gaussian(4, 3), draws.gaussian(4, 2))
    #expect(try difference(x, y, .debiased) < 1e-11)
    let three = streamed(x.selectingRows(0..<3), y.selectingRows(0..<3), .debiased)
    #expect(three.value.gap == .tooFewRows && three.lower == nil)
    #expect(
      streamed(Matrix(rows: 8, columns: 3), draws.gaussian(8, 2), .biased).value.gap
        == .constantMatrix)
  }
}
