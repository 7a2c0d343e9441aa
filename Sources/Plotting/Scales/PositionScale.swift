/// From data to a position in the scene along one axis of a panel.
package enum PositionScale: Sendable, Equatable {
  case continuous(Continuous)
  case banded(Banded)

  package struct Continuous: Sendable, Equatable {
    var transform: Transform
    var domain: ClosedRange<Double>
    var start: Double
    var end: Double

    func position(_ v: Double) -> Double {
      let (low, high) = (transform(domain.lowerBound), transform(domain.upperBound))
      return start + (transform(v) - low) / (high - low) * (end - start)
    }
  }

  /// Values at the middle of bands of equal width, in the order of `values`.
  package struct Banded: Sendable, Equatable {
    var values: [Double]
    var starts: [Double]
    var ends: [Double]

    func middle(_ i: Int) -> Double { (starts[i] + ends[i]) / 2 }

    func index(_ v: Double) -> Int? {
      var (low, high) = (0, values.count)
      while low < high {
        let middle = (low + high) / 2
        if values[middle] < v { low = middle + 1 } else { high = middle }
      }
      return low < values.count && values[low] == v ? low : nil
    }

    /// Whether the values are indices of names: then half a band lies on either side of each.
    private var areIndices: Bool {
      values.first == 0 && values.last == Double(values.count - 1)
        && values.indices.allSatisfy { values[$0] == Double($0) }
    }

    /// The middle of the value's band; between two values, in proportion between their middles. Half a band beyond the
    /// first and the last index, up to the scale's ends.
    func position(_ v: Double) -> Double {
      guard let first = values.first, let last = values.last else { return .nan }
      if v < first || v > last {
        guard areIndices, v >= first - 0.5, v <= last + 0.5 else { return .nan }
        let i = v < first ? 0 : values.count - 1
        return middle(i) + (v - values[i]) * (ends[i] - starts[i])
      }
      if let i = index(v) { return middle(i) }
      let right = values.firstIndex { $0 > v } ?? values.count - 1
      let share = (v - values[right - 1]) / (values[right] - values[right - 1])
      return middle(right - 1) + share * (middle(right) - middle(right - 1))
    }
  }

  /// The position of `v`, not finite where it has none.
  package func callAsFunction(_ v: Double) -> Double {
    switch self {
    case .continuous(let scale): scale.position(v)
    case .banded(let scale): scale.position(v)
    }
  }

  /// The extent of the band of `v`, in rising order of position; nil on a continuous scale.
  func band(_ v: Double) -> ClosedRange<Double>? {
    guard case .banded(let scale) = self, let i = scale.index(v) else { return nil }
    return min(scale.starts[i], scale.ends[i])...max(scale.starts[i], scale.ends[i])
  }
}
