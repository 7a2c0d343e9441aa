extension LayoutPass {
  private func cell(_ x: Double, _ y: Double, _ frame: PanelFrame) -> Rect? {
    guard let across = frame.x.band(x), let up = frame.y.band(y) else { return nil }
    return Rect(
      left: across.lowerBound, top: up.lowerBound, right: across.upperBound, bottom: up.upperBound)
  }

  /// How many of the columns hold values: the last one may be left empty.
  private func filled(_ tiles: Mark.Tiles) -> Int {
    tiles.emptyLast && tiles.x.count > 1 ? tiles.x.count - 1 : tiles.x.count
  }

  /// Cells, neighbours of one colour joined, gaps crossed out.
  mutating func drawTiles(_ tiles: Mark.Tiles, _ frame: PanelFrame) {
    guard let scale = figure.color else { return }
    let columns = filled(tiles)
    var cells: [ColourCell] = []
    var gaps: [[Point]] = []
    // From the top row down.
    for (r, y) in tiles.y.enumerated().reversed() {
      let first = cells.count
      for c in 0..<columns {
        guard let rect = cell(tiles.x[c], y, frame) else { continue }
        let at = r * tiles.x.count + c
        if rect.width > 0, rect.height > 0 { record(tiles.rows?[at] ?? at, frame, rect) }
        let level = scale.level(tiles.values[at])
        if level == nil { gaps.append([Point(rect.x, rect.bottom), Point(rect.right, rect.y)]) }
        let colour = level.map { scale.colour(level: $0, theme) } ?? theme.page
        if cells.count > first, let last = cells.last, abs(last.rect.right - rect.x) < 1e-9 {
          if last.colour == colour {
            cells[cells.count - 1].rect.width = rect.right - last.rect.x
            continue
          }
          cells[cells.count - 1].joinsRight = true
        }
        cells.append(
          ColourCell(rect: rect, colour: colour, joinsRight: false, joinsBelow: r > 0))
      }
    }
    canvas.items.append(.cells(cells, crisp: metrics.whole))
    if !gaps.isEmpty {
      canvas.items.append(
        .path(ScenePath(gaps), fill: nil, stroke: Stroke(theme.frame, width: metrics.hairline)))
    }
    drawSettled(tiles, frame)
    drawNumbers(tiles, frame)
  }

  /// The rectangle of the columns that hold values.
  private func dataArea(_ tiles: Mark.Tiles, _ frame: PanelFrame) -> Rect? {
    let columns = filled(tiles)
    guard columns > 0, let x0 = tiles.x.first, let y0 = tiles.y.first, let y1 = tiles.y.last,
      let a = cell(x0, y0, frame), let b = cell(tiles.x[columns - 1], y1, frame)
    else { return nil }
    return Rect(
      left: min(a.x, b.x), top: min(a.y, b.y), right: max(a.right, b.right),
      bottom: max(a.bottom, b.bottom))
  }

  mutating func frameTiles(_ tiles: Mark.Tiles, _ frame: PanelFrame) {
    guard let area = dataArea(tiles, frame) else { return }
    drawFrame(area)
    guard filled(tiles) < tiles.x.count, let last = tiles.x.last, let y = tiles.y.first,
      let column = cell(last, y, frame)
    else { return }
    drawFrame(Rect(left: column.x, top: area.y, right: column.right, bottom: area.bottom))
  }

  /// The stepped line in the colour of the page, right of which each row stays above the threshold. Rows that never
  /// do interrupt it.
  private mutating func drawSettled(_ tiles: Mark.Tiles, _ frame: PanelFrame) {
    guard let settled = tiles.settledFrom else { return }
    var lines: [[Point]] = []
    var line: [Point] = []
    for (r, y) in tiles.y.enumerated() {
      guard let x = settled[r], let rect = cell(x, y, frame) else {
        if !line.isEmpty { lines.append(line) }
        line = []
        continue
      }
      line += [Point(rect.x, rect.bottom), Point(rect.x, rect.y)]
    }
    if !line.isEmpty { lines.append(line) }
    guard !lines.isEmpty else { return }
    canvas.items.append(
      .path(
        ScenePath(lines.map(straightened)), fill: nil,
        stroke: Stroke(theme.page, width: metrics.whole ? 1.5 : metrics.line)))
  }

  /// Without the points in the middle of straight stretches.
  private func straightened(_ line: [Point]) -> [Point] {
    var result: [Point] = []
    for point in line {
      if result.last == point { continue }
      if result.count > 1, result[result.count - 2].x == point.x,
        result[result.count - 1].x == point.x
      {
        result[result.count - 1] = point
      } else {
        result.append(point)
      }
    }
    return result
  }

  /// The values in the cells, where all of them fit.
  private mutating func drawNumbers(_ tiles: Mark.Tiles, _ frame: PanelFrame) {
    guard let places = tiles.numbers, let scale = figure.color else { return }
    var runs: [TextRun] = []
    for (r, y) in tiles.y.enumerated() {
      for c in 0..<filled(tiles) {
        let value = tiles.values[r * tiles.x.count + c]
        guard let rect = cell(tiles.x[c], y, frame), let level = scale.level(value) else {
          continue
        }
        var run = canvas.run(
          fixed(value, places), .regular, em, x: rect.middle.x,
          y: rect.middle.y + metrics.halfCapital, anchor: .middle)
        guard run.width + 0.3 * em <= rect.width, 1.1 * em <= rect.height else { return }
        let colour = scale.colour(level: level, theme)
        let (dark, pale) = (RGB(0x000000), RGB(0xffffff))
        run.colour = dark.contrast(to: colour) >= pale.contrast(to: colour) ? dark : pale
        runs.append(run)
      }
    }
    for run in runs { canvas.add(run) }
  }
}
