import Testing

@testable import Dynamics

@Suite struct CurveMeasuresTests {
  private func curve(_ u: [Double], _ c: [Double]) -> CurveMeasures {
    CurveMeasures(steps: u.map { $0 * 1000 }, u: u, c: c)
  }

  @Test func aCrossingLiesBetweenTheLastPointBelowAndTheNext() {
    let u = [0, 0.25, 0.5, 1]
    func crossing(_ c: [Double]) -> Double? { CurveMeasures(steps: u, u: u, c: c).crossing(0.9) }
    #expect(crossing([0.95, 0.5, 0.8, 1]) == 0.75)
    #expect(crossing([0.9, 0.95, 0.9, 1]) == 0)
    #expect(crossing([1, 1, 1, 0.8]) == .infinity)
    #expect(crossing([0, 0.9, 0.9, 0.9]) == 0.25)
    #expect(curve([], []).crossing(0.9) == nil)
  }

  @Test func theAreaWithinARangeIsThatOfTheCurveCutThere() throws {
    let curve = CurveMeasures(steps: [0, 1, 2, 3], u: [0, 0.25, 0.5, 1], c: [0, 0.5, 0.5, 1])
    #expect(curve.area(within: 0...1) == curve.area)
    // From 0.125 (0.25) over 0.25 (0.5) to 0.5 (0.5): (0.046875 + 0.125) / 0.375.
    #expect(abs((curve.area(within: 0.125...0.5) ?? 0) - 0.171_875 / 0.375) < 1e-12)
    #expect(curve.area(within: 0.5...0.5) == nil)
    #expect(curve.area(within: -0.1...0.5) == nil && curve.area(within: 0.5...1.1) == nil)
  }

  @Test func atInterpolatesBetweenNeighboursAndNeverBeyondTheEnds() {
    let c = curve([0, 0.1, 0.3, 0.9], [0.2, 0.4, 0.8, 0.9])
    #expect(abs((c.at(0.2) ?? 0) - 0.6) < 1e-15)
    #expect(c.at(0.1) == 0.4)
    #expect(c.at(0) == 0.2)
    #expect(c.at(0.95) == nil)
    #expect(curve([0.1, 0.3], [1, 1]).at(0.05) == nil)
    #expect(curve([], []).at(0.2) == nil)
  }

  @Test func settlingIsTheFirstCheckpointAfterWhichTheCurveStaysUp() {
    let u = [0, 0.1, 0.2, 0.4, 0.8]
    #expect(curve(u, [0.1, 0.95, 0.85, 0.91, 0.99]).settling(0.9) == 0.4)
    #expect(curve(u, [0.9, 0.9, 0.9, 0.9, 0.9]).settling(0.9) == 0)
    #expect(curve(u, [0.9, 0.95, 0.99, 0.99, 0.89]).settling(0.9) == .infinity)
    #expect(curve([], []).settling(0.9) == nil)
  }

  @Test func areasAreMeanHeights() {
    let c = curve([0.1, 0.2, 0.6], [0.5, 0.7, 0.9])
    #expect(abs((c.area ?? 0) - (0.1 * 0.6 + 0.4 * 0.8) / 0.5) < 1e-15)
    // A constant curve has its own height on any axis.
    let flat = curve([0, 0.3, 0.5], [0.4, 0.4, 0.4])
    #expect(abs((flat.areaLog ?? 0) - 0.4) < 1e-15)
    let log = CurveMeasures(steps: [0, 1, 3], u: [0, 0.1, 0.3], c: [0, 1, 1])
    // log₂(1 + t) = 0, 1, 2: a triangle and a square over a width of 2.
    #expect(log.areaLog == 0.75)
    #expect(curve([0.5], [1]).area == nil)
  }

  @Test func fallsAreCountedByMonotonicityAndInstability() {
    let c = curve([0, 0.1, 0.2, 0.3], [0.5, 0.75, 0.5, 1])
    #expect(c.monotonicity == 0.75)
    #expect(c.instability == 0.25)
    #expect(curve([0, 1], [0.3, 0.3]).monotonicity == 1)
    #expect(curve([0, 1], [0.3, 0.3]).instability == 0)
    // Changes .25 −.25 .5 around 1/6, divisor 2.
    let squares = [0.25, -0.25, 0.5].map { ($0 - 1.0 / 6) * ($0 - 1.0 / 6) }.reduce(0, +)
    #expect(abs((c.incrementDeviation ?? 0) - (squares / 2).squareRoot()) < 1e-15)
  }

  @Test func aConstantCurveHasNoRankCorrelationWithTime() {
    #expect(curve([0, 0.1, 0.2], [0.3, 0.3, 0.3]).spearmanStep == nil)
    #expect(curve([0, 0.1, 0.2], [0.3, 0.4, 0.5]).spearmanStep == 1)
  }

  @Test func matrixMeasuresFollowTheirFormulas() {
    let c = curve([0, 0.5, 1], [1, 2, 3])
    // The fitted slope carries the rounding of a division.
    #expect(abs((c.slope ?? 0) - 2) < 1e-14)
    #expect(c.variation == 0.5)
    #expect(curve([0, 1], [-1, 1]).variation == nil)
  }
}

@Suite struct WindowTests {
  @Test func lateBeginsAtTheLastCheckpointWithinAHundredthOfTraining() {
    let plan = WindowPlan(
      grids: ["a": [0, 1, 10, 20, 500, 1000]], finals: ["a": 1000], lateFrom: nil)
    #expect(plan.commonIsAll)
    #expect(plan.written == [.all, .late])
    #expect(plan.steps(of: "a", .late) == [10, 20, 500, 1000])
    #expect(plan.steps(of: "a", .commonLate) == [10, 20, 500, 1000])
    let named = WindowPlan(
      grids: ["a": [0, 1, 10, 20, 500, 1000]], finals: ["a": 1000], lateFrom: 20)
    #expect(named.steps(of: "a", .late) == [20, 500, 1000])
  }

  @Test func commonCheckpointsMatchOneToOneByStepOrByFraction() {
    let plan = WindowPlan(
      grids: ["a": [0, 1, 2, 100, 200, 500, 1000], "b": [0, 2, 104, 199, 600, 1000]],
      finals: ["a": 1000, "b": 1000], lateFrom: nil)
    #expect(!plan.commonIsAll)
    #expect(plan.steps(of: "a", .common) == [0, 2, 100, 200, 1000])
    #expect(plan.steps(of: "b", .common) == [0, 2, 104, 199, 1000])
    #expect(plan.steps(of: "a", .all) == [0, 1, 2, 100, 200, 500, 1000])
  }

  @Test func runsOfDifferentLengthMeetAtTheirFinalCheckpoints() {
    let plan = WindowPlan(
      grids: ["a": [0, 250, 500, 1000], "b": [0, 500, 1000, 2000]],
      finals: ["a": 1000, "b": 2000], lateFrom: nil)
    // Equal fractions: 0, .25, .5, 1. By equal steps 500 would meet 500, and one pair less.
    #expect(plan.steps(of: "a", .common) == [0, 250, 500, 1000])
    #expect(plan.steps(of: "b", .common) == [0, 500, 1000, 2000])
    #expect(plan.commonIsAll)
  }

  @Test func longGridsAreMatchedInTime() {
    let steps = Array(0...6_000)
    let shifted = [0] + steps.dropFirst().map { $0 * 2 + 1 }
    let plan = WindowPlan(
      grids: ["a": steps, "b": steps, "c": shifted], finals: ["a": 6_000, "b": 6_000, "c": 12_001],
      lateFrom: nil)
    // Every second checkpoint of c lies at the fraction of one of a's.
    #expect(plan.steps(of: "a", .common).count == 6_001)
    #expect(plan.steps(of: "c", .common).count == 6_001)
  }
}
