import Foundation
import Testing

@testable import Statistics

@Suite struct ResamplingTests {
  private func sample(_ seed: UInt64, _ n: Int, effect: Double = 0, levels: Double? = nil)
    -> PairedSample
  {
    var generator = SeededGenerator(seed: seed)
    func rounded(_ v: Double) -> Double { levels.map { (v * $0).rounded() / $0 } ?? v }
    let x = generator.gaussians(n)
    let y = x.map { effect * $0 + generator.gaussian() }
    return PairedSample(
      x: x.map(rounded), y: y.map(rounded), control: (0..<n).map { Double($0) / Double(n - 1) })
  }

  private func permutations(of n: Int) -> [[Int]] {
    if n == 0 { return [[]] }
    return permutations(of: n - 1).flatMap { shorter in
      (0...shorter.count).map { place in
        var longer = shorter
        longer.insert(n - 1, at: place)
        return longer
      }
    }
  }

  @Test(arguments: CorrelationMethod.allCases, [nil, 1.0])
  func thePermutationPComesNearTheExactOne(method: CorrelationMethod, levels: Double?) throws {
    let sample = sample(11, 6, effect: 0.8, levels: levels)
    let observed = try #require(correlation(method, sample.x, sample.y))
    let all = try permutations(of: 6).map { order in
      try #require(correlation(method, order.map { sample.x[$0] }, sample.y))
    }
    let above = Double(all.count { $0 >= observed - 1e-11 }) / 720
    let below = Double(all.count { $0 <= observed + 1e-11 }) / 720
    let exact = min(1, 2 * min(above, below))
    var generator = SeededGenerator(seed: 12)
    let draws = 4_000
    let p = try #require(
      PermutationTest(method: method, scope: .within(.none), permutations: draws)
        .p([sample], using: &generator))
    // Four standard errors of twice a binomial share.
    let error = 2 * (exact / 2 * (1 - exact / 2) / Double(draws)).squareRoot()
    #expect(abs(p - exact) < 4 * error + 1 / Double(draws))
  }

  @Test(arguments: [CorrelationMethod.spearman, .pearson, .kendallB])
  func freedmanLaneDrawsAreTheSlowFormulas(method: CorrelationMethod) throws {
    // The kernel's shortcut against refitting x* = fitted + permuted residual from scratch.
    let sample = sample(13, 9, effect: 0.5)
    let kernel = try #require(
      PermutationKernel(sample, method: method, control: .linear, segments: [0..<9]))
    let x = method == .pearson ? sample.x : midRanks(of: sample.x)
    let y = method == .pearson ? sample.y : midRanks(of: sample.y)
    let z = method == .pearson ? sample.control : midRanks(of: sample.control)
    let center = x.reduce(0, +) / 9
    let basis = controlBasis(of: z, .linear)
    var rest = residual(of: x.map { $0 - center }, on: basis)
    let fitted = x.indices.map { x[$0] - rest[$0] }
    var first = SeededGenerator(seed: 14)
    var second = SeededGenerator(seed: 14)
    let shuffler = Shuffler([0..<9])
    for fast in kernel.draws(200, using: &first) {
      rest.withUnsafeMutableBufferPointer { shuffler.shuffle($0, using: &second) }
      let drawn = zip(fitted, rest).map { $0 + $1 }
      // Residual form for the linear methods; τ's first-order formula on the drawn values.
      let slow =
        method == .kendallB
        ? partialCorrelation(.kendallB, drawn, y, given: z, .linear)
        : partialCorrelation(.pearson, drawn, y, given: z, .linear)
      #expect(abs(fast - (slow.value ?? 0)) < 1e-11)
    }
  }

  @Test(arguments: CorrelationMethod.allCases, [CorrelationControl.none, .linear])
  func aWeightedCoefficientIsThatOfTheResampledTable(
    method: CorrelationMethod, control: CorrelationControl
  ) throws {
    let sample = sample(15, 10, effect: 0.6, levels: 2)
    let kernel = WeightedCorrelation([sample], method: method, control: control)
    var generator = SeededGenerator(seed: 16)
    var compared = 0
    for _ in 0..<100 {
      let indices = generator.resample(10, of: 10)
      var weights = [Double](repeating: 0, count: 10)
      for index in indices { weights[index] += 1 }
      func pick(_ list: [Double]) -> [Double] { indices.map { list[$0] } }
      let slow = partialCorrelation(
        method, pick(sample.x), pick(sample.y), given: pick(sample.control), control
      ).value
      let fast = kernel.coefficient(weights: weights)
      #expect((slow == nil) == (fast == nil))
      if let slow, let fast {
        #expect(abs(slow - fast) < 1e-10)
        compared += 1
      }
    }
    #expect(compared > 90)
  }

  @Test func pValuesAreUniformWithoutAnEffect() throws {
    let suites = 300
    var small = 0
    for suite in 0..<suites {
      let samples = (0..<2).map { sample(UInt64(1000 + 2 * suite + $0), 8) }
      var generator = SeededGenerator(seed: UInt64(suite))
      let p = try #require(
        PermutationTest(method: .spearman, scope: .within(.linear), permutations: 99)
          .p(samples, using: &generator))
      if p <= 0.1 { small += 1 }
    }
    // 10 % within four binomial standard errors of 300 trials.
    #expect(abs(Double(small) / 300 - 0.1) < 4 * (0.09 / 300.0).squareRoot())
  }

  @Test(arguments: CorrelationMethod.allCases)
  func theBootstrapIntervalHoldsTheEstimateOfAClearEffect(method: CorrelationMethod) throws {
    let samples = [sample(21, 24, effect: 2), sample(22, 32, effect: 2)]
    for scope in [CorrelationScope.pooled, .within(.none), .within(.linear)] {
      let estimate = try #require(
        StratifiedCorrelation(samples, method: method, scope: scope)?.estimate)
      var generator = SeededGenerator(seed: 23)
      let interval = try #require(
        StratifiedBootstrap(method: method, scope: scope, resamples: 400)
          .interval(samples, using: &generator))
      #expect(interval.lower < estimate && estimate < interval.upper)
      #expect(interval.lower > 0)
    }
  }

  @Test func equalSeedsGiveEqualIntervalsAndPValues() {
    let samples = [sample(31, 8), sample(32, 12)]
    func results(_ seed: UInt64) -> (Interval?, Double?) {
      var generator = SeededGenerator(seed: seed)
      let bootstrap = StratifiedBootstrap(
        method: .spearman, scope: .within(.linear), resamples: 100)
      let test = PermutationTest(
        method: .spearman, scope: .within(.linear), permutations: 99)
      return (
        bootstrap.interval(samples, using: &generator), test.p(samples, using: &generator)
      )
    }
    #expect(results(1) == results(1))
    #expect(results(1).0 != results(2).0)
  }

  @Test func degenerateTablesGiveNothingRatherThanACrash() {
    var generator = SeededGenerator(seed: 1)
    let constant = PairedSample(x: [1, 1, 1, 1], y: [1, 2, 3, 4], control: [0, 1, 2, 3])
    let empty = PairedSample(x: [], y: [], control: [])
    let exact = PairedSample(
      x: [1, 2, 3, 4, 5, 6], y: [3, 1, 2, 6, 4, 5], control: [0, 1, 2, 3, 4, 5])
    for method in CorrelationMethod.allCases {
      for scope in [CorrelationScope.pooled, .within(.none), .within(.linear)] {
        let bootstrap = StratifiedBootstrap(method: method, scope: scope, resamples: 10)
        let test = PermutationTest(method: method, scope: scope, permutations: 9)
        for bad in [constant, empty] {
          #expect(StratifiedCorrelation([bad], method: method, scope: scope) == nil)
          #expect(bootstrap.interval([bad], using: &generator) == nil)
          #expect(test.p([bad], using: &generator) == nil)
        }
      }
      // Exactly explained by the control: counts as 0 in a combination, has no interval of its own.
      let given = StratifiedCorrelation([exact], method: method, scope: .within(.linear))
      #expect(given?.estimate == 0)
      #expect(
        StratifiedBootstrap(method: method, scope: .within(.linear), resamples: 10)
          .interval([exact], using: &generator) == nil)
    }
  }

  @Test func theSmallestPossiblePIsTwoOverOnePlusDraws() throws {
    let n = 30
    let ramp = (0..<n).map { Double($0) }
    let perfect = PairedSample(x: ramp, y: ramp, control: ramp)
    var generator = SeededGenerator(seed: 3)
    let p = PermutationTest(method: .spearman, scope: .within(.none), permutations: 99)
      .p([perfect], using: &generator)
    #expect(p == 2.0 / 100)
  }
}
