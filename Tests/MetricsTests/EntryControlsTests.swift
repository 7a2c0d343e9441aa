import LinearAlgebra
import Statistics
import Testing

@testable import Metrics

@Suite struct EntryControlsTests {
  @Test func sparsityOfEqualMagnitudesIsZeroAndOfASingleEntryLargest() throws {
    let equal = Matrix<Float>(rows: 2, columns: 4, elements: [1, -1, 1, 1, -1, 1, 1, -1])
    #expect(try abs(equal.hoyerSparsity()) < 1e-15)
    #expect(try abs(equal.giniSparsity()) < 1e-15)
    var single = Matrix<Float>(rows: 2, columns: 4)
    single[1, 2] = -7
    #expect(try abs(single.hoyerSparsity() - 1) < 1e-15)
    #expect(try abs(single.giniSparsity() - (1 - 1.0 / 8)) < 1e-15)
  }

  @Test func sparsityFollowsItsDefinition() throws {
    var draws = Draws(seed: 1)
    let a = draws.gaussian(9, 13)
    let magnitudes = a.elements.map(abs)
    let n = Double(magnitudes.count)
    let l1 = magnitudes.reduce(0, +)
    let l2 = magnitudes.reduce(0) { $0 + $1 * $1 }.squareRoot()
    #expect(try abs(a.hoyerSparsity() - (n.squareRoot() - l1 / l2) / (n.squareRoot() - 1)) < 1e-13)
    // Half the mean absolute difference over the mean.
    var differences = 0.0
    for x in magnitudes { for y in magnitudes { differences += abs(x - y) } }
    #expect(try abs(a.giniSparsity() - differences / (2 * n * l1)) < 1e-13)
    #expect(try abs((1e-200 * a).giniSparsity() - a.giniSparsity()) < 1e-13)
    #expect(try abs((1e200 * a).hoyerSparsity() - a.hoyerSparsity()) < 1e-13)
  }

  @Test func sparsityOfNothingIsAGap() {
    let zero = Matrix<Float>(rows: 3, columns: 3)
    #expect(throws: Gap.zeroMatrix) { try zero.hoyerSparsity() }
    #expect(throws: Gap.zeroMatrix) { try zero.giniSparsity() }
    let broken = Matrix<Float>(rows: 1, columns: 2, elements: [1, .nan])
    #expect(throws: Gap.nonFinite) { try broken.giniSparsity() }
    #expect(throws: Gap.tooFewValues) {
      try Matrix<Float>(rows: 1, columns: 1, elements: [2]).hoyerSparsity()
    }
  }

  @Test func shufflingKeepsTheEntriesAndLosesTheArrangement() throws {
    var draws = Draws(seed: 2)
    let lowRank = draws.gaussian(30, 2).multiplied(by: draws.gaussian(2, 40))
    var (generator, same) = (SeededGenerator(seed: 3), SeededGenerator(seed: 3))
    let shuffled = lowRank.shuffledEntries(using: &generator)
    #expect(shuffled.elements.sorted() == lowRank.elements.sorted())
    #expect(shuffled == lowRank.shuffledEntries(using: &same))
    let per = try Spectrum(of: lowRank, route: .exact).per(k: 30)
    #expect(per < 2.0 / 30 + 1e-9)
    #expect(try Spectrum(of: shuffled).per(k: 30) > 0.7)
  }

  @Test func aHeadsEntriesStayInItsHead() throws {
    var draws = Draws(seed: 4)
    let weights = AttentionWeights(
      output: draws.gaussian(8, 8).inFloat, value: draws.gaussian(8, 8).inFloat, heads: 2)
    var generator = SeededGenerator(seed: 5)
    let shuffled = weights.shuffledEntries(using: &generator)
    for head in 0..<2 {
      #expect(
        shuffled.outputOfHead(head).elements.sorted()
          == weights.outputOfHead(head).elements.sorted())
      #expect(
        shuffled.valueOfHead(head).elements.sorted() == weights.valueOfHead(head).elements.sorted())
    }
    #expect(shuffled.value != weights.value)
    #expect(try shuffled.ovSpectra(.heads).heads[0].get().values.count == 4)
  }

  /// Mean and standard deviation of 4,000 draws with numpy.
  @Test(arguments: [
    (GaussianShape.product(outer: 64, inner: 16), 0.92992, 0.00781),
    (.product(outer: 64, inner: 64), 0.66498, 0.00604),
    (.matrix(rows: 64, columns: 64), 0.80180, 0.00484),
    (.matrix(rows: 64, columns: 256), 0.96571, 0.00106),
  ])
  func gaussianShapesHaveTheirKnownPER(
    shape: GaussianShape, known: Double, deviation: Double
  ) throws {
    var expected = ExpectedPER(seed: 1)
    let error = deviation / 20.0.squareRoot()
    #expect(try abs(expected.value(for: shape) - known) < 3 * error)
  }

  @Test func drawingALargeShapeAtASmallerRankChangesLittle() throws {
    for shape in [GaussianShape.matrix(rows: 256, columns: 1024), .product(outer: 256, inner: 64)] {
      var (full, reduced) = (
        ExpectedPER(draws: 4, seed: 2), ExpectedPER(draws: 4, seed: 2, largestRank: 64)
      )
      #expect(try abs(full.value(for: shape) - reduced.value(for: shape)) < 0.004)
    }
    #expect(
      GaussianShape.product(outer: 5120, inner: 128).reduced(toRank: 64)
        == .product(outer: 2560, inner: 64))
  }

  @Test func theValueOfAShapeDoesNotDependOnWhatWasAskedBefore() throws {
    var (one, other) = (ExpectedPER(draws: 2, seed: 3), ExpectedPER(draws: 2, seed: 3))
    let shape = GaussianShape.matrix(rows: 10, columns: 20)
    _ = try one.value(for: .product(outer: 12, inner: 3))
    #expect(try one.value(for: shape) == other.value(for: shape))
    #expect(try one.value(for: shape) == one.value(for: shape))
  }
}
