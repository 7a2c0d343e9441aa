import Foundation
import Testing

@testable import Plotting

@Suite struct ScaleTests {
  private static let transforms: [Transform] = [
    .linear, .log2, .log10, .squareRoot, .symmetricLog(threshold: 0.1),
  ]

  @Test(arguments: transforms)
  func aTransformRisesAndIsUndoneByItsInverse(transform: Transform) {
    let values = [0.001, 0.02, 0.5, 1, 7, 512, 143_000]
    let mapped = values.map { transform($0) }
    for (a, b) in zip(mapped, mapped.dropFirst()) { #expect(a < b) }
    for (v, u) in zip(values, mapped) {
      #expect(abs(transform.inverse(u) - v) <= 1e-9 * v)
    }
  }

  @Test func stepsHaveRoomForZeroAndDoublingsAreEven() {
    #expect(Transform.log2(0) == 0)
    #expect(abs(Transform.log2(1) - 1) < 1e-12)
    #expect(abs(Transform.log2(1023) - 10) < 1e-12)
    #expect(Transform.log2(-1).isNaN)
    #expect(Transform.log10(0).isNaN)
    #expect(Transform.squareRoot(-1).isNaN)
  }

  @Test func aSymmetricLogIsOddAndNearlyLinearAtZero() {
    let t = Transform.symmetricLog(threshold: 0.01)
    for v in [1e-6, 0.004, 0.3, 20] { #expect(t(-v) == -t(v)) }
    #expect(abs(t(1e-5) / 1e-5 - 100) < 0.1)
  }

  @Test func bandsLieSideBySideOnWholePixelsAndTheLastMayStandApart() throws {
    let group = AxisGroup(
      axis: .steps(.even), extents: [([0, 1, 2, 512, 143_000], true)], vertical: false)
    guard case .banded(let scale) = group.scale(start: 10, end: 149, whole: true, detach: 2) else {
      Issue.record("not banded")
      return
    }
    #expect(scale.starts[0] == 10 && scale.ends[4] == 149)
    for i in 0..<3 { #expect(scale.ends[i] == scale.starts[i + 1]) }
    #expect(scale.starts[4] == scale.ends[3] + 2)
    for v in scale.starts + scale.ends { #expect(v == v.rounded()) }
    // Between two checkpoints: in proportion.
    let halfway = scale.position(257)
    #expect(abs(halfway - (scale.middle(2) + scale.middle(3)) / 2) < 1e-9)
    #expect(scale.position(200_000).isNaN)
  }

  /// The combined estimate of a dot plot reaches over all its names, half a band to either side.
  @Test func namedBandsReachHalfABandBeyondTheirMiddles() throws {
    let group = AxisGroup(axis: .ordinal(["a", "b"]), extents: [], vertical: false)
    guard case .banded(let scale) = group.scale(start: 0, end: 100, whole: false, detach: 0) else {
      Issue.record("not banded")
      return
    }
    #expect(scale.position(-0.5) == 0 && scale.position(1.5) == 100)
    #expect(scale.position(0) == 25 && scale.position(-0.4) == 5)
    #expect(scale.position(-0.6).isNaN && scale.position(1.6).isNaN)
  }

  @Test func aDomainCoversItsDataAndIsNeverEmpty() {
    for values in [[], [0.5], [0, 0], [-0.2, 1.1], [1e-9, 2e-9], [3, 3, 3], [.nan, .infinity]] {
      let group = AxisGroup(axis: .linear(), extents: [(values, false)], vertical: true)
      #expect(group.domain.lowerBound < group.domain.upperBound)
      for v in values where v.isFinite { #expect(group.domain.contains(v)) }
    }
    let unit = AxisGroup(axis: .linear(0...1), extents: [([0.2, 0.8], false)], vertical: true)
    #expect(unit.domain == 0...1)
    let negative = AxisGroup(axis: .linear(0...1), extents: [([-0.2, 0.8], false)], vertical: true)
    #expect(negative.domain.lowerBound < -0.2 && negative.domain.upperBound == 1)
  }

  /// Air around the data ends at what the quantity can be; data beyond it are shown all the same.
  @Test(arguments: [
    ([0.0, 0], 0.0...1), ([1, 1], 0.9...1), ([0.97, 0.99], 0.965...1), ([0, 0.004], 0...0.004),
    ([-0.2, 1.3], -0.2...1.3),
  ])
  func anAxisStaysWithinWhatItsQuantityCanBe(values: [Double], least: ClosedRange<Double>) {
    let group = AxisGroup(
      axis: .linear().within(0...1), extents: [(values, false)], vertical: true)
    let (low, high) = (min(0, least.lowerBound), max(1, least.upperBound))
    #expect((low...high).contains(group.domain.lowerBound))
    #expect((low...high).contains(group.domain.upperBound))
    #expect(group.domain.lowerBound < group.domain.upperBound)
    for value in values { #expect(group.domain.contains(value)) }
  }

  /// Less than a decade: the largest value has its tick, and none crowd below it.
  @Test(arguments: [(0.28, ["0.5", "1"]), (0.02, ["10⁻¹", "1"]), (0.1, ["10⁻¹", "1"])])
  func logAxesOfSpectraNameTheLargestValue(low: Double, labels: [String]) {
    #expect(ticks(.log10, low...1, count: 3, format: .power).map(\.label) == labels)
  }

  @Test(arguments: [
    (0.0, 1.0, ["0", "0.5", "1"]), (0.955, 0.97, ["0.955", "0.96", "0.965", "0.97"]),
    (-1, 1, ["−1", "0", "1"]), (0, 6e-4, ["0", "2.5·10⁻⁴", "5·10⁻⁴"]),
    (0, 143_000, ["0", "50,000", "100,000"]),
  ])
  func ticksAreRound(low: Double, high: Double, expected: [String]) {
    #expect(ticks(.linear, low...high, count: 3, format: .plain).map(\.label) == expected)
  }

  @Test func ticksLieWithinTheDomainAndDiffer() {
    var state: UInt64 = 1
    func draw() -> Double {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(state >> 33) / Double(UInt64(1) << 31)
    }
    for _ in 0..<500 {
      let low = (draw() - 0.5) * Foundation.pow(10, (draw() * 12 - 6).rounded())
      let high = low + draw() * Foundation.pow(10, (draw() * 12 - 6).rounded()) + 1e-7
      for count in 2...6 {
        let found = ticks(.linear, low...high, count: count, format: .plain)
        let slack = (high - low) * 1e-6
        #expect(found.allSatisfy { $0.value >= low - slack && $0.value <= high + slack })
        #expect(found.count <= 2 * count + 2 && found.count >= 1, "\(low) \(high) \(count)")
        #expect(Set(found.map(\.label)).count == found.count, "\(found.map(\.label))")
      }
    }
  }

  @Test(arguments: [
    (0.0, "0"), (512, "512"), (1000, "1k"), (1500, "1.5k"), (3000, "3k"), (13_000, "13k"),
    (143_000, "143k"), (1_234, "1,234"), (2_775_208_960, "2.78B"), (70_426_624, "70.4M"),
    (-2000, "−2k"), (0.25, "0.25"), (300e9, "300B"),
  ])
  func stepsAreWrittenAsPeopleDo(value: Double, text: String) {
    #expect(shortNumber(value) == text)
  }

  @Test func numbersHaveATrueMinusAndNoNegativeZero() {
    #expect(fixed(-0.034, 2) == "−0.03")
    #expect(fixed(-0.0004, 2) == "0.00")
    #expect(fixed(.nan, 2) == "–")
    #expect(grouped(143_000) == "143,000" && grouped(-1_234_567) == "−1,234,567")
    #expect(grouped(12) == "12")
  }

  private func labelled(_ steps: [Double], width: Double) -> [(label: String, start: Double)] {
    let last = Foundation.log2(1 + (steps.last ?? 1))
    return stepTicks(
      steps, limits: -3...width, em: 12, label: { shortNumber($0) },
      position: { Foundation.log2(1 + $0) / last * width }, width: { 7 * Double($0.count) }
    ).map { ($0.tick.label, $0.start) }
  }

  @Test func thePaperStepsAreLabelledByPriority() {
    let steps = [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1000, 3000, 13_000, 63_000, 143_000].map(
      Double.init)
    #expect(labelled(steps, width: 170).map(\.label) == ["0", "8", "512", "143k"])
    #expect(labelled(steps, width: 60).map(\.label).first == "0")
    #expect(labelled(steps, width: 25).map(\.label) == ["143k"])
  }

  @Test func labelsOfStepsNeverComeCloserThanHalfAnEm() {
    for width in stride(from: 20.0, through: 900, by: 7) {
      for count in [1, 2, 3, 17, 27, 154] {
        let found = labelled(Set(SampleFigures.steps(count)).sorted(), width: width)
        for (a, b) in zip(found, found.dropFirst()) {
          #expect(a.start + 7 * Double(a.label.count) + 6 <= b.start + 1e-9)
        }
        if let last = found.last {
          #expect(last.start + 7 * Double(last.label.count) <= width + 1e-9)
        }
      }
    }
  }
}
