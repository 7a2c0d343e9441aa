/// A measure of how two lists of numbers go together, in [−1, 1].
package enum CorrelationMethod: String, Sendable, Codable, CaseIterable, Hashable {
  /// Pearson's r of the mid-ranks.
  case spearman
  /// Kendall's τ-b: concordant less discordant pairs over the pairs untied in each.
  case kendallB = "kendall_b"
  /// The product-moment correlation r.
  case pearson
}

/// Pearson's r of equally long lists, in [−1, 1]; nil for fewer than 2 values, for a constant list
/// and for values that are not finite.
package func pearson(_ x: [Double], _ y: [Double]) -> Double? {
  precondition(x.count == y.count, "lists of \(x.count) and \(y.count) values do not pair")
  guard let (a, normOfA) = centered(x), let (b, normOfB) = centered(y) else { return nil }
  // One root keeps equal and opposite lists at exactly ±1; the product of norms cannot overflow.
  let squares = dot(a, a) * dot(b, b)
  let scale = squares.isNormal ? squares.squareRoot() : normOfA * normOfB
  return clamped(dot(a, b) / scale)
}

/// Spearman's ρ: Pearson's r of the mid-ranks; nil for fewer than 2 values or a constant list.
package func spearman(_ x: [Double], _ y: [Double]) -> Double? {
  pearson(midRanks(of: x), midRanks(of: y))
}

/// Kendall's τ-b (Kendall 1945) over all pairs, O(n²); nil for fewer than 2 values or a constant list.
package func kendallTauB(_ x: [Double], _ y: [Double]) -> Double? {
  precondition(x.count == y.count, "lists of \(x.count) and \(y.count) values do not pair")
  var balance = 0
  var untiedInX = 0
  var untiedInY = 0
  for i in x.indices {
    for j in 0..<i {
      let a = sign(x[i], x[j])
      let b = sign(y[i], y[j])
      balance += a * b
      untiedInX += a * a
      untiedInY += b * b
    }
  }
  guard untiedInX > 0, untiedInY > 0 else { return nil }
  return clamped(Double(balance) / (Double(untiedInX) * Double(untiedInY)).squareRoot())
}

/// The coefficient of `method`; nil where it is not defined.
package func correlation(_ method: CorrelationMethod, _ x: [Double], _ y: [Double]) -> Double? {
  switch method {
  case .pearson: pearson(x, y)
  case .spearman: spearman(x, y)
  case .kendallB: kendallTauB(x, y)
  }
}

/// `values` less their mean, and the Euclidean norm of that; nil where it is 0 or not finite.
///
/// "0" is anything at the level of rounding, so that equal values never correlate with noise.
func centered(_ values: [Double]) -> (values: [Double], norm: Double)? {
  guard values.count > 1, let center = mean(of: values) else { return nil }
  let shifted = values.map { $0 - center }
  let norm = dot(shifted, shifted).squareRoot()
  let scale = values.reduce(0) { max($0, abs($1)) }
  guard norm.isFinite, norm > 1e-15 * scale * Double(values.count).squareRoot() else { return nil }
  return (shifted, norm)
}

func dot(_ x: [Double], _ y: [Double]) -> Double {
  var sum = 0.0
  for i in x.indices { sum += x[i] * y[i] }
  return sum
}

func sign(_ a: Double, _ b: Double) -> Int { (a > b ? 1 : 0) - (a < b ? 1 : 0) }

func clamped(_ r: Double) -> Double { max(-1, min(1, r)) }
