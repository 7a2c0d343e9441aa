/// The coefficient of a resample, from how often each pair was drawn: ranks come from the order of
/// the original values, so a resample costs O(n) (τ: O(n²)) and no sorting.
struct WeightedCorrelation {
  private let method: CorrelationMethod
  private let control: CorrelationControl
  private let x: RankedList
  private let y: RankedList
  private let z: RankedList
  /// Strata lie one after the other; each is resampled within itself.
  private let segments: [Range<Int>]
  let count: Int

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
    self.segments = segments
  }

  /// The coefficient of one resample with at least 3 different pairs and a defined value; nil when
  /// 200 draws in a row give none.
  func resampled(using generator: inout SeededGenerator) -> Double? {
    var weights = [Double](repeating: 0, count: count)
    for _ in 0..<200 {
      for i in weights.indices { weights[i] = 0 }
      for segment in segments {
        for _ in segment {
          weights[segment.lowerBound + generator.index(below: segment.count)] += 1
        }
      }
      let different = weights.reduce(0) { $0 + ($1 > 0 ? 1 : 0) }
      if different >= 3, let r = coefficient(weights: weights) { return r }
    }
    return nil
  }

  /// The coefficient of the list in which pair i stands weights[i] times; nil where it is not defined.
  func coefficient(weights: [Double]) -> Double? {
    guard method != .kendallB else { return kendall(weights) }
    let a = scores(x, weights)
    let b = scores(y, weights)
    guard control == .linear else { return weightedPearson(a, b, weights) }
    let c = scores(z, weights)
    guard let xy = weightedPearson(a, b, weights), let xz = weightedPearson(a, c, weights),
      let yz = weightedPearson(b, c, weights)
    else { return nil }
    return resampledPartial(xy: xy, xz: xz, yz: yz)
  }

  private func scores(_ list: RankedList, _ weights: [Double]) -> [Double] {
    method == .pearson ? list.values : list.midRanks(weights: weights)
  }

  private func kendall(_ weights: [Double]) -> Double? {
    guard let xy = weightedTau(x, y, weights) else { return nil }
    guard control == .linear else { return xy }
    guard let xz = weightedTau(x, z, weights), let yz = weightedTau(y, z, weights) else {
      return nil
    }
    return resampledPartial(xy: xy, xz: xz, yz: yz)
  }

  /// The first-order formula, equal to the correlation of residuals for one control. Rounding of
  /// the pairwise coefficients hides anything below 1e-12 of the variance.
  private func resampledPartial(xy: Double, xz: Double, yz: Double) -> Double? {
    guard 1 - xz * xz > 1e-12, 1 - yz * yz > 1e-12 else { return nil }
    return firstOrderPartial(xy: xy, xz: xz, yz: yz).value
  }

  private func weightedPearson(_ a: [Double], _ b: [Double], _ weights: [Double]) -> Double? {
    var total = 0.0
    var sumA = 0.0
    var sumB = 0.0
    for i in weights.indices {
      total += weights[i]
      sumA += weights[i] * a[i]
      sumB += weights[i] * b[i]
    }
    let (meanA, meanB) = (sumA / total, sumB / total)
    var (aa, bb, ab) = (0.0, 0.0, 0.0)
    for i in weights.indices {
      let (da, db) = (a[i] - meanA, b[i] - meanB)
      aa += weights[i] * da * da
      bb += weights[i] * db * db
      ab += weights[i] * da * db
    }
    guard aa > 1e-24 * meanA * meanA * total, bb > 1e-24 * meanB * meanB * total else {
      return nil
    }
    return clamped(ab / (aa * bb).squareRoot())
  }

  private func weightedTau(_ a: RankedList, _ b: RankedList, _ weights: [Double]) -> Double? {
    var (balance, untiedA, untiedB) = (0.0, 0.0, 0.0)
    for i in weights.indices where weights[i] > 0 {
      for j in 0..<i where weights[j] > 0 {
        let pairs = weights[i] * weights[j]
        let s = Double((a.dense[i] - a.dense[j]).signum())
        let t = Double((b.dense[i] - b.dense[j]).signum())
        balance += pairs * s * t
        untiedA += pairs * s * s
        untiedB += pairs * t * t
      }
    }
    guard untiedA > 0, untiedB > 0 else { return nil }
    return clamped(balance / (untiedA * untiedB).squareRoot())
  }
}

/// A list with its order, for the mid-ranks of any resample of it.
struct RankedList {
  let values: [Double]
  let dense: [Int]
  private let order: [Int]

  init(_ values: [Double]) {
    self.values = values
    order = ascendingOrder(of: values)
    dense = denseRanks(of: values)
  }

  /// Mid-ranks of the list in which value i stands weights[i] times.
  func midRanks(weights: [Double]) -> [Double] {
    var ranks = [Double](repeating: 0, count: values.count)
    var before = 0.0
    var start = 0
    while start < order.count {
      var end = start
      var tied = 0.0
      while end < order.count, dense[order[end]] == dense[order[start]] {
        tied += weights[order[end]]
        end += 1
      }
      for place in start..<end { ranks[order[place]] = before + (tied + 1) / 2 }
      before += tied
      start = end
    }
    return ranks
  }
}
