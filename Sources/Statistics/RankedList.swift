/// A list with its order, for the scores of any resample of it. Weights say how often each value
/// stands in the resample.
struct RankedList: Sendable {
  let values: [Double]
  let dense: [Int]
  /// A weighted sum of squares below this is rounding.
  let smallestSquares: Double
  private let order: [Int]
  /// One past the last place in `order` of each group of equal values.
  private let groupEnds: [Int]

  init(_ values: [Double]) {
    self.values = values
    order = ascendingOrder(of: values)
    dense = denseRanks(of: values)
    var ends: [Int] = []
    for place in order.indices
    where place + 1 == order.count || dense[order[place + 1]] != dense[order[place]] {
      ends.append(place + 1)
    }
    groupEnds = ends
    let scale = values.filter(\.isFinite).reduce(0) { max($0, abs($1)) }
    smallestSquares = min(1e-24 * scale * scale * Double(values.count), 0.01)
  }

  /// Mid-ranks of the resample less their mean, (total + 1) / 2.
  func centeredRanks(_ weights: LaneList.Lanes, into ranks: UnsafeMutableBufferPointer<Double>) {
    var before = 0.0
    var start = 0
    for end in groupEnds {
      var tied = 0.0
      for place in start..<end { tied += weights.value(order[place]) }
      let rank = before + (tied + 1) / 2
      for place in start..<end { ranks[order[place]] = rank }
      before += tied
      start = end
    }
    let center = (before + 1) / 2
    for i in ranks.indices { ranks[i] -= center }
  }

  /// The values less their weighted mean.
  func centeredValues(_ weights: LaneList.Lanes, into scores: UnsafeMutableBufferPointer<Double>) {
    var total = 0.0
    var sum = 0.0
    for i in values.indices {
      total += weights.value(i)
      sum += weights.value(i) * values[i]
    }
    let center = sum / total
    for i in values.indices { scores[i] = values[i] - center }
  }

  /// Σ over groups of equal values of their squared weight: the ordered pairs that are tied.
  func tiedSquares(_ weights: LaneList.Lanes) -> Double {
    var sum = 0.0
    var start = 0
    for end in groupEnds {
      var tied = 0.0
      for place in start..<end { tied += weights.value(order[place]) }
      sum += tied * tied
      start = end
    }
    return sum
  }
}
