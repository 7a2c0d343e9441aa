/// Mid-ranks of `values`, from 1 to n: equal values share the mean of the places they take.
///
/// Infinities rank at the ends, all of one sign tied with each other. NaN is the caller's mistake.
package func midRanks(of values: [Double]) -> [Double] {
  let order = ascendingOrder(of: values)
  var ranks = [Double](repeating: 0, count: values.count)
  var start = 0
  while start < order.count {
    var end = start + 1
    while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
    // Places start+1 … end, whose mean is (start + 1 + end) / 2.
    let rank = Double(start + end + 1) / 2
    for place in start..<end { ranks[order[place]] = rank }
    start = end
  }
  return ranks
}

/// The number of different smaller values of each value: 0 for the smallest. Ties are equal.
func denseRanks(of values: [Double]) -> [Int] {
  let order = ascendingOrder(of: values)
  var ranks = [Int](repeating: 0, count: values.count)
  var rank = 0
  for (place, index) in order.enumerated() {
    if place > 0, values[index] != values[order[place - 1]] { rank += 1 }
    ranks[index] = rank
  }
  return ranks
}

/// The indices of `values` from the smallest to the largest; equal values in their own order.
func ascendingOrder(of values: [Double]) -> [Int] {
  precondition(!values.contains { $0.isNaN }, "NaN has no rank: leave missing values out first")
  return values.indices.sorted { a, b in
    values[a] != values[b] ? values[a] < values[b] : a < b
  }
}
