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
