import Foundation
import LinearAlgebra
import Testing

@testable import Metrics

@Suite struct SpectrumTests {
  /// [m, n] with the given singular values.
  private func matrix(_ m: Int, _ n: Int, values: [Double]) throws -> Matrix<Double> {
    var draws = Draws(seed: 1)
    let (u, v) = try (draws.orthogonal(m), draws.orthogonal(n))
    var scaled = v.rowTop(values.count)
    for (row, value) in values.enumerated() {
      for column in 0..<n { scaled[row, column] *= value }
    }
    return u.selectingColumns(0..<values.count).multiplied(by: scaled)
  }

  /// The first sanity experiment of PER: r equal singular values of k.
  @Test(arguments: [1, 3, 8, 12], SingularValues.Route.allCases)
  func rankRWithEqualValuesHasPERrOverK(r: Int, route: SingularValues.Route) throws {
    let a = try matrix(12, 20, values: .init(repeating: 2.5, count: r))
    let spectrum = try Spectrum(of: a, route: route)
    let tolerance = route == .gram ? 1e-6 : 1e-11
    #expect(try abs(spectrum.per(k: 12) - Double(r) / 12) < tolerance)
    #expect(try abs(spectrum.stableRank() - Double(r)) < 1e-12)
    #expect(try abs(spectrum.participationRatio() - Double(r)) < 1e-12)
    #expect(spectrum.numericalRank == r)
    #expect(try abs(spectrum.spectralEntropy() - log(Double(r))) < 1e-12)
  }

  /// The second: σ_i = qⁱ, whose entropy has a closed form.
  @Test(arguments: [0.3, 0.9, 0.99])
  func aGeometricSpectrumFollowsItsFormula(q: Double) throws {
    let k = 40
    let spectrum = Spectrum(
      values: (0..<k).map { pow(q, Double($0)) }, rows: 40, columns: 60)
    // p_i = qⁱ (1 − q)/(1 − q^k), so −Σ p ln p = −ln((1 − q)/(1 − q^k)) − E[i] ln q.
    let norm = (1 - q) / (1 - pow(q, Double(k)))
    let place = q / (1 - q) - Double(k) * pow(q, Double(k)) / (1 - pow(q, Double(k)))
    let expected = exp(-log(norm) - place * log(q))
    #expect(try abs(spectrum.effectiveRank() - expected) < 1e-10)
    #expect(try abs(spectrum.per(k: k) - expected / 40) < 1e-12)
  }

  @Test func zeroValuesCountNothing() throws {
    let spectrum = Spectrum(values: [3, 1, 0, 0], rows: 4, columns: 4)
    let without = Spectrum(values: [3, 1], rows: 4, columns: 4)
    #expect(try spectrum.effectiveRank() == without.effectiveRank())
    #expect(try abs(spectrum.effectiveRank() - exp(-0.75 * log(0.75) - 0.25 * log(0.25))) < 1e-14)
    #expect(throws: Gap.singularMatrix) { try spectrum.conditionNumber() }
    #expect(try without.conditionNumber() == 3)
  }

  @Test func normsAreThoseOfTheMatrix() throws {
    var draws = Draws(seed: 2)
    let a = draws.gaussian(7, 11)
    let spectrum = try Spectrum(of: a)
    #expect(abs(spectrum.frobeniusNorm - a.squaredFrobeniusNorm.squareRoot()) < 1e-12)
    // The nuclear norm is the trace of (A Aᵀ)^½.
    let eigen = try SymmetricEigen(of: a.rowGram)
    let trace = eigen.values.reduce(0) { $0 + $1.squareRoot() }
    #expect(abs(spectrum.nuclearNorm - trace) < 1e-12)
    #expect(abs(spectrum.spectralNorm - eigen.values[6].squareRoot()) < 1e-12)
    #expect(spectrum.spectralNorm <= spectrum.frobeniusNorm)
    #expect(spectrum.frobeniusNorm <= spectrum.nuclearNorm)
  }

  @Test(arguments: SpectralMetric.allCases)
  func everyMetricIsFiniteOnRandomMatricesAndAGapOrZeroOnZero(metric: SpectralMetric) throws {
    var draws = Draws(seed: 3)
    let spectrum = try Spectrum(of: draws.gaussian(20, 30))
    #expect(try spectrum.value(metric, k: 20).get().isFinite)
    let zero = try Spectrum(of: Matrix<Float>(rows: 20, columns: 30))
    switch metric {
    case .numericalRank, .spectralNorm, .nuclearNorm, .frobeniusNorm:
      #expect(try zero.value(metric, k: 20).get() == 0)
    default:
      #expect(zero.value(metric, k: 20).gap == .zeroMatrix)
    }
  }

  /// Scale invariance, and order between the ranks.
  @Test(arguments: [1e-30, 1.0, 1e30])
  func ranksDoNotDependOnTheScale(factor: Double) throws {
    var draws = Draws(seed: 4)
    let a = draws.gaussian(15, 25)
    let (one, other) = try (Spectrum(of: a), Spectrum(of: factor * a))
    for metric in [
      SpectralMetric.per, .effectiveRank, .stableRank, .participationRatio, .numericalRank,
      .conditionNumber, .spectralEntropy, .alpha,
    ] {
      let (x, y) = try (one.value(metric, k: 15).get(), other.value(metric, k: 15).get())
      #expect(abs(x - y) < 1e-9 * abs(x), "\(metric)")
    }
    #expect(try one.stableRank() <= one.participationRatio())
    #expect(try one.participationRatio() <= one.effectiveRank())
    #expect(try (1...15).contains(one.effectiveRank()))
  }

  @Test func truncationKeepsTheFirstValuesAndNormalisesOverThem() throws {
    let spectrum = Spectrum(values: [4, 1, 2, 1], rows: 4, columns: 4).truncated(to: 2)
    #expect(spectrum.values == [4, 2])
    let expected = exp(-(2.0 / 3) * log(2.0 / 3) - (1.0 / 3) * log(1.0 / 3)) / 2
    #expect(try abs(spectrum.per(k: 2) - expected) < 1e-14)
  }

  @Test func theMeanOfSpectraIsTakenValueByValue() throws {
    let mean = Spectrum.mean(of: [
      Spectrum(values: [4, 0], rows: 2, columns: 5), Spectrum(values: [2, 2], rows: 2, columns: 5),
    ])
    #expect(mean == Spectrum(values: [3, 1], rows: 2, columns: 5))
  }

  @Test func anEntryThatIsNotFiniteIsAGap() {
    var a = Matrix<Float>(rows: 3, columns: 3)
    a[1, 1] = .nan
    #expect(throws: Gap.nonFinite) { try Spectrum(of: a) }
    #expect(throws: Gap.nonFinite) { try Spectrum(ofProduct: a, a) }
  }

  /// σ² at the quantiles of a power law: the fit finds its exponent.
  @Test(arguments: [1.8, 2.5, 4.0])
  func theTailExponentOfAPowerLawIsFound(alpha: Double) throws {
    let count = 400
    let values = (0..<count).map { place in
      // P(X > x) = x^(1 − α).
      pow((Double(place) + 0.5) / Double(count), 1 / (1 - alpha)).squareRoot()
    }
    let fit = try Spectrum(values: values, rows: count, columns: count).tailExponent()
    #expect(abs(fit.alpha - alpha) < 0.05 * alpha)
    #expect(fit.distance < 0.02)
  }

  @Test func theTailIsTheOneWithTheSmallestDistanceOfAll() throws {
    var draws = Draws(seed: 5)
    let spectrum = try Spectrum(of: draws.gaussian(25, 40))
    let fit = try spectrum.tailExponent()
    // All candidates again, with the definitions written out.
    let squares = spectrum.values.map { $0 * $0 }.sorted()
    var best = (distance: Double.infinity, alpha: 0.0)
    for start in squares.prefix(21) {
      let tail = squares.filter { $0 >= start }
      let alpha = 1 + Double(tail.count) / tail.reduce(0) { $0 + log($1 / start) }
      let distance =
        tail.indices.map { place in
          let fitted = 1 - pow(tail[place] / start, 1 - alpha)
          return max(
            abs(Double(place + 1) / Double(tail.count) - fitted),
            abs(Double(place) / Double(tail.count) - fitted))
        }.max() ?? 0
      if distance < best.distance { best = (distance, alpha) }
    }
    #expect(abs(fit.alpha - best.alpha) < 1e-9)
    #expect(abs(fit.distance - best.distance) < 1e-9)
  }

  @Test func aTailNeedsDifferentValues() {
    #expect(throws: Gap.tooFewValues) {
      try Spectrum(values: [3, 2, 1], rows: 3, columns: 3).tailExponent()
    }
    #expect(throws: Gap.tooFewValues) {
      try Spectrum(values: .init(repeating: 2, count: 30), rows: 30, columns: 30).tailExponent()
    }
  }
}

extension Matrix<Double> {
  func rowTop(_ count: Int) -> Matrix { selectingRows(0..<count) }
}
