/// Coefficients of resamples, from how often each pair was drawn: ranks come from the order of the
/// original values, so a resample costs O(n) (τ: O(n²)) and no sorting.
struct WeightedCorrelation: Sendable {
  private let method: CorrelationMethod
  private let control: CorrelationControl
  private let x: RankedList
  private let y: RankedList
  private let z: RankedList
  /// Products of signs for τ: x with y, x with the control, y with the control.
  private let products: [LaneList]
  private let resampler: Resampler
  let count: Int

  /// Strata lie one after the other; each is resampled within itself.
  init(_ samples: [PairedSample], method: CorrelationMethod, control: CorrelationControl) {
    let all = PairedSample.joined(samples)
    self.method = method
    self.control = control
    count = all.count
    x = RankedList(all.x)
    y = RankedList(all.y)
    z = RankedList(all.control)
    var segments: [Range<Int>] = []
    for sample in samples {
      let start = segments.last?.upperBound ?? 0
      segments.append(start..<start + sample.count)
    }
    resampler = Resampler(segments)
    let pairs = control == .linear ? [(x, y), (x, z), (y, z)] : [(x, y)]
    products = method == .kendallB ? pairs.map { Self.products($0, $1) } : []
  }

  /// The coefficients of `draws` resamples, each with at least 3 different pairs and a defined value;
  /// nil when 200 draws in a row give none.
  func resampled(_ draws: Int, using generator: inout SeededGenerator) -> [Double]? {
    var scratch = Scratch(count)
    var values: [Double] = []
    values.reserveCapacity(draws)
    for _ in 0..<draws {
      guard let value = draw(&scratch, using: &generator) else { return nil }
      values.append(value)
    }
    return values
  }

  private func draw(_ scratch: inout Scratch, using generator: inout SeededGenerator) -> Double? {
    for _ in 0..<200 {
      scratch.weights.withValues { resampler.draw($0, using: &generator) }
      var different = 0
      scratch.weights.withValues { weights in
        for weight in weights where weight > 0 { different += 1 }
      }
      if different >= 3, let r = coefficient(&scratch) { return r }
    }
    return nil
  }

  /// The coefficient of the list in which pair i stands weights[i] times; nil where it is not defined.
  func coefficient(weights: [Double]) -> Double? {
    var scratch = Scratch(count)
    scratch.weights = LaneList(weights)
    return coefficient(&scratch)
  }

  private func coefficient(_ scratch: inout Scratch) -> Double? {
    guard method != .kendallB else { return kendall(scratch.weights) }
    guard let a = scores(x, scratch.weights, &scratch.a),
      let b = scores(y, scratch.weights, &scratch.b)
    else { return nil }
    let xy = clamped(scratch.a.dot(scratch.b, scratch.weights) / (a * b).squareRoot())
    guard control == .linear else { return xy }
    guard let c = scores(z, scratch.weights, &scratch.c) else { return nil }
    let xz = clamped(scratch.a.dot(scratch.c, scratch.weights) / (a * c).squareRoot())
    let yz = clamped(scratch.b.dot(scratch.c, scratch.weights) / (b * c).squareRoot())
    return resampledPartial(xy: xy, xz: xz, yz: yz)
  }

  /// Fills in the centred scores of a list (values, or mid-ranks of the resample) and gives their
  /// weighted sum of squares; nil where they are constant.
  private func scores(_ list: RankedList, _ weights: LaneList, _ scores: inout LaneList) -> Double?
  {
    weights.withLanes { lanes in
      scores.withValues { scores in
        if method == .pearson {
          list.centeredValues(lanes, into: scores)
        } else {
          list.centeredRanks(lanes, into: scores)
        }
      }
    }
    let squares = scores.dot(scores, weights)
    return squares > list.smallestSquares ? squares : nil
  }

  private func kendall(_ weights: LaneList) -> Double? {
    let (a, b) = (untied(x, weights), untied(y, weights))
    guard a > 0, b > 0 else { return nil }
    let xy = clamped(products[0].quadraticForm(weights) / (a * b).squareRoot())
    guard control == .linear else { return xy }
    let c = untied(z, weights)
    guard c > 0 else { return nil }
    let xz = clamped(products[1].quadraticForm(weights) / (a * c).squareRoot())
    let yz = clamped(products[2].quadraticForm(weights) / (b * c).squareRoot())
    return resampledPartial(xy: xy, xz: xz, yz: yz)
  }

  /// The ordered pairs of the resample that differ.
  private func untied(_ list: RankedList, _ weights: LaneList) -> Double {
    let total = weights.sum
    return weights.withLanes { total * total - list.tiedSquares($0) }
  }

  /// The first-order formula, equal to the correlation of residuals for one control. Rounding of
  /// the pairwise coefficients hides anything below 1e-12 of the variance.
  private func resampledPartial(xy: Double, xz: Double, yz: Double) -> Double? {
    guard 1 - xz * xz > 1e-12, 1 - yz * yz > 1e-12 else { return nil }
    return firstOrderPartial(xy: xy, xz: xz, yz: yz).value
  }

  /// sign(a_i − a_j) · sign(b_i − b_j), rows padded to whole vectors.
  private static func products(_ a: RankedList, _ b: RankedList) -> LaneList {
    let width = (a.dense.count + 3) / 4 * 4
    return LaneList(
      a.dense.indices.flatMap { i in
        (0..<width).map { j in
          guard j < a.dense.count else { return 0 }
          return Double(
            (a.dense[i] - a.dense[j]).signum() * (b.dense[i] - b.dense[j]).signum())
        }
      })
  }

  private struct Scratch {
    var weights: LaneList
    var a: LaneList
    var b: LaneList
    var c: LaneList

    init(_ count: Int) {
      weights = LaneList([Double](repeating: 0, count: count))
      (a, b, c) = (weights, weights, weights)
    }
  }
}
