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

  private func grid(
    _ samples: [PairedSample], _ method: CorrelationMethod, _ scope: CorrelationScope
  )
    -> CorrelationGrid?
  {
    CorrelationGrid(
      samples.map { CorrelationGrid.Stratum(xs: [$0.x], ys: [$0.y], control: $0.control) },
      method: method, scope: scope)
  }

  private let pair = GridPair(x: 0, y: 0)

  private func p(
    _ samples: [PairedSample], _ method: CorrelationMethod, _ scope: CorrelationScope,
    _ permutations: Int, _ generator: inout SeededGenerator
  ) -> Double? {
    grid(samples, method, scope)?.p([pair], permutations: permutations, using: &generator)[0]
  }

  private func interval(
    _ samples: [PairedSample], _ method: CorrelationMethod, _ scope: CorrelationScope,
    _ resamples: Int, _ generator: inout SeededGenerator
  ) -> Interval? {
    grid(samples, method, scope)?.intervals([pair], resamples: resamples, using: &generator)[0]
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
    let p = try #require(p([sample], method, .within(.none), draws, &generator))
    // Four standard errors of twice a binomial share.
    let error = 2 * (exact / 2 * (1 - exact / 2) / Double(draws)).squareRoot()
    #expect(abs(p - exact) < 4 * error + 1 / Double(draws))
  }

  @Test(arguments: [CorrelationMethod.spearman, .pearson, .kendallB])
  func freedmanLaneDrawsAreTheSlowFormulas(method: CorrelationMethod) throws {
    // The kernel's shortcut against refitting x* = fitted + permuted residual from scratch.
    let sample = sample(13, 9, effect: 0.5)
    let unit = GridUnit(
      xs: [sample.x], ys: [sample.y], control: sample.control, segments: [0..<9])
    var kernel = PermutedUnit(unit, [pair], method: method, control: .linear)
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
    for _ in 0..<200 {
      var totals = [0.0]
      kernel.add(weight: 1, to: &totals, using: &first)
      let fast = totals[0]
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
    let unit = GridUnit(
      xs: [sample.x], ys: [sample.y], control: sample.control, segments: [0..<10])
    var kernel = ResampledUnit(unit, method: method, control: control)
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
      kernel.take(weights: weights)
      var fast: Double?
      kernel.coefficients([pair]) { _, r in fast = r.isNaN ? nil : r }
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
        p(samples, .spearman, .within(.linear), 99, &generator))
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
        interval(samples, method, scope, 400, &generator))
      #expect(interval.lower < estimate && estimate < interval.upper)
      #expect(interval.lower > 0)
    }
  }

  @Test func equalSeedsGiveEqualIntervalsAndPValues() {
    let samples = [sample(31, 8), sample(32, 12)]
    func results(_ seed: UInt64) -> (Interval?, Double?) {
      var generator = SeededGenerator(seed: seed)
      return (
        interval(samples, .spearman, .within(.linear), 100, &generator),
        p(samples, .spearman, .within(.linear), 99, &generator)
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
        for bad in [constant, empty] {
          #expect(StratifiedCorrelation([bad], method: method, scope: scope) == nil)
          #expect(interval([bad], method, scope, 10, &generator) == nil)
          #expect(p([bad], method, scope, 9, &generator) == nil)
        }
      }
      // Exactly explained by the control: counts as 0 in a combination, has no interval of its own.
      let given = StratifiedCorrelation([exact], method: method, scope: .within(.linear))
      #expect(given?.estimate == 0)
      #expect(interval([exact], method, .within(.linear), 10, &generator) == nil)
    }
  }

  @Test func theSmallestPossiblePIsTwoOverOnePlusDraws() throws {
    let n = 30
    let ramp = (0..<n).map { Double($0) }
    let perfect = PairedSample(x: ramp, y: ramp, control: ramp)
    var generator = SeededGenerator(seed: 3)
    let p = p([perfect], .spearman, .within(.none), 99, &generator)
    #expect(p == 2.0 / 100)
  }

  @Test(arguments: CorrelationMethod.allCases, [CorrelationScope.pooled, .within(.linear)])
  func whatAPairGetsDoesNotDependOnTheOthers(method: CorrelationMethod, scope: CorrelationScope)
    throws
  {
    let (a, b) = (sample(41, 9, effect: 1, levels: 2), sample(42, 11))
    let whole = [(a, b.x), (b, a.x)].map { own, other in
      let n = own.count
      let others = Array((other + other).prefix(n))
      return CorrelationGrid.Stratum(
        xs: [own.x, others, own.y], ys: [others, own.y], control: own.control)
    }
    let pairs = (0..<3).flatMap { x in (0..<2).map { GridPair(x: x, y: $0) } }
    let grid = try #require(CorrelationGrid(whole, method: method, scope: scope))
    var generator = SeededGenerator(seed: 43)
    let together = grid.p(pairs, permutations: 99, using: &generator)
    generator = SeededGenerator(seed: 44)
    let intervals = grid.intervals(pairs, resamples: 60, using: &generator)
    generator = SeededGenerator(seed: 43)
    #expect(p([a, b], method, scope, 99, &generator) == together[1])
    generator = SeededGenerator(seed: 44)
    #expect(interval([a, b], method, scope, 60, &generator) == intervals[1])
  }

  @Test func theCentralIntervalIsTheSortedOne() throws {
    var generator = SeededGenerator(seed: 45)
    for count in [1, 2, 3, 40, 41, 500] {
      var values = generator.gaussians(count).map { ($0 * 8).rounded() / 8 }
      let expected = (quantile((1 - 0.95) / 2, of: values), quantile(1.95 / 2, of: values))
      let found = try #require(centralInterval(of: &values, level: 0.95))
      #expect(found.lower == expected.0 && found.upper == expected.1)
    }
  }
}
