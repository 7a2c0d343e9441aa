/// What a mark asks of the axes.
struct MarkExtent {
  var x: [Double] = []
  var y: [Double] = []
  var emptyLast = false

  init(_ mark: Mark) {
    switch mark {
    case .line(let line):
      // A fit follows the points; it must not widen what they cover.
      if line.style != .fit {
        (x, y) = (line.x, line.y + (line.lower ?? []) + (line.upper ?? []))
      }
    case .band(let band):
      switch band.style {
      case .fit: break
      case .null, .interval: (x, y) = (band.x, band.lower + band.upper)
      }
    case .points(let points):
      (x, y) = (points.x, points.y + (points.lower ?? []) + (points.upper ?? []))
    case .boxes(let boxes):
      (x, y) = (boxes.x, boxes.minimum + boxes.maximum + boxes.median)
    case .tiles(let tiles):
      (x, y, emptyLast) = (tiles.x, tiles.y, tiles.emptyLast)
    case .bars(let bars):
      (x, y) = (bars.x, bars.y + (bars.lower ?? []) + (bars.upper ?? []) + [0])
    case .rule(let rule):
      if case .y(let value) = rule.position { y = [value] }
    case .text: break
    case .finalPoint(let point): (x, y) = ([point.x], [point.y])
    }
  }
}

extension Mark {
  var name: String {
    switch self {
    case .line: "line"
    case .band: "band"
    case .points: "points"
    case .boxes: "boxes"
    case .tiles: "tiles"
    case .bars: "bars"
    case .rule: "rule"
    case .text: "text"
    case .finalPoint: "final point"
    }
  }

  /// Whether the mark draws rows of the figure's data.
  var holdsRows: Bool {
    switch self {
    case .line(let line): line.style.holdsRows
    case .points, .boxes, .tiles, .bars: true
    case .band, .rule, .text, .finalPoint: false
    }
  }

  /// The series that the mark names, "" for none.
  var seriesName: String {
    switch self {
    case .line(let m): m.series
    case .points(let m): m.series
    case .boxes(let m): m.series
    case .bars(let m): m.series
    case .band(let m): if case .interval(let name) = m.style { name } else { "" }
    default: ""
    }
  }

  /// The lengths that its arrays must have and have.
  var lengths: [(expected: Int, found: Int)] {
    func same(_ n: Int, _ others: [Int?]) -> [(Int, Int)] {
      others.compactMap { $0 }.map { (n, $0) }
    }
    switch self {
    case .line(let m):
      return same(m.x.count, [m.y.count, m.lower?.count, m.upper?.count, m.rows?.count])
    case .band(let m): return same(m.x.count, [m.lower.count, m.upper.count])
    case .points(let m):
      return same(
        m.x.count, [m.y.count, m.lower?.count, m.upper?.count, m.labels?.count, m.rows?.count])
    case .boxes(let m):
      return same(
        m.x.count,
        [
          m.median.count, m.lowerQuartile.count, m.upperQuartile.count, m.minimum.count,
          m.maximum.count, m.rows?.count,
        ])
    case .tiles(let m):
      return same(m.x.count * m.y.count, [m.values.count, m.rows?.count])
        + same(m.y.count, [m.settledFrom?.count])
    case .bars(let m):
      return same(m.x.count, [m.y.count, m.lower?.count, m.upper?.count, m.rows?.count])
    case .rule, .text, .finalPoint: return []
    }
  }
}
