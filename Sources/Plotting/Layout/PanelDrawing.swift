extension LayoutPass {
  /// Draws a panel from the back to the front: grid, areas, cells, lines, points, axes.
  mutating func drawPanel(_ frame: PanelFrame) {
    let marks = figure.panels[frame.index].marks
    let before = canvas.positions.count
    drawGrid(frame)
    var inside: [SceneItem] = []
    swap(&inside, &canvas.items)
    var order = 0
    for mark in marks { if case .band(let band) = mark { drawBand(band, frame) } }
    for mark in marks {
      if case .rule(let rule) = mark { drawRule(rule, frame, tiles: false) }
    }
    for mark in marks {
      if case .line(let line) = mark, line.style == .fit { drawLine(line, frame, order: 0) }
    }
    let areas = canvas.items
    canvas.items = []
    for mark in marks {
      switch mark {
      case .line(let line) where line.style != .fit:
        drawLine(line, frame, order: order)
        order += 1
      case .boxes(let boxes): drawBoxes(boxes, frame)
      case .tiles(let tiles): drawTiles(tiles, frame)
      case .bars(let bars): drawBars(bars, frame)
      case .points(let points): drawPoints(points, frame)
      case .finalPoint(let point): drawFinalPoint(point, frame)
      case .line, .band, .rule, .text: break
      }
    }
    swap(&inside, &canvas.items)
    if !areas.isEmpty { canvas.items.append(.group(clip: frame.rect, areas)) }
    // A marker at the edge of the data is whole.
    let reach = 1.25 * metrics.marker + metrics.halo
    canvas.items.append(.group(clip: frame.rect.insetBy(-reach), inside))
    for mark in marks { if case .tiles(let tiles) = mark { frameTiles(tiles, frame) } }
    for mark in marks {
      if case .rule(let rule) = mark { drawRule(rule, frame, tiles: true) }
    }
    if canvas.positions.count == before, marks.contains(where: \.holdsRows) { sayEmpty(frame) }
    if let schedule = figure.panels[frame.index].schedule { drawSchedule(schedule, frame) }
    drawAxes(frame)
  }

  /// Never an empty frame: it says that it is one.
  private mutating func sayEmpty(_ frame: PanelFrame) {
    let run = canvas.run(
      "no values", .regular, em, x: frame.rect.middle.x,
      y: frame.rect.middle.y + metrics.halfCapital, anchor: .middle, tone: .soft)
    if canvas.isFree(run.box), frame.rect.contains(run.box) { canvas.add(run) }
  }

  mutating func record(_ row: Int, _ frame: PanelFrame, _ rect: Rect) {
    guard rect.x.isFinite, rect.y.isFinite else { return }
    canvas.positions.append(
      DataPosition(
        row: row, panel: frame.index, x: rect.x, y: rect.y, width: rect.width, height: rect.height))
  }

  /// The runs of neighbouring points that are defined.
  func runs(_ xs: [Double], _ ys: [Double], _ frame: PanelFrame) -> [[Point]] {
    var result: [[Point]] = []
    var current: [Point] = []
    for (x, y) in zip(xs, ys) {
      let p = Point(frame.x(x), frame.y(y))
      if p.x.isFinite, p.y.isFinite {
        current.append(p)
      } else if !current.isEmpty {
        result.append(current)
        current = []
      }
    }
    if !current.isEmpty { result.append(current) }
    return result
  }

  mutating func drawBand(_ band: Mark.Band, _ frame: PanelFrame) {
    let uppers = runs(band.x, zip(band.upper, band.lower).map { $1.isFinite ? $0 : .nan }, frame)
    let lowers = runs(band.x, zip(band.lower, band.upper).map { $1.isFinite ? $0 : .nan }, frame)
    let polygons = zip(uppers, lowers).filter { $0.0.count == $0.1.count && $0.0.count > 1 }.map {
      $0.0 + $0.1.reversed()
    }
    guard !polygons.isEmpty else { return }
    let paint =
      switch band.style {
      case .interval(let name): Paint(styles[name]?.colour ?? theme.ink, opacity: 0.17)
      case .null, .fit: Paint(theme.null)
      }
    canvas.items.append(.path(ScenePath(polygons, closed: true), fill: paint, stroke: nil))
    if band.style == .null {
      canvas.items.append(
        .path(
          ScenePath(uppers), fill: nil,
          stroke: Stroke(
            theme.axis, width: metrics.hairline, dash: [metrics.hairline, 2 * metrics.hairline])))
    }
  }

  mutating func drawRule(_ rule: Mark.Rule, _ frame: PanelFrame, tiles: Bool) {
    let heat = figure.panels[frame.index].marks.contains {
      if case .tiles = $0 { true } else { false }
    }
    guard heat == tiles else { return }
    let colour = rule.tone == .mark ? theme.mark : theme.axis
    let dash: [Double] =
      rule.tone == .mark && !tiles ? (metrics.whole ? [4, 3] : [2, 1.5]) : []
    let stroke = Stroke(colour, width: metrics.hairline, dash: dash)
    switch rule.position {
    case .x(let value):
      let x = frame.x(value)
      guard x.isFinite else { return }
      if tiles {
        // Above and below the cells, never on them.
        let w = metrics.whole ? 2 : 1.0
        let h = metrics.whole ? 4 : 2.0
        let left = metrics.snapped(x - w / 2)
        canvas.items.append(
          .rectangles(
            [
              Rect(x: left, y: frame.rect.y - h - metrics.hairline, width: w, height: h),
              Rect(x: left, y: frame.rect.bottom + metrics.hairline, width: w, height: h),
            ], fill: Paint(colour), crisp: metrics.whole))
      } else {
        let at = metrics.whole ? x.rounded(.down) + 0.5 : x
        canvas.line([Point(at, frame.rect.y), Point(at, frame.rect.bottom)], stroke)
      }
    case .y(let value):
      let y = frame.y(value)
      guard y.isFinite else { return }
      let at = metrics.whole ? y.rounded(.down) + 0.5 : y
      canvas.line([Point(frame.rect.x, at), Point(frame.rect.right, at)], stroke)
    }
  }

  mutating func drawFinalPoint(_ point: Point, _ frame: PanelFrame) {
    let centre = Point(frame.x(point.x), frame.y(point.y))
    guard centre.x.isFinite, centre.y.isFinite else { return }
    canvas.items.append(
      .circle(
        centre: centre, radius: metrics.marker, fill: Paint(theme.page),
        stroke: Stroke(theme.axis, width: metrics.thin)))
  }
}
