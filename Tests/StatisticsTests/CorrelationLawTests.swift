import Foundation
import Testing

@testable import Statistics

@Suite struct CorrelationLawTests {
  private func table(_ seed: UInt64, _ n: Int) -> (x: [Double], y: [Double]) {
    var generator = SeededGenerator(seed: seed)
    return (generator.gaussians(n), generator.gaussians(n))
  }

  @Test(arguments: CorrelationMethod.allCases)
  func coefficientsAreSymmetricSignedAndOneForThemselves(method: CorrelationMethod) throws {
    let (x, y) = table(1, 15)
    let r = try #require(correlation(method, x, y))
    #expect(correlation(method, y, x) == r)
    #expect(abs(try #require(correlation(method, x, y.map { -$0 })) + r) < 1e-15)
    #expect(abs(try #require(correlation(method, x, x)) - 1) < 1e-15)
  }

  @Test(arguments: [CorrelationMethod.spearman, .kendallB])
  func rankCoefficientsDoNotSeeAMonotoneMap(method: CorrelationMethod) throws {
    let (x, y) = table(2, 12)
    #expect(correlation(method, x.map { exp($0) }, y) == correlation(method, x, y))
  }

  @Test(arguments: CorrelationMethod.allCases)
  func constantAndShortListsHaveNoCoefficient(method: CorrelationMethod) {
    #expect(correlation(method, [0.1, 0.1, 0.1], [1, 2, 3]) == nil)
    #expect(correlation(method, [1, 2, 3], [0.3, 0.3, 0.3]) == nil)
    #expect(correlation(method, [], []) == nil)
    #expect(correlation(method, [1], [2]) == nil)
  }

  @Test func infinitiesRankAsTiedAboveAllButHaveNoPearson() throws {
    let x = [0.2, .infinity, 0.5, .infinity]
    #expect(midRanks(of: x) == [1, 3.5, 2, 3.5])
    #expect(spearman(x, [1, 4, 2, 4]) == 1)
    #expect(kendallTauB(x, [1, 4, 2, 4]) == 1)
    #expect(pearson(x, [1, 2, 3, 4]) == nil)
  }

  @Test func residualAndFirstOrderFormulasOfAPartialCorrelationAgree() throws {
    let (x, y) = table(3, 20)
    let z = (0..<20).map { Double($0) }
    let residual = try #require(partialCorrelation(.pearson, x, y, given: z, .linear).value)
    let formula = firstOrderPartial(
      xy: try #require(pearson(x, y)), xz: try #require(pearson(x, z)),
      yz: try #require(pearson(y, z)))
    #expect(abs(residual - (try #require(formula.value))) < 1e-13)
  }

  @Test(arguments: CorrelationMethod.allCases)
  func whatTheControlExplainsExactlyIsNoCoefficient(method: CorrelationMethod) {
    let z = (0..<8).map { Double($0) }
    let x = z.map { 3.3 - 0.7 * $0 }
    let y = [0.3, 0.1, 0.9, 0.2, 0.8, 0.7, 0.4, 0.6]
    #expect(partialCorrelation(method, x, y, given: z, .linear) == .explained)
    #expect(partialCorrelation(method, y, x, given: z, .linear) == .explained)
    let constant = [Double](repeating: 0.4, count: 8)
    #expect(partialCorrelation(method, constant, y, given: z, .linear) == .undefined)
  }

  @Test func aQuadraticControlTakesOutACommonParabola() throws {
    var generator = SeededGenerator(seed: 4)
    let z = (0..<40).map { Double($0) / 39 }
    let hill = z.map { 10 * ($0 - 0.5) * ($0 - 0.5) }
    let x = hill.map { $0 + 0.1 * generator.gaussian() }
    let y = hill.map { $0 + 0.1 * generator.gaussian() }
    let linear = try #require(partialCorrelation(.pearson, x, y, given: z, .linear).value)
    let quadratic = try #require(partialCorrelation(.pearson, x, y, given: z, .quadratic).value)
    #expect(linear > 0.9)
    // Independent noise is left: three standard errors of r at n = 40.
    #expect(abs(quadratic) < 3 / 37.0.squareRoot())
  }

  @Test func theVarianceOfFishersZNeedsEnoughPairs() {
    #expect(FisherZ(0.5, n: 3, method: .spearman) == nil)
    #expect(FisherZ(0.5, n: 4, method: .spearman, control: .linear) == nil)
    #expect(FisherZ(0.5, n: 4, method: .kendallB) == nil)
    #expect(FisherZ(0.5, n: 4, method: .pearson)?.variance == 1)
    #expect(FisherZ(0.5, n: 6, method: .spearman, control: .quadratic)?.variance == 1.06)
    // A perfect coefficient is cut to something finite: 1 − 6/(125 − 5).
    #expect(FisherZ(1, n: 5, method: .spearman)?.z == atanh(0.95))
  }

  @Test func quantilesTouchingAnInfinityAreInfinite() {
    #expect(median(of: [0.1, 0.2, .infinity]) == 0.2)
    #expect(median(of: [0.1, .infinity]) == .infinity)
    #expect(median(of: [.infinity, .infinity]) == .infinity)
    #expect(median(of: []) == nil)
  }
}
