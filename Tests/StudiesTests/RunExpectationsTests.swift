import Dynamics
import Testing

@testable import Metrics
@testable import Studies

@Suite struct RunExpectationsTests {
  private let nano = RunDescription(
    run: "nano", heads: 4, hiddenSize: 64, headDimension: 16, intermediateSize: 256)

  @Test func aHeadIsAProductOfRankDhAndItsGradientOneOfTwiceThat() {
    let shapes = Dictionary(
      uniqueKeysWithValues: RunExpectations.shapes(of: nano).map {
        ("\($0.component) \($0.object)", $0.shape)
      })
    #expect(
      shapes == [
        "mlp weights": .matrix(rows: 64, columns: 256),
        "mlp gradients": .matrix(rows: 64, columns: 256),
        "ov weights": .product(outer: 64, inner: 16),
        "ov gradients": .product(outer: 64, inner: 32),
      ])
  }

  /// METHODS section 7 names .935 for a head with d 64, d_h 16 (one draw's standard deviation is .008).
  @Test func valuesAreThoseOfTheStatedShapes() throws {
    var expectations = RunExpectations(seed: 1)
    let values = try expectations.values(of: [nano])
    let head = try #require(
      values[ExpectedPERKey(run: "nano", component: "ov", object: "weights")])
    #expect(abs(head - 0.93) < 0.008)
    let down = try #require(
      values[ExpectedPERKey(run: "nano", component: "mlp", object: "weights")])
    #expect(abs(down - 0.966) < 0.002)
    // A product of twice the rank is further from a flat spectrum.
    let gradient = try #require(
      values[ExpectedPERKey(run: "nano", component: "ov", object: "gradients")])
    #expect(gradient < head - 0.05)
  }

  @Test func aSingleHeadsGradientHasNoMoreThanDValues() throws {
    let run = RunDescription(run: "one", heads: 1, hiddenSize: 24, headDimension: 24)
    var expectations = RunExpectations(seed: 1)
    let value = try expectations.values(of: [run])[
      ExpectedPERKey(run: "one", component: "ov", object: "gradients")]
    #expect(try #require(value) > 0.5 && #require(value) < 1)
  }

  @Test func aRunWithoutShapesHasNoExpectation() throws {
    var expectations = RunExpectations(seed: 1)
    #expect(try expectations.values(of: [RunDescription(run: "table", parameters: 70)]).isEmpty)
  }
}
