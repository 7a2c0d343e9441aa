/// One axis as several panels share it: what it covers, before it has a place.
struct AxisGroup {
  var axis: Axis
  /// The distinct values that occur, rising.
  var values: [Double]
  var domain: ClosedRange<Double>
  var emptyLast: Bool

  init(axis: Axis, extents: [(values: [Double], emptyLast: Bool)], vertical: Bool) {
    self.axis = axis
    let finite = extents.flatMap(\.values).filter(\.isFinite)
    emptyLast = extents.contains { $0.emptyLast }
    switch axis.kind {
    case .ordinal(let names):
      values = names.indices.map(Double.init)
      domain = 0...max(1, Double(names.count - 1))
    case .even:
      values = Set(finite).sorted()
      domain = (values.first ?? 0)...(values.last ?? 1)
    case .continuous(let transform):
      let defined = finite.filter { transform($0).isFinite }
      values = Set(defined).sorted()
      let low = values.first ?? axis.domain?.lowerBound ?? 0
      let high = values.last ?? axis.domain?.upperBound ?? 1
      if axis.ticks == .steps {
        domain = low < high ? low...high : padded(low, high, share: 0, transform: transform)
      } else if let least = axis.domain {
        domain = Self.widened(least, low, high)
      } else {
        let air = padded(low, high, share: 0.06, transform: transform)
        let wished = vertical ? Self.rounded(air, transform) : air
        domain = axis.limits.map { Self.kept(wished, within: $0, low, high) } ?? wished
      }
    }
  }

  /// The asked domain, and what data there are beyond it with a little air.
  private static func widened(_ least: ClosedRange<Double>, _ low: Double, _ high: Double)
    -> ClosedRange<Double>
  {
    let air = 0.03 * (max(high, least.upperBound) - min(low, least.lowerBound))
    let bottom = low < least.lowerBound ? low - air : least.lowerBound
    let top = high > least.upperBound ? high + air : least.upperBound
    return bottom < top ? bottom...top : padded(bottom, top, share: 0)
  }

  /// The domain without what the quantity cannot be, as far as the data `low` to `high` allow.
  private static func kept(
    _ domain: ClosedRange<Double>, within limits: ClosedRange<Double>, _ low: Double, _ high: Double
  ) -> ClosedRange<Double> {
    // A lone 0 has no scale of its own: all that it can be is the scale, where that is bounded.
    if low == 0, high == 0, limits.contains(0), limits.upperBound > 0 {
      return 0...(limits.upperBound.isFinite ? limits.upperBound : 1)
    }
    let bottom = min(low, max(domain.lowerBound, limits.lowerBound))
    let top = max(high, min(domain.upperBound, limits.upperBound))
    return bottom < top ? bottom...top : domain
  }

  /// Ends moved out to the next tick where that is near.
  private static func rounded(_ domain: ClosedRange<Double>, _ transform: Transform)
    -> ClosedRange<Double>
  {
    guard transform == .linear else { return domain }
    let step = niceStep(domain, count: 3)
    let span = domain.upperBound - domain.lowerBound
    var (low, high) = (domain.lowerBound, domain.upperBound)
    let (below, above) = ((low / step).rounded(.down) * step, (high / step).rounded(.up) * step)
    if low - below < 0.2 * span { low = below }
    if above - high < 0.2 * span { high = above }
    return low...high
  }

  var isBanded: Bool {
    if case .continuous = axis.kind { return false }
    return true
  }

  /// The scale from `start` to `end`. `whole`: bands begin and end on whole units.
  func scale(start: Double, end: Double, whole: Bool, detach: Double) -> PositionScale {
    guard isBanded else {
      guard case .continuous(let transform) = axis.kind else { preconditionFailure() }
      return .continuous(.init(transform: transform, domain: domain, start: start, end: end))
    }
    let n = max(values.count, 1)
    let last = emptyLast && values.count > 1 ? detach : 0
    let direction = end < start ? -1.0 : 1.0
    let length = abs(end - start) - last
    func edge(_ i: Int) -> Double {
      let offset = length * Double(i) / Double(n)
      return (whole ? offset.rounded() : offset)
    }
    var (starts, ends): ([Double], [Double]) = ([], [])
    for i in values.indices {
      let shift = i == values.count - 1 ? last : 0
      starts.append(start + direction * (edge(i) + shift))
      ends.append(start + direction * (edge(i + 1) + shift))
    }
    return .banded(.init(values: values, starts: starts, ends: ends))
  }
}

/// The axes of all panels, grouped by who shares a domain.
struct AxisGroups {
  var x: [AxisGroup]
  var y: [AxisGroup]
  /// For each panel the index into `x` and `y`.
  var xIndex: [Int]
  var yIndex: [Int]

  private struct Key: Hashable {
    var axis: Axis
    var part: String
  }

  init(_ figure: Figure) {
    let extents = figure.panels.map { $0.marks.map(MarkExtent.init) }
    func grouped(vertical: Bool) -> (groups: [AxisGroup], index: [Int]) {
      var order: [Key: Int] = [:]
      var members: [[Int]] = []
      var axes: [Axis] = []
      let index = figure.panels.indices.map { i in
        let panel = figure.panels[i]
        let axis = vertical ? panel.y ?? figure.y : panel.x ?? figure.x
        let part =
          switch axis.sharing {
          case .all: ""
          case .set(let name): name
          case .rows: panel.row
          case .columns: panel.name
          case .none: "\(i)"
          }
        // Titles may differ where the domain is shared.
        let key = Key(axis: axis.titled(""), part: part)
        if let found = order[key] {
          members[found].append(i)
          return found
        }
        order[key] = axes.count
        axes.append(axis)
        members.append([i])
        return axes.count - 1
      }
      let groups = zip(axes, members).map { axis, panels in
        AxisGroup(
          axis: axis,
          extents: panels.flatMap { i in
            extents[i].map { (vertical ? $0.y : $0.x, vertical ? false : $0.emptyLast) }
          }, vertical: vertical)
      }
      return (groups, index)
    }
    (x, xIndex) = grouped(vertical: false)
    (y, yIndex) = grouped(vertical: true)
  }
}
