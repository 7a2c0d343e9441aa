import LinearAlgebra
import Statistics
import Testing

@testable import Metrics

/// What the estimators do on average, over seeded draws.
@Suite struct EstimatorStatisticsTests {
  /// Independent standard normal matrices [n, d].
  private func values(
    n: Int, d: Int, draws count: Int, seed: UInt64
  ) throws -> (biased: [Double], debiased: [Double]) {
    var draws = Draws(seed: seed)
    var (biased, debiased) = ([Double](), [Double]())
    for _ in 0..<count {
      let (x, y) = (CenteredGram(of: draws.gaussian(n, d)), CenteredGram(of: draws.gaussian(n, d)))
      biased.append(try x.similarity(to: y, estimator: .biased))
      debiased.append(try x.similarity(to: y, estimator: .debiased))
    }
    return (biased, debiased)
  }

  @Test(arguments: [(16, 8, 400), (32, 64, 300), (128, 16, 200), (64, 512, 60), (128, 2560, 24)])
  func debiasedCKAOfIndependentDataHasMeanZero(n: Int, d: Int, count: Int) throws {
    let values = try values(n: n, d: d, draws: count, seed: 1).debiased
    let center = try #require(mean(of: values))
    let error = try #require(standardDeviation(of: values)) / Double(count).squareRoot()
    // 3 standard errors: a false alarm in 1 of 370 seeds, and the seed is fixed.
    #expect(abs(center) < 3 * error)
  }

  @Test func biasedCKAOfIndependentDataTendsToOneAsFeaturesOutnumberRows() throws {
    let wide = try values(n: 128, d: 2560, draws: 4, seed: 2).biased
    #expect(wide.allSatisfy { $0 > 0.9 })
    let means = try [16, 64, 256, 1024].map { d in
      try #require(mean(of: try values(n: 64, d: d, draws: 6, seed: 3).biased))
    }
    #expect(means == means.sorted())
    // d / (d + n) of independent Gaussians, to the first order.
    #expect(abs(means[2] - 256.0 / (256 + 64)) < 0.03)
  }

  /// The 95 % quantile over re-pairings is exceeded by independent data in 5 % of cases: the value
  /// itself is one more random pairing.
  @Test func theNullFloorCoversAtItsRate() throws {
    var draws = Draws(seed: 4)
    let count = 400
    let resampling = Resampling(
      groups: RowGroups(sequences: 24), halves: 0, permutations: 400, seed: 5)
    var exceeded: [CKAEstimator: Int] = [:]
    for _ in 0..<count {
      let (x, y) = (draws.gaussian(24, 40), draws.gaussian(24, 40))
      let result = SimilarityReference(y, resampling: resampling).compare(x, parts: .null)
      for estimator in CKAEstimator.allCases {
        let q95 = try #require(result[estimator].nullQ95)
        if try result[estimator].value.get() > q95 { exceeded[estimator, default: 0] += 1 }
      }
    }
    // 20 expected; ± 3 standard deviations of a binomial count, √(400 · .05 · .95) = 4.36.
    for estimator in CKAEstimator.allCases {
      #expect((7...33).contains(exceeded[estimator] ?? 0), "\(estimator)")
    }
  }

  /// The null's mean is the bias itself for the biased form and 0 for the debiased one.
  @Test func theNullMeanIsTheBias() throws {
    var draws = Draws(seed: 6)
    let x = draws.gaussian(40, 200)
    let y = x + draws.gaussian(40, 200)
    let resampling = Resampling(groups: RowGroups(sequences: 40), halves: 0, seed: 7)
    let result = SimilarityReference(y, resampling: resampling).compare(x, parts: .null)
    let debiased = try #require(result.debiased.nullMean)
    let q95 = try #require(result.debiased.nullQ95)
    #expect(abs(debiased) < 3 * q95 / 1000.0.squareRoot())
    #expect(try #require(result.biased.nullMean) > 0.8)
    #expect(try result.debiased.value.get() > q95)
  }

  /// Sequences drawn anew from one population: the half-sample interval holds the population's
  /// value about as often as it says, for a value away from the borders.
  @Test func halfSampleIntervalsCoverThePopulationValue() throws {
    var draws = Draws(seed: 8)
    let (mapOfX, mapOfY) = (draws.gaussian(3, 12), draws.gaussian(3, 12))
    func sample(_ n: Int) -> (Matrix<Double>, Matrix<Double>) {
      let shared = draws.gaussian(n, 3)
      return (
        draws.gaussian(n, 12) + shared.multiplied(by: mapOfX),
        draws.gaussian(n, 12) + shared.multiplied(by: mapOfY)
      )
    }
    let (largeX, largeY) = sample(40_000)
    let population = try linearCKA(largeX, largeY, estimator: .debiased, space: .features)
    let resampling = Resampling(
      groups: RowGroups(sequences: 100), halves: 200, permutations: 0, seed: 9)
    var covered = 0
    for _ in 0..<200 {
      let (x, y) = sample(100)
      let result = SimilarityReference(y, resampling: resampling).compare(x, parts: .intervals)
      let (lower, upper) = try (
        #require(result.debiased.lower), #require(result.debiased.upper)
      )
      if (lower...upper).contains(population) { covered += 1 }
    }
    // 190 expected; ± 3 standard deviations of a binomial count, √(200 · .95 · .05) = 3.08.
    #expect((181...199).contains(covered))
  }

  /// The published finding on bootstraps that METHODS names: duplicates act like the diagonal.
  @Test func halvesAreNotMovedTheWayDuplicatesMoveABootstrap() throws {
    var draws = Draws(seed: 10)
    let (x, y) = (draws.gaussian(128, 512), draws.gaussian(128, 512))
    let resampling = Resampling(
      groups: RowGroups(sequences: 128), halves: 100, permutations: 0, seed: 11)
    let result = SimilarityReference(y, resampling: resampling).compare(x, parts: .intervals)
    let halves = result.debiased.halves.compactMap(\.self)
    let middle = try #require(mean(of: halves))
    #expect(abs(middle) < 0.05)
    let bootstrap = draws.generator.resample(128, of: 128)
    let duplicated = try linearCKA(
      x.selectingRows(bootstrap), y.selectingRows(bootstrap), estimator: .debiased)
    #expect(duplicated > 0.6)
    #expect(try #require(result.debiased.upper) < 0.2)
  }
}
