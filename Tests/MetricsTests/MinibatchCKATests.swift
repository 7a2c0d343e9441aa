import LinearAlgebra
import Statistics
import Testing

@testable import Metrics

@Suite struct MinibatchCKATests {
  @Test func theBatchesHSICIsAveragedBeforeTheRatio() throws {
    var draws = Draws(seed: 1)
    var minibatch = MinibatchCKA()
    var (crossed, own, other) = (0.0, 0.0, 0.0)
    for (n, scale) in [(8, 1e-6), (12, 1.0), (5, 1e6)] {
      let (x, y) = draws.relatedPair(n, 4, 6)
      minibatch.add(scale * x, y)
      let (k, l) = (Literally.gram(scale * x), Literally.gram(y))
      let factor = 1 / Double(n * (n - 3))
      crossed += factor * Literally.unbiasedHSIC(k, l)
      own += factor * Literally.unbiasedHSIC(k, k)
      other += factor * Literally.unbiasedHSIC(l, l)
    }
    let expected = crossed / (own * other).squareRoot()
    #expect(try abs(minibatch.value() - expected) < 1e-12)
  }

  @Test func oneBatchIsDebiasedCKA() throws {
    var draws = Draws(seed: 2)
    let (x, y) = draws.relatedPair(20, 4, 6)
    var minibatch = MinibatchCKA()
    minibatch.add(x, y)
    #expect(try abs(minibatch.value() - linearCKA(x, y, estimator: .debiased)) < 1e-14)
  }

  @Test func constantBatchesAddNothingAndShortOnesAreLeftOut() throws {
    var draws = Draws(seed: 3)
    let (x, y) = draws.relatedPair(20, 4, 6)
    var (minibatch, alone) = (MinibatchCKA(), MinibatchCKA())
    let constant = translated(Matrix<Double>(rows: 20, columns: 4), by: 0.1)
    minibatch.add(constant, constant)
    minibatch.add(x.rowTop(3), y.rowTop(3))
    minibatch.add(x, y)
    alone.add(x, y)
    #expect(try minibatch.value() == alone.value())
  }

  @Test func nothingToAverageIsAGap() {
    var minibatch = MinibatchCKA()
    #expect(throws: Gap.tooFewRows) { try minibatch.value() }
    let constant = Matrix<Double>(rows: 5, columns: 2)
    minibatch.add(constant, constant)
    #expect(throws: Gap.noPairVariation) { try minibatch.value() }
    var broken = constant
    broken[0, 0] = .infinity
    minibatch.add(constant, broken)
    #expect(throws: Gap.nonFinite) { try minibatch.value() }
  }

  @Test(arguments: [1, 2])
  func theStreamedNullIsThatOfSequencesRepairedForReal(width: Int) throws {
    var draws = Draws(seed: 4)
    let (x, y) = draws.relatedPair(36, 5, 4)
    let (a, b) = (translated(x, by: 40).inFloat, y.inFloat)
    @Sendable func rows(_ sequence: Int) -> Range<Int> { sequence * 4..<(sequence + 1) * 4 }
    func norms(_ matrix: Matrix<Float>) -> StreamedNorms {
      var moments = StreamedMoments(features: matrix.columns, groups: 0)
      moments.add(matrix)
      return moments.norms()
    }
    let null = StreamedNull(sequences: 9, draws: 20, seed: 5)
    func side(
      _ matrix: Matrix<Float>, _ rows: (Int) -> Range<Int>
    ) throws -> AugmentedSequences {
      try AugmentedSequences(9, norms: norms(matrix)) { matrix.selectingRows(rows($0)) }
    }
    let floor = try null.floor(
      norms: (norms(a), norms(b)), lanes: Lanes(width: width),
      x: { try side(a, rows) }, y: { try side(b, rows) })
    let resampling = Resampling(
      groups: RowGroups(sequences: 9, rowsPerSequence: 4), halves: 0, permutations: 20, seed: ~5)
    for estimator in CKAEstimator.allCases {
      let values = try resampling.pairings.map { pairing in
        try linearCKA(
          a, b.selectingRows(pairing.map { Int($0) }), estimator: estimator, space: .gram)
      }
      let result = try #require(floor[estimator]).get()
      // Products in float32.
      #expect(abs(result.mean - values.reduce(0, +) / 20) < 1e-6)
      #expect(try abs(result.q95 - #require(quantile(0.95, of: values))) < 1e-6)
    }
    let unequal = try null.floor(
      norms: (norms(a), norms(b)), x: { try side(a) { 0..<$0 + 1 } },
      y: { try side(b) { 0..<$0 + 1 } })
    #expect(unequal[.debiased]?.gap == .unequalSequences)
  }
}
