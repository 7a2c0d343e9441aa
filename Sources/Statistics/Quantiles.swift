/// The median of `values`, the mean of the two middle ones for an even count; nil if there are none.
///
/// A median that falls between a finite value and +∞ is +∞.
package func median(of values: [Double]) -> Double? {
  quantile(0.5, of: values)
}

/// The quantile at `probability` in [0, 1], type 7 of Hyndman & Fan 1996 (linear between the
/// order statistics at 0 … n − 1; numpy's and R's default); nil if there are no values.
///
/// Infinities count as larger or smaller than everything: a quantile that touches one is infinite.
package func quantile(_ probability: Double, of values: [Double]) -> Double? {
  quantile(probability, ofSorted: values.sorted())
}

/// As `quantile(_:of:)`, for values that are in ascending order already.
package func quantile(_ probability: Double, ofSorted sorted: [Double]) -> Double? {
  precondition(
    probability >= 0 && probability <= 1, "a probability is in [0, 1], got \(probability)")
  guard !sorted.isEmpty else { return nil }
  let place = probability * Double(sorted.count - 1)
  let lower = Int(place.rounded(.down))
  let fraction = place - Double(lower)
  guard fraction > 0, lower + 1 < sorted.count else { return sorted[lower] }
  let (low, high) = (sorted[lower], sorted[lower + 1])
  // Equal infinities must not be subtracted.
  return low == high ? low : low + fraction * (high - low)
}

/// The arithmetic mean; nil if there are no values.
package func mean(of values: [Double]) -> Double? {
  values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
}

/// The sample standard deviation, divisor n − 1; nil for fewer than 2 values.
package func standardDeviation(of values: [Double]) -> Double? {
  guard values.count > 1, let center = mean(of: values) else { return nil }
  let sum = values.reduce(0) { $0 + ($1 - center) * ($1 - center) }
  return (sum / Double(values.count - 1)).squareRoot()
}

/// The two quantiles (type 7) that leave out (1 − `level`) / 2 of `values` at each end; nil if there are
/// none. Reorders `values`: it partitions them (Hoare's quickselect) where sorting would cost more.
func centralInterval(of values: inout [Double], level: Double) -> Interval? {
  guard !values.isEmpty else { return nil }
  let count = values.count
  func quantile(_ probability: Double) -> Double {
    let place = probability * Double(count - 1)
    let lower = min(count - 1, Int(place.rounded(.down)))
    let low = values.withUnsafeMutableBufferPointer { select(lower, in: $0) }
    let fraction = place - Double(lower)
    guard fraction > 0, lower + 1 < count else { return low }
    let high = values[(lower + 1)...].reduce(Double.infinity, min)
    return low == high ? low : low + fraction * (high - low)
  }
  let lower = quantile((1 - level) / 2)
  return Interval(lower: lower, upper: quantile((1 + level) / 2))
}

/// The element that sorting would put at `place`; what lies before it is not larger afterwards, what
/// lies behind it not smaller.
private func select(_ place: Int, in values: UnsafeMutableBufferPointer<Double>) -> Double {
  var (low, high) = (0, values.count - 1)
  while low < high {
    let pivot = values[low + (high - low) / 2]
    var (i, j) = (low, high)
    while i <= j {
      while values[i] < pivot { i += 1 }
      while values[j] > pivot { j -= 1 }
      if i <= j {
        values.swapAt(i, j)
        i += 1
        j -= 1
      }
    }
    if place <= j { high = j } else if place >= i { low = i } else { break }
  }
  return values[place]
}
