/// Benjamini & Hochberg's adjusted p-values (q), in the order of `p`.
///
/// q_(i) = min over j ≥ i of p_(j) · m / j, at most 1. Rejecting q ≤ α keeps the expected share of
/// false rejections at α for independent or positively dependent tests.
package func benjaminiHochberg(_ p: [Double]) -> [Double] {
  let order = ascendingOrder(of: p)
  var q = [Double](repeating: 1, count: p.count)
  var smallest = 1.0
  for place in order.indices.reversed() {
    let index = order[place]
    smallest = min(smallest, p[index] * Double(p.count) / Double(place + 1))
    q[index] = smallest
  }
  return q
}
