extension LayoutPass {
  /// The width of a box around x: most of its band, or of the least distance on a continuous axis.
  private func boxWidth(_ xs: [Double], _ frame: PanelFrame, most: Double) -> Double {
    let places = xs.map { frame.x($0) }.filter(\.isFinite).sorted()
    let bands = xs.compactMap { frame.x.band($0) }
    let room =
      bands.isEmpty
      ? zip(places, places.dropFirst()).map { $1 - $0 }.min() ?? 4 * em
      : bands.map { $0.upperBound - $0.lowerBound }.min() ?? 0
    let width = min(most, 0.74 * room)
    return metrics.whole ? max(1, width.rounded(.down)) : width
  }

  /// Range as a line, quartiles as a tint, the median darkest: what matters is seen first.
  mutating func drawBoxes(_ boxes: Mark.Boxes, _ frame: PanelFrame) {
    let colour = styles[boxes.series]?.colour ?? theme.ink
    let width = boxWidth(boxes.x, frame, most: 1.6 * em)
    var (ranges, quartiles, medians): ([Rect], [Rect], [Rect]) = ([], [], [])
    let thick = metrics.whole ? 2 : max(1, metrics.line)
    for i in boxes.x.indices {
      let x = frame.x(boxes.x[i])
      guard x.isFinite else { continue }
      let left = metrics.snapped(x - width / 2)
      let middle = left + width / 2
      let (low, high) = (frame.y(boxes.minimum[i]), frame.y(boxes.maximum[i]))
      if low.isFinite, high.isFinite {
        ranges.append(
          Rect(
            left: metrics.snapped(middle - metrics.hairline / 2), top: high,
            right: metrics.snapped(middle - metrics.hairline / 2) + metrics.hairline, bottom: low))
      }
      let (q1, q3) = (frame.y(boxes.lowerQuartile[i]), frame.y(boxes.upperQuartile[i]))
      if q1.isFinite, q3.isFinite {
        quartiles.append(Rect(left: left, top: q3, right: left + width, bottom: q1))
      }
      let m = frame.y(boxes.median[i])
      guard m.isFinite else { continue }
      medians.append(
        Rect(x: left, y: metrics.snapped(m - thick / 2), width: width, height: thick))
      record(
        boxes.rows?[i] ?? i, frame,
        Rect(
          left: left, top: high.isFinite ? high : m, right: left + width,
          bottom: low.isFinite ? low : m))
    }
    canvas.items.append(
      .rectangles(ranges, fill: Paint(theme.tint(colour, 0.55)), crisp: false))
    canvas.items.append(
      .rectangles(quartiles, fill: Paint(theme.tint(colour, 0.36)), crisp: false))
    canvas.items.append(.rectangles(medians, fill: Paint(colour), crisp: false))
  }

  /// Bars from 0; series of one panel side by side.
  mutating func drawBars(_ bars: Mark.Bars, _ frame: PanelFrame) {
    let peers = figure.panels[frame.index].marks.compactMap {
      if case .bars(let m) = $0 { m.series } else { nil }
    }
    let place = Double(peers.firstIndex(of: bars.series) ?? 0)
    let colour = styles[bars.series]?.colour ?? theme.ink
    let zero = min(max(frame.y(0), frame.rect.y), frame.rect.bottom)
    var (shapes, intervals): ([Rect], [[Point]]) = ([], [])
    let all = boxWidth(bars.x, frame, most: 2.2 * em * Double(max(1, peers.count)))
    // At least a unit of page between neighbours.
    let each = max(1, all / Double(max(1, peers.count)))
    for i in bars.x.indices {
      let (x, y) = (frame.x(bars.x[i]), frame.y(bars.y[i]))
      guard x.isFinite, y.isFinite, zero.isFinite else { continue }
      let left = metrics.snapped(x - all / 2 + place * each)
      let rect = Rect(
        left: left, top: min(y, zero), right: metrics.snapped(left + each - metrics.hairline),
        bottom: max(y, zero))
      shapes.append(rect)
      record(bars.rows?[i] ?? i, frame, rect)
      if let lower = bars.lower, let upper = bars.upper {
        let (a, b) = (frame.y(lower[i]), frame.y(upper[i]))
        if a.isFinite, b.isFinite {
          intervals.append([Point(rect.middle.x, a), Point(rect.middle.x, b)])
        }
      }
    }
    canvas.items.append(.rectangles(shapes, fill: Paint(colour), crisp: false))
    // Over the bar and over the page, so with a halo.
    drawLine(intervals, theme.page, metrics.thin + 2 * metrics.halo, [], round: false)
    drawLine(intervals, theme.ink, metrics.thin, [], round: false)
  }
}
