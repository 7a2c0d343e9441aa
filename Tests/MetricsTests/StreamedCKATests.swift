import LinearAlgebra
import Statistics
import Testing

@testable import Metrics

@Suite struct StreamedCKATests {
  /// 24 sequences of 5 rows in 8 groups, features with a mean of 100 standard deviations.
  private func data() -> (x: Matrix<Float>, y: Matrix<Float>) {
    var draws = Draws(seed: 1)
    let (x, y) = draws.relatedPair(120, 6, 4)
    return (translated(x, by: 100).inFloat, translated(y, by: -50).inFloat)
  }

  private func group(of row: Int) -> Int { row / 5 % 8 }

  /// Streams rows in batches of `size` that never cross a sequence's group.
  private func streamed(
    _ x: Matrix<Float>, _ y: Matrix<Float>, batch size: Int, estimator: CKAEstimator
  ) -> StreamedEstimate {
    let batches = stride(from: 0, to: 120, by: 5).flatMap { start in
      stride(from: start, to: start + 5, by: size).map { Array($0..<min($0 + size, start + 5)) }
    }
    var reference = StreamedMoments(features: 4, groups: 8)
    for rows in batches { reference.add(y.selectingRows(rows), group: group(of: rows[0])) }
    var stream = StreamedCKA(
      features: 6, referenceFeatures: 4, groups: 8, reference: reference.norms())
    for rows in batches {
      stream.add(x.selectingRows(rows), y.selectingRows(rows), group: group(of: rows[0]))
    }
    return stream.result(estimator)
  }

  @Test(arguments: CKAEstimator.allCases, [1, 2, 5])
  func theValueIsThatOfAllRowsAtOnce(estimator: CKAEstimator, batch: Int) throws {
    let (x, y) = data()
    let value = try streamed(x, y, batch: batch, estimator: estimator).value.get()
    #expect(
      try abs(value - linearCKA(x, y, estimator: estimator, space: .gram)) < 1e-11)
    #expect(abs(value - Literally.cka(x.columnCentered, y.columnCentered, estimator)) < 1e-11)
  }

  @Test(arguments: CKAEstimator.allCases)
  func theJackknifeLeavesOutWholeGroups(estimator: CKAEstimator) throws {
    let (x, y) = data()
    let result = streamed(x, y, batch: 3, estimator: estimator)
    let expected = try (0..<8).map { left in
      let rows = (0..<120).filter { group(of: $0) != left }
      return try linearCKA(
        x.selectingRows(rows), y.selectingRows(rows), estimator: estimator, space: .gram)
    }
    for (value, brute) in zip(result.leftOut, expected) {
      // The groups' products are kept in Float.
      #expect(try abs(#require(value) - brute) < 1e-6)
    }
    let center = expected.reduce(0, +) / 8
    let error = (7.0 / 8 * expected.reduce(0) { $0 + ($1 - center) * ($1 - center) }).squareRoot()
    // t on 7 degrees of freedom at .975.
    let half = 2.364624251592784 * error
    #expect(try abs(#require(result.upper) - (result.value.get() + half)) < 1e-5 * half)
    #expect(try abs(#require(result.lower) - (result.value.get() - half)) < 1e-5 * half)
  }

  @Test func aReferenceStreamedInOtherBatchesFits() throws {
    let (x, y) = data()
    // The first batch sets shift and scale: here one quiet row, there all rows.
    var reference = StreamedMoments(features: 4, groups: 0)
    reference.add(y.selectingRows([0]))
    reference.add(y.selectingRows(1..<120))
    var stream = StreamedCKA(
      features: 6, referenceFeatures: 4, groups: 0, reference: reference.norms())
    stream.add(x, y)
    for estimator in CKAEstimator.allCases {
      let result = stream.result(estimator)
      #expect(try abs(result.value.get() - linearCKA(x, y, estimator: estimator)) < 1e-11)
      #expect(result.lower == nil && result.leftOut.isEmpty)
    }
  }

  @Test func fewerThanEightGroupsGiveNoInterval() throws {
    let (x, y) = data()
    var reference = StreamedMoments(features: 4, groups: 20)
    for row in 0..<7 { reference.add(y.selectingRows([row, row + 7]), group: row) }
    var stream = StreamedCKA(
      features: 6, referenceFeatures: 4, groups: 20, reference: reference.norms())
    for row in 0..<7 {
      stream.add(x.selectingRows([row, row + 7]), y.selectingRows([row, row + 7]), group: row)
    }
    let result = stream.result(.debiased)
    #expect(
      try abs(
        result.value.get()
          - linearCKA(
            x.selectingRows(0..<14), y.selectingRows(0..<14), estimator: .debiased)) < 1e-11)
    #expect(result.lower == nil)
    #expect(result.leftOut.compactMap(\.self).count == 7)
  }

  @Test func gapsAreThoseOfThePlainFunction() {
    let (x, y) = data()
    func stream(_ a: Matrix<Float>, _ b: Matrix<Float>) -> StreamedEstimate {
      var reference = StreamedMoments(features: 4)
      reference.add(b)
      var stream = StreamedCKA(features: 6, referenceFeatures: 4, reference: reference.norms())
      stream.add(a, b)
      return stream.result(.debiased)
    }
    #expect(stream(x.selectingRows(0..<3), y.selectingRows(0..<3)).value.gap == .tooFewRows)
    #expect(
      stream(x.selectingRows([Int](repeating: 4, count: 9)), y.selectingRows(0..<9)).value.gap
        == .constantMatrix)
    var broken = y
    broken[60, 2] = .infinity
    #expect(stream(x, broken).value.gap == .nonFinite)
  }
}
