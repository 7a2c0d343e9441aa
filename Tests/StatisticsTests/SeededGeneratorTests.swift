import Foundation
import Testing

@testable import Statistics

@Suite struct SeededGeneratorTests {
  @Test func theSequenceIsThePublishedOneOfXoshiro256StarStar() {
    // From the state 1, 2, 3, 4, as the authors' C code and other implementations' tests have it.
    var generator = SeededGenerator(state: (1, 2, 3, 4))
    let expected: [UInt64] = [
      11520, 0, 1_509_978_240, 1_215_971_899_390_074_240, 1_216_172_134_540_287_360,
      607_988_272_756_665_600, 16_172_922_978_634_559_625, 8_476_171_486_693_032_832,
      10_595_114_339_597_558_777, 2_904_607_092_377_533_576,
    ]
    #expect(expected.map { _ in generator.next() } == expected)
  }

  @Test func theSeedIsSpreadBySplitMix64() {
    // First outputs of the reference C code of SplitMix64 for the seed 1234567.
    var mixer = SplitMix64(state: 1_234_567)
    let expected: [UInt64] = [
      6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
      4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
    ]
    #expect(expected.map { _ in mixer.next() } == expected)
  }

  @Test func equalSeedsGiveEqualDrawsAndOtherSeedsOthers() {
    var first = SeededGenerator(seed: 7)
    var second = SeededGenerator(seed: 7)
    var third = SeededGenerator(seed: 8)
    let draws = first.gaussians(50)
    #expect(draws == second.gaussians(50))
    #expect(draws != third.gaussians(50))
  }

  @Test func uniformNumbersHaveTheMomentsOfTheUniformDistribution() {
    var generator = SeededGenerator(seed: 1)
    let draws = (0..<40_000).map { _ in generator.uniform() }
    #expect(draws.allSatisfy { $0 >= 0 && $0 < 1 })
    let mean = draws.reduce(0, +) / 40_000
    // Standard error √(1/12/40000) = 0.00144.
    #expect(abs(mean - 0.5) < 4 * 0.00144)
  }

  @Test func gaussianDrawsHaveMeanZeroVarianceOneAndNoSkew() {
    var generator = SeededGenerator(seed: 2)
    let n = 40_000.0
    let draws = generator.gaussians(Int(n))
    let mean = draws.reduce(0, +) / n
    let second = draws.reduce(0) { $0 + $1 * $1 } / n
    let third = draws.reduce(0) { $0 + $1 * $1 * $1 } / n
    let fourth = draws.reduce(0) { $0 + $1 * $1 * $1 * $1 } / n
    // Standard errors of the moments of a normal sample: 1, √2, √15, √96, over √n.
    #expect(abs(mean) < 4 / n.squareRoot())
    #expect(abs(second - 1) < 4 * (2 / n).squareRoot())
    #expect(abs(third) < 4 * (15 / n).squareRoot())
    #expect(abs(fourth - 3) < 4 * (96 / n).squareRoot())
  }

  @Test(arguments: [1e-300, 1e-20, 0.1, 0.5, 0.7071, 0.999_999_9, 1, 1.4142, 1.4143, 3, 1e10])
  func portableLogIsTheLogarithm(x: Double) {
    let expected = log(x)
    #expect(abs(portableLog(x) - expected) <= 2 * expected.ulp)
  }

  @Test func everyPermutationOfFourIsEquallyLikely() {
    var generator = SeededGenerator(seed: 3)
    var counts: [[Int]: Int] = [:]
    for _ in 0..<24_000 { counts[generator.permutation(of: 4), default: 0] += 1 }
    #expect(counts.count == 24)
    let chiSquare = counts.values.reduce(0.0) { $0 + pow(Double($1) - 1000, 2) / 1000 }
    // 99.9 % point of χ² with 23 degrees of freedom.
    #expect(chiSquare < 49.73)
  }

  @Test func samplesAreDifferentAscendingAndEquallyLikely() {
    var generator = SeededGenerator(seed: 4)
    var counts: [[Int]: Int] = [:]
    for _ in 0..<20_000 { counts[generator.sample(2, of: 5), default: 0] += 1 }
    #expect(counts.keys.allSatisfy { $0[0] < $0[1] && $0[1] < 5 })
    #expect(counts.count == 10)
    let chiSquare = counts.values.reduce(0.0) { $0 + pow(Double($1) - 2000, 2) / 2000 }
    // 99.9 % point of χ² with 9 degrees of freedom.
    #expect(chiSquare < 27.88)
  }

  @Test func theFirstDrawsOfASeedNeverChange() {
    // Results that were published with a seed must be reproducible by later releases.
    var generator = SeededGenerator(seed: 42)
    #expect(generator.permutation(of: 8) == [7, 1, 6, 3, 5, 4, 2, 0])
    #expect(generator.sample(3, of: 100) == [59, 76, 85])
    #expect(generator.gaussian() == 1.0078198992420604)
    #expect(generator.index(below: 1000) == 801)
  }

  @Test func edgesOfTheDraws() {
    var generator = SeededGenerator(seed: 5)
    #expect(generator.permutation(of: 0) == [])
    #expect(generator.permutation(of: 1) == [0])
    #expect(generator.sample(0, of: 3) == [])
    #expect(generator.sample(3, of: 3) == [0, 1, 2])
    #expect(generator.index(below: 1) == 0)
  }
}
