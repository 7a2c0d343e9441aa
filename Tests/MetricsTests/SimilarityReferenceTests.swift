import LinearAlgebra
import Statistics
import Testing

@testable import Metrics

/// The algebra against brute force: selecting, re-pairing and leaving out rows for real.
@Suite struct SimilarityReferenceTests {
  static let groupings = [
    RowGroups(sequences: 17), RowGroups(sequences: 9, rowsPerSequence: 3),
    RowGroups(sequenceOfRow: [0, 0, 1, 2, 2, 2, 3, 4, 5, 5, 6, 7, 7, 8, 1, 3, 6]),
  ]

  private func pair(_ groups: RowGroups) -> (Matrix<Double>, Matrix<Double>) {
    var draws = Draws(seed: 1)
    return draws.relatedPair(groups.rows, 5, 7)
  }

  @Test(arguments: groupings)
  func theValueIsThatOfThePlainFunction(groups: RowGroups) throws {
    let (x, y) = pair(groups)
    let result = SimilarityReference(y, resampling: Resampling(groups: groups, seed: 1))
      .compare(x)
    for estimator in CKAEstimator.allCases {
      #expect(try result[estimator].value.get() == linearCKA(x, y, estimator: estimator))
    }
  }

  @Test(arguments: groupings)
  func halvesAreTheValuesOverTheirRows(groups: RowGroups) throws {
    let (x, y) = pair(groups)
    let resampling = Resampling(groups: groups, halves: 30, permutations: 0, seed: 2)
    let result = SimilarityReference(y, resampling: resampling).compare(x, parts: .intervals)
    for estimator in CKAEstimator.allCases {
      let halves = result[estimator].halves
      #expect(halves.count == 30)
      for (index, sequences) in resampling.halves.enumerated() {
        #expect(sequences.count == groups.sequences / 2)
        let rows = (0..<groups.rows).filter { sequences.contains(groups.sequenceOfRow[$0]) }
        let expected = try linearCKA(
          x.selectingRows(rows), y.selectingRows(rows), estimator: estimator, space: .gram)
        let value = try #require(halves[index])
        #expect(abs(value - expected) < 1e-11)
      }
    }
  }

  @Test(arguments: groupings)
  func theIntervalIsTheValueWithTheQuantilesOfTheHalvesAroundTheirMean(groups: RowGroups) throws {
    let (x, y) = pair(groups)
    let result = SimilarityReference(y, resampling: Resampling(groups: groups, seed: 3))
      .compare(x)
    for estimator in CKAEstimator.allCases {
      let value = try result[estimator].value.get()
      let halves = result[estimator].halves.compactMap(\.self).sorted()
      #expect(halves.count == 200)
      let center = halves.reduce(0, +) / 200
      // 2.5 % of 199 steps: between the 5th and the 6th value.
      let low = halves[4] + 0.975 * (halves[5] - halves[4])
      let lower = try #require(result[estimator].lower)
      #expect(abs(lower - (value + low - center)) < 1e-12)
      #expect(try lower < #require(result[estimator].upper))
    }
  }

  @Test(arguments: groupings.dropLast())
  func theNullIsThatOfRowsPermutedForReal(groups: RowGroups) throws {
    let (x, y) = pair(groups)
    let resampling = Resampling(groups: groups, halves: 0, permutations: 40, seed: 4)
    let result = SimilarityReference(y, resampling: resampling).compare(x, parts: .null)
    for estimator in CKAEstimator.allCases {
      let values = try resampling.pairings.map { pairing in
        try linearCKA(
          x, y.selectingRows(pairing.map { Int($0) }), estimator: estimator, space: .features)
      }
      let (mean, q95) = (result[estimator].nullMean, result[estimator].nullQ95)
      #expect(try abs(#require(mean) - values.reduce(0, +) / 40) < 1e-12)
      #expect(try abs(#require(q95) - #require(quantile(0.95, of: values))) < 1e-12)
    }
    for pairing in resampling.pairings {
      for (row, partner) in pairing.enumerated() {
        let positions = [row, Int(partner)].map { index in
          index - groups.sequenceOfRow.firstIndex(of: groups.sequenceOfRow[index])!
        }
        #expect(positions[0] == positions[1], "a row keeps its position in the sequence")
      }
      #expect(Set(pairing).count == groups.rows)
    }
  }

  @Test func sequencesOfDifferentLengthHaveNoPairing() {
    let groups = Self.groupings[2]
    let (x, y) = pair(groups)
    let result = SimilarityReference(y, resampling: Resampling(groups: groups, seed: 5))
      .compare(x)
    #expect(result.debiased.nullMean == nil)
    #expect(result.biased.nullQ95 == nil)
    #expect(result.debiased.lower != nil)
  }

  @Test(arguments: groupings)
  func rowInfluenceIsTheLargestChangeWithoutASequence(groups: RowGroups) throws {
    let (x, y) = pair(groups)
    let result = SimilarityReference(y, resampling: Resampling(groups: groups, seed: 6))
      .compare(x, parts: .influence)
    let whole = try linearCKA(x, y, estimator: .debiased)
    let changes = try (0..<groups.sequences).map { left in
      let rows = (0..<groups.rows).filter { groups.sequenceOfRow[$0] != left }
      return try abs(
        linearCKA(x.selectingRows(rows), y.selectingRows(rows), estimator: .debiased) - whole)
    }
    #expect(try abs(result.rowInfluence.get() - #require(changes.max())) < 1e-11)
  }

  @Test func theTopRowsShareIsThatOfTheCentredGramMatrix() throws {
    let (x, y) = pair(Self.groupings[0])
    let resampling = Resampling(groups: Self.groupings[0], seed: 7)
    let result = SimilarityReference(y, resampling: resampling).compare(x)
    let gram = x.columnCentered.rowGram
    let shares = (0..<17).map { row in
      (0..<17).reduce(0) { $0 + gram[row, $1] * gram[row, $1] } / gram.squaredFrobeniusNorm
    }
    #expect(try abs(result.topRowShare.get() - #require(shares.max())) < 1e-13)
  }

  /// One row that carries everything: halves without it, and the value without it, come from
  /// numbers 10⁻¹² as large as the sums they are taken from.
  @Test(arguments: [1e3, 1e6])
  func anOutlyingRowSpoilsNeitherHalvesNorInfluence(factor: Double) throws {
    let groups = RowGroups(sequences: 17)
    var (x, y) = pair(groups)
    for column in 0..<5 { x[0, column] *= factor }
    for column in 0..<7 { y[0, column] *= factor }
    let resampling = Resampling(groups: groups, halves: 40, permutations: 0, seed: 8)
    let result = SimilarityReference(y, resampling: resampling).compare(x)
    // A difference of M² in numbers of M² / n² beside 1.
    let tolerance = max(1e-10, factor * factor * 0x1p-52)
    for estimator in CKAEstimator.allCases {
      for (sequences, value) in zip(resampling.halves, result[estimator].halves) {
        let expected = try linearCKA(
          x.selectingRows(sequences), y.selectingRows(sequences), estimator: estimator,
          space: .gram)
        #expect(try abs(#require(value) - expected) < tolerance)
      }
    }
    let rest = Array(1..<17)
    let change = try abs(
      linearCKA(x.selectingRows(rest), y.selectingRows(rest), estimator: .debiased)
        - result.debiased.value.get())
    #expect(try abs(result.rowInfluence.get() - change) < tolerance)
    #expect(try result.rowInfluence.get() > RowInfluence.flaggedChange)
    #expect(try result.topRowShare.get() > RowInfluence.flaggedShare)
  }

  @Test func aHalfWithoutVariationHasNoValue() throws {
    let groups = RowGroups(sequences: 10)
    var draws = Draws(seed: 9)
    let y = draws.gaussian(10, 4)
    // Rows 0 to 7 are equal: a half of five may hold only these.
    var x = translated(Matrix(rows: 10, columns: 3), by: 0.7)
    for column in 0..<3 {
      x[8, column] = Double(column)
      x[9, column] = 5
    }
    let resampling = Resampling(groups: groups, seed: 10)
    let result = SimilarityReference(y, resampling: resampling).compare(x)
    for (sequences, value) in zip(resampling.halves, result.biased.halves) {
      #expect((value == nil) == !sequences.contains { $0 >= 8 })
    }
    for (sequences, value) in zip(resampling.halves, result.debiased.halves) {
      #expect((value == nil) == (sequences.filter { $0 >= 8 }.count < 2))
    }
  }

  @Test func aMatrixAgainstItselfIsOneWithAnIntervalOfNoWidth() throws {
    let (x, _) = pair(Self.groupings[0])
    let result = SimilarityReference(x, resampling: Resampling(groups: Self.groupings[0], seed: 11))
      .compare(x)
    for estimator in CKAEstimator.allCases {
      #expect(try result[estimator].value.get() == 1)
      #expect(try abs(#require(result[estimator].lower) - 1) < 1e-12)
      #expect(try abs(#require(result[estimator].upper) - 1) < 1e-12)
    }
    #expect(try result.rowInfluence.get() < 1e-12)
  }

  @Test func gapsAreNamedAndNothingStandsBesideThem() throws {
    var draws = Draws(seed: 12)
    let y = draws.gaussian(9, 4)
    let resampling = Resampling(groups: RowGroups(sequences: 9), seed: 13)
    let reference = SimilarityReference(y, resampling: resampling)
    let constant = reference.compare(translated(Matrix(rows: 9, columns: 2), by: 0.3))
    for estimator in CKAEstimator.allCases {
      #expect(constant[estimator].value.gap == .constantMatrix)
      #expect(constant[estimator].lower == nil)
      #expect(constant[estimator].halves.isEmpty)
      #expect(constant[estimator].nullMean == nil)
    }
    #expect(constant.rowInfluence.gap == .constantMatrix)
    #expect(constant.topRowShare.gap == .constantMatrix)
    #expect(reference.compare(y, parts: []).rowInfluence.gap == .notRequested)
    var broken = y
    broken[2, 2] = .nan
    #expect(reference.compare(broken).debiased.value.gap == .nonFinite)
  }

  @Test(arguments: 0...8)
  func fewSequencesGiveWhatTheyCan(n: Int) throws {
    var draws = Draws(seed: 14)
    let (x, y) = (draws.gaussian(n, 3), draws.gaussian(n, 3))
    let resampling = Resampling(groups: RowGroups(sequences: n), seed: 15)
    let result = SimilarityReference(y, resampling: resampling).compare(x)
    #expect(result.biased.value.gap == (n < 2 ? .tooFewRows : nil))
    #expect(result.debiased.value.gap == (n < 4 ? .tooFewRows : nil))
    #expect((result.biased.lower == nil) == (n < 8))
    #expect((result.biased.nullMean == nil) == (n < 2))
    #expect(result.rowInfluence.gap == (n < 5 ? .tooFewRows : nil))
  }

  @Test func preparingACheckpointOnceGivesTheSameAsComparingItsMatrix() {
    let (x, y) = pair(Self.groupings[1])
    let resampling = Resampling(groups: Self.groupings[1], seed: 16)
    let reference = SimilarityReference(y, resampling: resampling)
    #expect(
      reference.compare(SimilarityReference(x, resampling: resampling)) == reference.compare(x))
  }

  @Test func aSeedFixesHalvesAndPairings() {
    let groups = RowGroups(sequences: 12)
    let first = Resampling(groups: groups, seed: 17)
    #expect(Resampling(groups: groups, seed: 17).halves == first.halves)
    #expect(Resampling(groups: groups, seed: 18).halves != first.halves)
    #expect(Resampling(groups: groups, halves: 3, seed: 17).pairings == first.pairings)
    #expect(Resampling(groups: groups, seed: 18).pairings != first.pairings)
  }
}
