/// The coefficients of a unit's pairs on resamples, from how often each layer was drawn: ranks come
/// from the order of the original values, so a list costs O(n) a resample and no sorting, and a pair
/// one product of its two lists.
struct ResampledUnit {
  private let method: CorrelationMethod
  private let isGiven: Bool
  private let resampler: Resampler
  private let count: Int
  /// The lists x, then y, then the control.
  private let lists: [RankedList]
  private let xCount: Int
  private var weights: LaneList
  /// The same for τ, with room for a vector past the end.
  private var singleWeights: RowTable<Float>
  /// Scores less their mean, a row a list; for τ its signs.
  private var scores: RowTable<Double>
  private var signs: RowTable<Float>
  /// The scores or signs of the lists x and of the control, times how often each layer (pair of
  /// layers) was drawn.
  private var weighted: RowTable<Double>
  private var weightedSigns: RowTable<Float>
  /// A list's weighted sum of squares, or the ordered pairs that differ; 0 where it is constant.
  private var sizes: [Double]
  /// A list's coefficient with the control; NaN where that is not defined.
  private var withControl: [Double]

  init(_ unit: GridUnit, method: CorrelationMethod, control: CorrelationControl) {
    self.method = method
    isGiven = control == .linear
    count = unit.count
    resampler = Resampler(unit.segments)
    let all = unit.xs + unit.ys + [unit.control]
    lists = all.map { RankedList($0) }
    xCount = unit.xs.count
    weights = LaneList([Double](repeating: 0, count: unit.count))
    let isKendall = method == .kendallB
    singleWeights = RowTable(rows: 1, of: isKendall ? unit.count + SignVector.padding : 0)
    let pairs = isKendall ? SignVector.width(unit.count) : 0
    scores = RowTable(rows: isKendall ? 0 : all.count, of: unit.count)
    signs = RowTable(
      isKendall ? all.map { SignVector.signs(of: $0).signs.map { Float($0) } } : [], of: pairs)
    weighted = RowTable(rows: isKendall ? 0 : xCount + 1, of: unit.count)
    weightedSigns = RowTable(rows: isKendall ? xCount + 1 : 0, of: pairs)
    sizes = all.map { _ in 0 }
    withControl = all.map { _ in .nan }
  }

  /// Takes the next resample with at least 3 different layers; false when 200 in a row have fewer.
  mutating func draw(using generator: inout SeededGenerator) -> Bool {
    for _ in 0..<200 {
      var different = 0
      weights.withValues { weights in
        resampler.draw(weights, using: &generator)
        for weight in weights where weight > 0 { different += 1 }
      }
      guard different >= 3 else { continue }
      weigh()
      return true
    }
    return false
  }

  /// Takes the list in which layer i stands weights[i] times.
  mutating func take(weights list: [Double]) {
    weights = LaneList(list)
    weigh()
  }

  /// Gives `body` the coefficient of each pair, NaN where it is not defined on the resample.
  func coefficients(_ pairs: [GridPair], _ body: (_ place: Int, _ r: Double) -> Void) {
    if method == .kendallB {
      weightedSigns.withRows { xs in
        signs.withRows { ys in
          each(pairs, body) { pair in 2 * xs.dot(pair.x, ys, xCount + pair.y) }
        }
      }
    } else {
      weighted.withRows { xs in
        scores.withRows { ys in
          each(pairs, body) { pair in xs.dot(pair.x, ys, xCount + pair.y) }
        }
      }
    }
  }

  @inline(__always)
  private func each(
    _ pairs: [GridPair], _ body: (_ place: Int, _ r: Double) -> Void,
    _ product: (GridPair) -> Double
  ) {
    pairs.withUnsafeBufferPointer { pairs in
      sizes.withUnsafeBufferPointer { sizes in
        withControl.withUnsafeBufferPointer { withControl in
          for place in pairs.indices {
            let pair = pairs[place]
            let squares = sizes[pair.x] * sizes[xCount + pair.y]
            guard squares > 0 else {
              body(place, .nan)
              continue
            }
            let xy = clamped(product(pair) / squares.squareRoot())
            body(
              place, isGiven ? partial(xy, withControl[pair.x], withControl[xCount + pair.y]) : xy)
          }
        }
      }
    }
  }

  /// The first-order formula, equal to the correlation of residuals for one control. Rounding of
  /// the pairwise coefficients hides anything below 1e-12 of the variance.
  @inline(__always)
  private func partial(_ xy: Double, _ xz: Double, _ yz: Double) -> Double {
    // Comparisons with NaN are false.
    guard 1 - xz * xz > 1e-12, 1 - yz * yz > 1e-12 else { return .nan }
    return clamped((xy - xz * yz) / ((1 - xz * xz) * (1 - yz * yz)).squareRoot())
  }

  private mutating func weigh() {
    let isKendall = method == .kendallB
    let control = lists.count - 1
    let total = weights.sum
    for row in lists.indices where row < control || isGiven {
      sizes[row] = weights.withLanes { lanes in
        if isKendall { return total * total - lists[row].tiedSquares(lanes) }
        return scores.withRow(row) { scores in
          if method == .pearson {
            lists[row].centeredValues(lanes, into: scores)
          } else {
            lists[row].centeredRanks(lanes, into: scores)
          }
          var sum = 0.0
          for i in scores.indices { sum += lanes.value(i) * scores[i] * scores[i] }
          return sum > lists[row].smallestSquares ? sum : 0
        }
      }
    }
    if isKendall {
      weights.withLanes { lanes in
        singleWeights.withRow(0) { for i in 0..<count { $0[i] = Float(lanes.value(i)) } }
      }
    }
    for x in 0..<xCount { weigh(x, into: x) }
    guard isGiven else { return }
    weigh(control, into: xCount)
    for row in 0..<control {
      let squares = sizes[row] * sizes[control]
      let product =
        isKendall
        ? 2 * weightedSigns.withRows { z in signs.withRows { z.dot(xCount, $0, row) } }
        : weighted.withRows { z in scores.withRows { z.dot(xCount, $0, row) } }
      withControl[row] = squares > 0 ? clamped(product / squares.squareRoot()) : .nan
    }
  }

  /// Row `row` of the scores or signs times the weights, into row `place` of the weighted ones.
  private mutating func weigh(_ row: Int, into place: Int) {
    if method == .kendallB {
      weighSigns(row, into: place)
    } else {
      weights.withLanes { lanes in
        let start = row * scores.stride
        scores.storage.withUnsafeBytes { scores in
          weighted.withRow(place) { weighted in
            for i in weighted.indices {
              weighted[i] =
                lanes.value(i)
                * scores.loadUnaligned(fromByteOffset: start + 8 * i, as: Double.self)
            }
          }
        }
      }
    }
  }

  private mutating func weighSigns(_ row: Int, into place: Int) {
    let start = row * signs.stride
    let count = count
    singleWeights.storage.withUnsafeBytes { weights in
      signs.storage.withUnsafeBytes { signs in
        weightedSigns.withRow(place) { weighted in
          let target = UnsafeMutableRawBufferPointer(weighted)
          var pair = 0
          for i in 0..<count {
            let own = weights.loadUnaligned(fromByteOffset: 4 * i, as: Float.self)
            var j = i + 1
            // Past the end of its row a vector is written over by the next; the signs' padding is 0.
            while j < count {
              let others = weights.loadUnaligned(fromByteOffset: 4 * j, as: SIMD8<Float>.self)
              let sign = signs.loadUnaligned(
                fromByteOffset: start + 4 * pair, as: SIMD8<Float>.self)
              target.storeBytes(
                of: own * others * sign, toByteOffset: 4 * pair, as: SIMD8<Float>.self)
              let step = min(8, count - j)
              j += step
              pair += step
            }
          }
        }
      }
    }
  }
}
