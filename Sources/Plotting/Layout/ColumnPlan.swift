/// Where the columns of panels stand.
struct ColumnPlan {
  var lefts: [Double]
  var panelWidth: Double
  /// The room for labels left of each column.
  var gutters: [Double]
}

extension LayoutPass {
  /// The width at the right edge that a flush label or the final circle needs.
  private var rightMargin: Double { metrics.snapped(metrics.inset + metrics.marker + metrics.halo) }

  private func hasMark(_ test: (Mark) -> Bool) -> Bool {
    figure.panels.contains { $0.marks.contains(where: test) }
  }

  var hasTiles: Bool {
    hasMark { if case .tiles = $0 { true } else { false } }
  }

  private var hasBoxes: Bool {
    hasMark { if case .boxes = $0 { true } else { false } }
  }

  /// Below this width a panel's labels or cells stop being readable.
  var minimumPanelWidth: Double {
    let bands = groups.x.filter(\.isBanded).map(\.values.count).max() ?? 0
    let each = hasBoxes ? 0.16 * em : hasTiles ? 0.125 * em : 0
    let named =
      groups.x.compactMap { group -> Double? in
        guard case .ordinal(let names) = group.axis.kind else { return nil }
        return 2.6 * em * Double(names.count)
      }.max() ?? 0
    let name =
      figure.panels.map { canvas.width($0.name, .semibold, metrics.label) }.max() ?? 0
    // In print, narrower where the names above the panels fit all the same.
    let narrow = max(6.9 * em, min(name, 7.6 * em))
    let words = metrics.whole ? 8.4 * em : narrow
    // Small pictures may stand closer, as far as their names do.
    let least = hasTiles && bands <= 12 ? max(4.5 * em, min(words, name)) : words
    return max(least, each * Double(bands), named)
  }

  /// Whether the panels of each row have one y axis: then labels stand on the left alone.
  private var sharesLabelsInRows: Bool {
    Dictionary(grouping: figure.panels.indices) { figure.panels[$0].row }.values.allSatisfy {
      Set($0.map { groups.yIndex[$0] }).count == 1
    }
  }

  func estimatedPanelWidth(columns n: Int, rightKey: Double, isTransposed: Bool = false) -> Double {
    let widest = groups.y.indices.map { gutter($0) }.max() ?? 0
    let shared = isTransposed ? groups.y.count == 1 : sharesLabelsInRows
    let gutters = shared ? widest : widest * Double(n)
    let free = target.width - metrics.inset - rightMargin - rightKey - gutters
    let gap = shared ? metrics.gap : metrics.gapWithLabels
    let width = (free - gap * Double(n - 1)) / Double(n)
    // One column always fits as well as it can.
    return n == 1 ? max(width, minimumPanelWidth) : width
  }

  /// The room that the labels of a y axis take, with the distance to the panel.
  func gutter(_ group: Int) -> Double {
    let widest = yTicks(groups.y[group]).map { canvas.width($0.label, .regular, em) }.max() ?? 0
    return widest == 0 ? 0 : metrics.snapped((widest + 0.5 * em).rounded(.up))
  }

  func showsYLabels(_ line: Arrangement.Line, _ column: Int) -> Bool {
    guard let panel = line.cells[column] else { return false }
    guard column > 0, let left = line.cells[column - 1] else { return true }
    return groups.yIndex[left] != groups.yIndex[panel]
      && yTicks(groups.y[groups.yIndex[left]]) != yTicks(groups.y[groups.yIndex[panel]])
  }

  func columnPlan(_ arrangement: Arrangement, rightKey: Double) -> ColumnPlan {
    let gutters = (0..<arrangement.columns).map { column in
      arrangement.lines.map { line in
        guard let panel = line.cells[column], showsYLabels(line, column) else { return 0 }
        return gutter(groups.yIndex[panel])
      }.max() ?? 0
    }
    let gaps = gutters.dropFirst().map { $0 > 0 ? metrics.gapWithLabels : metrics.gap }
    let free =
      target.width - metrics.inset - rightMargin - rightKey - gutters.reduce(0, +)
      - gaps.reduce(0, +)
    var width = free / Double(arrangement.columns)
    if figure.squarePanels { width = min(width, max(minimumPanelWidth, 15 * em)) }
    if metrics.whole { width = width.rounded(.down) }
    var lefts: [Double] = []
    var x = metrics.inset
    for (gutter, gap) in zip(gutters, [0] + gaps) {
      x += gap + gutter
      lefts.append(metrics.snapped(x))
      x += width
    }
    return ColumnPlan(lefts: lefts, panelWidth: width, gutters: gutters)
  }

  /// Ticks of a y axis; the same wherever the axis stands, so that labels can be shared.
  func yTicks(_ group: AxisGroup) -> [Tick] {
    switch group.axis.kind {
    case .ordinal(let names):
      let labels = elidedDistinctly(names.map(printable), width: 0.3 * target.width) {
        canvas.width($0, .regular, em)
      }
      return labels.enumerated().map { Tick(value: Double($0.offset), label: $0.element) }
    case .even:
      guard let first = group.values.first, let last = group.values.last else { return [] }
      let ends = first == last ? [first] : [first, last]
      return ends.map { Tick(value: $0, label: shortNumber($0 * group.axis.factor)) }
    case .continuous(let transform):
      if case .at(let given) = group.axis.ticks {
        return given.filter { group.domain.contains($0.value) }
      }
      return ticks(transform, group.domain, count: 3, format: group.axis.format)
    }
  }
}
