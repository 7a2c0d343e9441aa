extension LayoutPass {
  /// The height of the panels, before it is known whether all of them fit a page.
  private func wishedHeight(_ arrangement: Arrangement, _ width: Double) -> Double {
    if let asked = figure.panelHeight { return asked * em }
    if figure.squarePanels { return width }
    let rows = figure.panels.flatMap(\.marks).compactMap { mark -> Int? in
      if case .tiles(let tiles) = mark { tiles.y.count } else { nil }
    }.max()
    if let rows {
      let printed = figure.panels.flatMap(\.marks).contains {
        if case .tiles(let tiles) = $0 { tiles.numbers != nil } else { false }
      }
      if printed { return 1.8 * em * Double(rows) }
      // At least a pixel a layer; few layers do not need the full height.
      let least = metrics.whole ? Double(rows) : 0.1 * em * Double(rows)
      return max(least, min(8 * em, max(2.6 * em, 2.5 * em * Double(rows))))
    }
    let bars = groups.y.compactMap { group -> Int? in
      if case .ordinal(let names) = group.axis.kind { names.count } else { nil }
    }.max()
    if let bars { return 1.7 * em * Double(bars) }
    let many = arrangement.lines.count > 3
    return min(many ? 7 * em : 15 * em, max(many ? 5.2 * em : 8.5 * em, 0.62 * width))
  }

  /// The room below each panel for the learning rate.
  var stripHeight: Double {
    !leavesOutSchedules && figure.panels.contains { $0.schedule != nil }
      ? metrics.snapped(2.4 * em) : 0
  }

  /// What stands above and below the panels of each line.
  private struct LineSpace {
    var heading = 0.0
    var names = 0.0
    var detailBelow = false
    var subtitle = 0.0
    var below = 0.0
  }

  /// Places every panel. Returns where the last line of text ends.
  mutating func placePanels(_ arrangement: Arrangement, _ columns: ColumnPlan, below top: Double)
    -> Double
  {
    let count = Double(arrangement.lines.count)
    var spaces = arrangement.lines.indices.map { lineSpace($0, arrangement, columns) }
    func fixedHeight() -> Double {
      spaces.reduce(top) { $0 + $1.heading + $1.names + $1.subtitle + $1.below }
    }
    // Room for a line of the key that the strips' own name may still need.
    let nameLine =
      movedToKey.contains { if case .schedule = $0 { true } else { false } }
      ? 0 : 1.7 * em
    if let tallest = target.tallest, stripHeight > 0,
      fixedHeight() + count * 2.2 * em > tallest - metrics.inset - nameLine
    {
      leavesOutSchedules = true
      spaces = arrangement.lines.indices.map { lineSpace($0, arrangement, columns) }
    }
    let fixed = fixedHeight()
    var height = wishedHeight(arrangement, columns.panelWidth)
    if let tallest = target.tallest, fixed + count * height > tallest - metrics.inset {
      height = max(2.2 * em, (tallest - metrics.inset - fixed) / count)
    }
    height = metrics.snapped(height)

    var y = top
    var last = top
    for (l, line) in arrangement.lines.enumerated() {
      let space = spaces[l]
      drawHeading(line, arrangement, columns, baseline: y + space.heading - 0.62 * metrics.label)
      y += space.heading
      let nameBaseline = y + 1.05 * metrics.label
      y += space.names + space.subtitle
      let top = metrics.snapped(y)
      for (column, cell) in line.cells.enumerated() {
        guard let panel = cell else { continue }
        place(
          panel,
          Rect(x: columns.lefts[column], y: top, width: columns.panelWidth, height: height),
          arrangement: arrangement, line: l, column: column,
          nameBaseline: nameBaseline, right: nameRight(line, column, columns))
      }
      drawNames(line, arrangement, columns, baseline: nameBaseline, stacked: space.detailBelow)
      y = metrics.snapped(y) + height
      last = drawXTitles(arrangement, line: l, bottom: y + stripHeight)
      y += space.below
    }
    return max(last, y)
  }

  private mutating func place(
    _ panel: Int, _ rect: Rect, arrangement: Arrangement, line: Int, column: Int,
    nameBaseline: Double, right: Double
  ) {
    let (xGroup, yGroup) = (groups.x[groups.xIndex[panel]], groups.y[groups.yIndex[panel]])
    var area = rect
    let detach = metrics.whole ? 2 : 0.17 * em
    if xGroup.isBanded, metrics.whole, hasTiles {
      // Cells of one whole width, where that leaves them wide enough.
      let n = Double(max(1, xGroup.values.count))
      let extra = xGroup.emptyLast ? detach : 0
      let cell = ((rect.width - extra) / n).rounded(.down)
      // Where whole cells would leave much of the line empty, widths differ by a pixel instead.
      if cell >= 3, cell * n + extra > 0.88 * rect.width { area.width = cell * n + extra }
    }
    frames.append(
      PanelFrame(
        index: panel, rect: area,
        strip: figure.panels[panel].schedule != nil && !leavesOutSchedules
          ? Rect(
            x: area.x, y: area.bottom + metrics.snapped(0.4 * em), width: area.width,
            height: stripHeight - metrics.snapped(0.4 * em)) : nil,
        x: xGroup.scale(
          start: area.x, end: area.right, whole: metrics.whole && hasTiles, detach: detach),
        y: yGroup.scale(
          start: area.bottom, end: area.y, whole: metrics.whole && hasTiles, detach: 0),
        xGroup: xGroup, yGroup: yGroup, line: line, column: column,
        showsXLabels: showsXLabels(arrangement, line, column),
        showsYLabels: showsYLabels(arrangement.lines[line], column), nameBaseline: nameBaseline,
        nameRight: right))
  }

  func showsXLabels(_ arrangement: Arrangement, _ line: Int, _ column: Int) -> Bool {
    guard let panel = arrangement.lines[line].cells[column] else { return false }
    guard line + 1 < arrangement.lines.count,
      let below = arrangement.lines[line + 1].cells[column]
    else { return true }
    return groups.xIndex[below] != groups.xIndex[panel]
  }

  private func lineSpace(_ l: Int, _ arrangement: Arrangement, _ columns: ColumnPlan) -> LineSpace {
    let line = arrangement.lines[l]
    var space = LineSpace()
    if !line.heading.isEmpty { space.heading = 1.55 * metrics.label }
    if !line.columnHeadings.isEmpty { space.heading = 1.6 * metrics.label }
    let shown = line.cells.compactMap { $0 }
    if line.showsNames, shown.contains(where: { figure.panels[$0].isNamed }) {
      space.names = metrics.panelNameHeight + (hasTiles ? 0.2 * em : 0)
      space.names += metrics.nameLine * Double(extraNameLines(line, columns))
      space.detailBelow = !detailsFit(line, columns)
      if space.detailBelow { space.subtitle += metrics.lineHeight }
    } else {
      // The topmost tick label reaches above its panel.
      space.names = 0.5 * em
    }
    if line.showsNames {
      space.subtitle += metrics.lineHeight * Double(subtitleLines(line, columns))
    }
    let last = l == arrangement.lines.count - 1
    let labelled = line.cells.indices.contains { showsXLabels(arrangement, l, $0) }
    space.below = stripHeight + metrics.tick + (labelled ? xLabelHeight(line, columns) : 0)
    if labelled { space.below += xTitleHeight(arrangement, line: l) }
    if !last { space.below += (labelled ? 0.55 : 0.35) * em }
    return space
  }
}
