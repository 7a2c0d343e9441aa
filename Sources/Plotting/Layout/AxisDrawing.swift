extension LayoutPass {
  /// Lines that the labels of an x axis take: more than one where the names of bands are wrapped.
  private func xLabelLines(_ group: AxisGroup, _ width: Double) -> Int {
    guard case .ordinal(let names) = group.axis.kind else { return 1 }
    return names.map { bandLabel($0, width / Double(names.count)).count }.max() ?? 1
  }

  private func bandLabel(_ name: String, _ width: Double) -> [String] {
    let lines = wrapped(printable(name), width: width - 0.4 * em, hyphens: true) {
      canvas.width($0, .regular, em)
    }
    if lines.count <= 3 { return lines }
    let rest = lines.dropFirst(2).joined(separator: name.contains(" ") ? " " : "")
    return Array(lines.prefix(2)) + [
      elided(rest, width: width - 0.4 * em) { canvas.width($0, .regular, em) }
    ]
  }

  func xLabelHeight(_ line: Arrangement.Line, _ columns: ColumnPlan) -> Double {
    let lines =
      line.cells.compactMap { $0 }.map {
        xLabelLines(groups.x[groups.xIndex[$0]], columns.panelWidth)
      }.max() ?? 1
    return 1.25 * em + 1.15 * em * Double(lines - 1)
  }

  private func xTitle(_ panel: Int) -> String {
    printable((figure.panels[panel].x ?? figure.x).title)
  }

  /// The panels of a line below which an axis title stands: all of them where titles differ, else the first of the
  /// last line.
  private func xTitles(_ arrangement: Arrangement, line l: Int) -> [(column: Int, text: String)] {
    let line = arrangement.lines[l]
    let titles = Set(figure.panels.indices.map(xTitle))
    if titles.count == 1 {
      guard l == arrangement.lines.count - 1, let title = titles.first, !title.isEmpty else {
        return []
      }
      return [(0, title)]
    }
    return line.cells.indices.compactMap { column in
      guard let panel = line.cells[column], showsXLabels(arrangement, l, column) else { return nil }
      let text = xTitle(panel)
      return text.isEmpty ? nil : (column, text)
    }
  }

  private func titleLines(_ text: String, _ alone: Bool, _ columns: ColumnPlan?) -> [String] {
    let width =
      alone ? target.width - 2 * metrics.inset : columns?.panelWidth ?? frames[0].rect.width
    return wrapped(text, width: width) { canvas.width($0, .regular, em) }
  }

  func xTitleHeight(_ arrangement: Arrangement, line l: Int) -> Double {
    let titles = xTitles(arrangement, line: l)
    let alone = titles.count == 1 && l == arrangement.lines.count - 1
    let plan = alone ? nil : columnPlan(arrangement, rightKey: 0)
    let most = titles.map { titleLines($0.text, alone, plan).count }.max() ?? 0
    return most == 0 ? 0 : 0.25 * em + metrics.lineHeight * Double(most)
  }

  /// Draws the titles below a line whose panels end at `bottom`. Returns where they end.
  mutating func drawXTitles(_ arrangement: Arrangement, line l: Int, bottom: Double) -> Double {
    let titles = xTitles(arrangement, line: l)
    guard !titles.isEmpty else { return bottom }
    let alone = titles.count == 1 && l == arrangement.lines.count - 1
    let lines = frames.filter { $0.line == l }
    let most = lines.map { xLabelLines($0.xGroup, $0.rect.width) }.max() ?? 1
    let top = bottom + metrics.tick + 1.25 * em + 1.15 * em * Double(most - 1) + 0.25 * em
    var end = top
    for title in titles {
      guard let frame = lines.first(where: { $0.column == title.column }) ?? frames.first else {
        continue
      }
      var y = top
      let texts = titleLines(title.text, alone, nil)
      let widest = texts.map { canvas.width($0, .regular, em) }.max() ?? 0
      let x = frame.rect.x + widest <= target.width - metrics.inset ? frame.rect.x : metrics.inset
      for text in texts {
        canvas.text(text, .regular, em, x: x, y: y + 0.95 * em)
        y += metrics.lineHeight
      }
      end = max(end, y)
    }
    return end
  }

  /// The labelled ticks of a panel's x axis and where each label starts.
  func xTicks(_ frame: PanelFrame) -> [(tick: Tick, start: Double)] {
    let group = frame.xGroup
    let limits = (frame.rect.x - 0.3 * em)...(frame.rect.right + 0.02 * em)
    let measure = { (text: String) in canvas.width(text, .regular, em) }
    switch group.axis.ticks {
    case .steps:
      return stepTicks(
        group.values, limits: limits, em: em,
        label: { shortNumber($0 * group.axis.factor) }, position: { frame.x($0) }, width: measure)
    case .ends, .automatic, .at:
      var ticks: [Tick]
      if case .at(let given) = group.axis.ticks {
        ticks = given.filter { group.domain.contains($0.value) }
      } else if group.isBanded {
        let values = group.values
        ticks = values.map { Tick(value: $0, label: shortNumber($0 * group.axis.factor)) }
        if group.axis.ticks == .ends, let first = ticks.first, let last = ticks.last {
          ticks = values.count > 1 ? [first, last] : [first]
        }
      } else if case .continuous(let transform) = group.axis.kind {
        let count = max(3, min(6, Int(frame.rect.width / (4.2 * em))))
        ticks = Plotting.ticks(transform, group.domain, count: count, format: group.axis.format)
      } else {
        ticks = []
      }
      return thinned(ticks, frame: frame, limits: limits, measure: measure)
    }
  }

  /// The ends first, then what does not come closer than half an em to a label that stands.
  private func thinned(
    _ ticks: [Tick], frame: PanelFrame, limits: ClosedRange<Double>, measure: (String) -> Double
  ) -> [(tick: Tick, start: Double)] {
    var order = Array(ticks.indices)
    if order.count > 2 { order = [0, order.count - 1] + order.dropFirst().dropLast() }
    var placed: [(tick: Tick, start: Double, end: Double)] = []
    for i in order {
      let (w, at) = (measure(ticks[i].label), frame.x(ticks[i].value))
      guard at.isFinite, at >= frame.rect.x - 0.5, at <= frame.rect.right + 0.5 else { continue }
      let start = min(max(at - w / 2, limits.lowerBound), limits.upperBound - w)
      if placed.allSatisfy({ start >= $0.end + 0.5 * em || start + w <= $0.start - 0.5 * em }) {
        placed.append((ticks[i], start, start + w))
      }
    }
    return placed.sorted { $0.tick.value < $1.tick.value }.map { ($0.tick, $0.start) }
  }

  /// Hairlines at the y ticks, below the data.
  mutating func drawGrid(_ frame: PanelFrame) {
    guard target.rules.grid, !frame.yGroup.isBanded else { return }
    for tick in yTicks(frame.yGroup) {
      let y = frame.y(tick.value)
      guard y.isFinite, y < frame.rect.bottom - 1, y >= frame.rect.y - 1 else { continue }
      canvas.horizontal(y, from: frame.rect.x, to: frame.rect.right, theme.grid)
    }
  }

  /// Baseline, ticks and labels.
  mutating func drawAxes(_ frame: PanelFrame) {
    let tiles = figure.panels[frame.index].marks.contains {
      if case .tiles = $0 { true } else { false }
    }
    let bottom = frame.strip?.bottom ?? frame.rect.bottom
    let ticks = xTicks(frame)
    let isNamed = if case .ordinal = frame.xGroup.axis.kind { true } else { false }
    if !tiles {
      canvas.items.append(
        .rectangles(
          [frame.rect.bottom, bottom].prefix(frame.strip == nil ? 1 : 2).map {
            Rect(x: frame.rect.x, y: $0, width: frame.rect.width, height: metrics.hairline)
          }, fill: Paint(theme.axis), crisp: metrics.whole))
    }
    if !isNamed, !tiles || frame.showsXLabels {
      let marks = ticks.map { entry in
        let x = frame.x(entry.tick.value)
        return Rect(
          x: metrics.snapped(min(x - metrics.hairline / 2, frame.rect.right - metrics.hairline)),
          y: bottom + metrics.hairline, width: metrics.hairline,
          height: metrics.tick - metrics.hairline)
      }
      canvas.items.append(.rectangles(marks, fill: Paint(theme.axis), crisp: metrics.whole))
    }
    if frame.showsXLabels {
      let y = bottom + metrics.tick + 1.05 * em
      if case .ordinal(let names) = frame.xGroup.axis.kind {
        let band = frame.rect.width / Double(max(1, names.count))
        for (i, name) in names.enumerated() {
          for (k, text) in bandLabel(name, band).enumerated() {
            canvas.text(
              text, .regular, em, x: frame.x(Double(i)), y: y + 1.15 * em * Double(k),
              anchor: .middle, tone: .soft)
          }
        }
      } else {
        for entry in ticks {
          canvas.text(entry.tick.label, .regular, em, x: entry.start, y: y, tone: .soft)
        }
      }
    }
    if frame.showsYLabels { drawYLabels(frame) }
  }

  private mutating func drawYLabels(_ frame: PanelFrame) {
    let banded = frame.yGroup.isBanded
    var lowest = Double.infinity
    // From the bottom up; a label that would touch the one below is dropped.
    for tick in yTicks(frame.yGroup) {
      var middle = frame.y(tick.value)
      guard middle.isFinite else { continue }
      if banded {
        middle = min(
          max(middle, frame.rect.y + metrics.halfCapital), frame.rect.bottom - metrics.halfCapital)
      }
      guard middle + 0.6 * em <= lowest else { continue }
      canvas.text(
        tick.label, .regular, em, x: frame.rect.x - 0.5 * em, y: middle + metrics.halfCapital,
        anchor: .end, tone: .soft)
      lowest = middle - 0.6 * em
    }
  }
}
