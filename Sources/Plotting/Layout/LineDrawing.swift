extension LayoutPass {
  var seriesHasLines: Bool {
    figure.panels.contains {
      $0.marks.contains { if case .line(let l) = $0 { !l.series.isEmpty } else { false } }
    }
  }

  var seriesHasBars: Bool {
    figure.panels.contains { panel in
      panel.marks.contains {
        switch $0 {
        case .bars, .boxes: true
        default: false
        }
      }
    }
  }

  /// Markers tell series apart in grey. Of many ordered ones the lightness does; the two ends carry markers.
  private func mayShowMarkers(_ series: String) -> Bool {
    let names = figure.series.names
    return names.count > 1
      && (!figure.series.isRamp || series == names.first || series == names.last)
  }

  private func showsMarkers(_ line: Mark.Line) -> Bool {
    line.markers && line.style.holdsRows && mayShowMarkers(line.series)
  }

  /// The series that some panel draws with markers: their entries in the key have them too.
  var markedSeries: Set<String> {
    Set(
      figure.panels.flatMap(\.marks).compactMap { mark in
        switch mark {
        case .points(let points): points.series
        case .line(let line): showsMarkers(line) ? line.series : nil
        default: nil
        }
      })
  }

  mutating func drawLine(
    _ runs: [[Point]], _ colour: RGB, _ width: Double, _ dash: [Double], round: Bool = true
  ) {
    guard !runs.isEmpty else { return }
    canvas.items.append(
      .path(
        ScenePath(runs), fill: nil,
        stroke: Stroke(
          colour, width: width, dash: dash.map { $0 * width }, roundCaps: round && dash.isEmpty)))
  }

  mutating func drawLine(_ whole: Mark.Line, _ frame: PanelFrame, order: Int) {
    let line = condensed(whole, frame)
    let style = styles[line.series]
    drawIntervals(line.x, line.lower, line.upper, style?.colour ?? theme.ink, frame)
    var shapes = runs(line.x, line.y, frame)
    if line.style == .stepped {
      shapes = shapes.map { run in
        run.indices.flatMap { i in
          i == 0 ? [run[i]] : [Point(run[i].x, run[i - 1].y), run[i]]
        }
      }
    }
    // A value between two gaps is a dot, not nothing.
    let lonely = shapes.filter { $0.count == 1 }.map { $0[0] }
    let drawn = shapes.filter { $0.count > 1 }
    switch line.style {
    case .data, .stepped:
      drawLine(drawn, style?.colour ?? theme.ink, metrics.line, style?.dash ?? [])
    case .median: drawLine(drawn, style?.colour ?? theme.ink, metrics.heavy, style?.dash ?? [])
    case .fit:
      drawLine(drawn, style?.colour ?? theme.soft, metrics.thin, [])
      return
    case .reference:
      drawLine(drawn, style?.colour ?? theme.soft, metrics.thin, [3, 2.4], round: false)
      return
    }
    for i in line.x.indices {
      record(
        line.rows?[i] ?? i, frame,
        Rect(x: frame.x(line.x[i]), y: frame.y(line.y[i]), width: 0, height: 0))
    }
    for point in lonely {
      canvas.items.append(
        .circle(
          centre: point, radius: metrics.line, fill: Paint(style?.colour ?? theme.ink), stroke: nil)
      )
    }
    guard showsMarkers(line), let style else { return }
    let points = shapes.flatMap { $0 }
    let every = points.count > 10 ? 4 : 1
    let offset = every == 1 ? 0 : order % every
    // Where checkpoints crowd, so would markers.
    var last = -Double.infinity
    for (i, point) in points.enumerated() where i % every == offset && point.x - last >= 1.6 * em {
      drawMarker(style, at: point)
      last = point.x
    }
  }

  /// Thin uprights in a tint of the series' colour: there to be read, not to be seen first.
  private mutating func drawIntervals(
    _ x: [Double], _ lower: [Double]?, _ upper: [Double]?, _ colour: RGB, _ frame: PanelFrame
  ) {
    guard let lower, let upper else { return }
    var bars: [[Point]] = []
    for i in x.indices {
      let (x, a, b) = (frame.x(x[i]), frame.y(lower[i]), frame.y(upper[i]))
      if x.isFinite, a.isFinite, b.isFinite, a != b { bars.append([Point(x, a), Point(x, b)]) }
    }
    drawLine(bars, theme.tint(colour, 0.55), metrics.thin, [], round: false)
  }

  /// A marker with a halo in the colour of the page.
  mutating func drawMarker(_ style: SeriesStyle, at p: Point, open: Bool = false, scale: Double = 1)
  {
    let r = metrics.marker * scale
    let fill = Paint(open ? theme.page : style.colour)
    let edge =
      open
      ? Stroke(style.colour, width: metrics.thin) : Stroke(theme.page, width: 2 * metrics.halo)
    guard style.marker != .circle else {
      if !open {
        canvas.items.append(
          .circle(centre: p, radius: r + metrics.halo, fill: Paint(theme.page), stroke: nil))
      }
      canvas.items.append(.circle(centre: p, radius: r, fill: fill, stroke: open ? edge : nil))
      return
    }
    let shape = ScenePath([markerShape(style.marker, p, r)], closed: true)
    if !open { canvas.items.append(.path(shape, fill: nil, stroke: edge)) }
    canvas.items.append(.path(shape, fill: fill, stroke: open ? edge : nil))
  }

  private func markerShape(_ marker: Marker, _ p: Point, _ r: Double) -> [Point] {
    switch marker {
    case .circle: return []
    case .square:
      let q = r * 0.9
      return [
        Point(p.x - q, p.y - q), Point(p.x + q, p.y - q), Point(p.x + q, p.y + q),
        Point(p.x - q, p.y + q),
      ]
    case .diamond:
      let q = r * 1.25
      return [Point(p.x, p.y - q), Point(p.x + q, p.y), Point(p.x, p.y + q), Point(p.x - q, p.y)]
    case .up, .down:
      let q = r * 1.2
      let s = marker == .up ? 1.0 : -1.0
      return [
        Point(p.x, p.y - s * q), Point(p.x + q, p.y + s * q * 0.8),
        Point(p.x - q, p.y + s * q * 0.8),
      ]
    }
  }

  mutating func drawPoints(_ points: Mark.Points, _ frame: PanelFrame) {
    let plain = SeriesStyle(colour: theme.ink, marker: .circle, dash: [])
    let style = styles[points.series] ?? plain
    drawIntervals(points.x, points.lower, points.upper, style.colour, frame)
    for i in points.x.indices {
      let p = Point(frame.x(points.x[i]), frame.y(points.y[i]))
      guard p.x.isFinite, p.y.isFinite else { continue }
      drawMarker(style, at: p, open: points.open, scale: 1.25)
      record(points.rows?[i] ?? i, frame, Rect(x: p.x, y: p.y, width: 0, height: 0))
    }
  }
}
