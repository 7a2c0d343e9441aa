extension Mark {
  /// The mark with its data in rising order of x, then y, and its row numbers spelled out from `next` on: a figure does
  /// not depend on the order of the rows that it was given.
  func ordered(next: inout Int) -> Mark {
    switch self {
    case .line(var m):
      let order = rank(m.x, m.y)
      m.rows = picked(numbered(m.rows, m.x.count, &next, counts: m.style.holdsRows), order)
      m.lower = m.lower.map { picked($0, order) }
      m.upper = m.upper.map { picked($0, order) }
      (m.x, m.y) = (picked(m.x, order), picked(m.y, order))
      return .line(m)
    case .band(var m):
      let order = rank(m.x, m.lower)
      (m.x, m.lower, m.upper) = (picked(m.x, order), picked(m.lower, order), picked(m.upper, order))
      return .band(m)
    case .points(var m):
      let order = rank(m.x, m.y)
      m.rows = picked(numbered(m.rows, m.x.count, &next), order)
      m.lower = m.lower.map { picked($0, order) }
      m.upper = m.upper.map { picked($0, order) }
      m.labels = m.labels.map { picked($0, order) }
      (m.x, m.y) = (picked(m.x, order), picked(m.y, order))
      return .points(m)
    case .boxes(var m):
      let order = rank(m.x, m.median)
      m.rows = picked(numbered(m.rows, m.x.count, &next), order)
      (m.x, m.median) = (picked(m.x, order), picked(m.median, order))
      (m.lowerQuartile, m.upperQuartile) = (
        picked(m.lowerQuartile, order), picked(m.upperQuartile, order)
      )
      (m.minimum, m.maximum) = (picked(m.minimum, order), picked(m.maximum, order))
      return .boxes(m)
    case .bars(var m):
      let order = rank(m.x, m.y)
      m.rows = picked(numbered(m.rows, m.x.count, &next), order)
      m.lower = m.lower.map { picked($0, order) }
      m.upper = m.upper.map { picked($0, order) }
      (m.x, m.y) = (picked(m.x, order), picked(m.y, order))
      return .bars(m)
    case .tiles(var m):
      let rows = numbered(m.rows, m.values.count, &next)
      let (across, up) = (rank(m.x, m.x), rank(m.y, m.y))
      let cells = up.flatMap { r in across.map { r * m.x.count + $0 } }
      m.rows = picked(rows, cells)
      m.values = picked(m.values, cells)
      m.settledFrom = m.settledFrom.map { picked($0, up) }
      (m.x, m.y) = (picked(m.x, across), picked(m.y, up))
      return .tiles(m)
    case .rule, .text, .finalPoint: return self
    }
  }
}

extension Mark.Line.Style {
  /// Whether the line's points are rows of the figure's data.
  var holdsRows: Bool {
    switch self {
    case .data, .median, .stepped: true
    case .fit, .reference: false
    }
  }
}

private func numbered(_ rows: [Int]?, _ count: Int, _ next: inout Int, counts: Bool = true) -> [Int]
{
  if let rows { return rows }
  guard counts else { return Array(repeating: 0, count: count) }
  defer { next += count }
  return Array(next..<(next + count))
}

/// Indices in rising order of `x`, then `y`; what is not a number comes last.
private func rank(_ x: [Double], _ y: [Double]) -> [Int] {
  func key(_ v: Double) -> Double { v.isNaN ? .infinity : v }
  return x.indices.sorted { a, b in
    let (p, q) = (key(x[a]), key(x[b]))
    if p != q { return p < q }
    let (u, v) = (key(y[a]), key(y[b]))
    return u == v ? a < b : u < v
  }
}

private func picked<Element>(_ values: [Element], _ order: [Int]) -> [Element] {
  order.map { values[$0] }
}
