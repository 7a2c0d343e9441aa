extension LayoutPass {
  /// Narrower where names and cells together would leave the page.
  private var rampCell: Double {
    let (first, last) = rampEnds()
    let names =
      canvas.width(first, .regular, em) + canvas.width(last, .regular, em) + 2 * rampMarker
    let room = target.width - 2 * metrics.inset - em - names
    let wish = min(0.6 * em, min(13 * em, room) / Double(figure.series.names.count))
    return metrics.whole ? max(1, wish.rounded(.down)) : max(0.05 * em, wish)
  }
  private func rampEnds() -> (String, String) {
    let names = figure.series.names.map(printable)
    let cut = { (name: String) in
      elided(name, width: 0.3 * target.width) { canvas.width($0, .regular, em) }
    }
    return (cut(names.first ?? ""), cut(names.last ?? ""))
  }
  /// The room for the marker of an end of the ramp, where lines have them.
  private var rampMarker: Double {
    let marked = markedSeries
    return figure.series.names.contains(where: marked.contains) ? 1.1 * em : 0
  }
  var rampWidth: Double {
    let (first, last) = rampEnds()
    return canvas.width(first, .regular, em) + canvas.width(last, .regular, em) + em
      + rampCell * Double(figure.series.names.count) + 2 * rampMarker
  }

  mutating func drawRamp(x: Double, y: Double) {
    let (first, last) = rampEnds()
    let run = canvas.text(first, .regular, em, x: x, y: y + metrics.halfCapital)
    let marked = markedSeries
    func mark(_ name: String?, _ at: Double) {
      guard let name, marked.contains(name), let style = styles[name] else { return }
      drawMarker(style, at: Point(at, y))
    }
    var left = metrics.snapped(x + run.width + 0.5 * em + rampMarker)
    mark(figure.series.names.first, left - 0.6 * em)
    let height = metrics.snapped(0.75 * em)
    let colours = figure.series.names.compactMap { styles[$0]?.colour }
    let cells = colours.enumerated().map { i, colour in
      ColourCell(
        rect: Rect(
          x: left + rampCell * Double(i), y: metrics.snapped(y - height / 2), width: rampCell,
          height: height), colour: colour, joinsRight: i < colours.count - 1, joinsBelow: false)
    }
    canvas.items.append(.cells(cells, crisp: metrics.whole))
    left += rampCell * Double(colours.count)
    mark(figure.series.names.last, left + 0.6 * em)
    left += rampMarker
    canvas.text(last, .regular, em, x: left + 0.5 * em, y: y + metrics.halfCapital)
  }

  mutating func drawColourBar(x: Double, y: Double) {
    guard let scale = figure.color else { return }
    let height = metrics.snapped(0.75 * em)
    let bar = Rect(x: x, y: metrics.snapped(y - height / 2), width: barWidth, height: height)
    let levels = scale.kind == .diverging ? ColorScale.levels - 1 : ColorScale.levels
    let cells = (0..<levels).map { level in
      let left = x + metrics.snapped(barWidth * Double(level) / Double(levels))
      let right = x + metrics.snapped(barWidth * Double(level + 1) / Double(levels))
      return ColourCell(
        rect: Rect(x: left, y: bar.y, width: right - left, height: height),
        colour: scale.colour(level: level, theme), joinsRight: level < levels - 1,
        joinsBelow: false)
    }
    canvas.items.append(.cells(cells, crisp: metrics.whole))
    drawFrame(bar)
    let (low, high) = (scale.domain.lowerBound, scale.domain.upperBound)
    let places = decimals(for: (high - low) / 2)
    let values = [low, (low + high) / 2, high]
    for (i, value) in values.enumerated() {
      let label =
        scale.format == .percent
        ? trimmed(value * 100, 0) + "\u{202f}%" : trimmed(value, min(3, places))
      canvas.text(
        label, .regular, em,
        x: x + barWidth * Double(i) / 2, y: bar.bottom + 1.05 * em,
        anchor: i == 0 ? .start : i == 1 ? .middle : .end, tone: .soft)
    }
  }

  mutating func drawFrame(_ rect: Rect) {
    let half = metrics.hairline / 2
    let r = metrics.whole ? rect.insetBy(-half) : rect
    canvas.items.append(
      .path(
        ScenePath(
          [[Point(r.x, r.y), Point(r.right, r.y), Point(r.right, r.bottom), Point(r.x, r.bottom)]],
          closed: true), fill: nil, stroke: Stroke(theme.frame, width: metrics.hairline)))
  }

  mutating func drawSymbol(_ entry: KeyEntry, x: Double, y: Double) {
    let right = x + symbolWidth
    let middle = Point((x + right) / 2, y)
    switch entry {
    case .series(let name):
      guard let style = styles[name] else { return }
      if seriesHasLines {
        drawLine([[Point(x, y), Point(right, y)]], style.colour, metrics.line, style.dash)
      }
      if seriesHasBars {
        canvas.items.append(
          .rectangles(
            [Rect(x: middle.x - 0.45 * em, y: y - 0.45 * em, width: 0.9 * em, height: 0.9 * em)],
            fill: Paint(style.colour), crisp: false))
      } else if !seriesHasLines || markedSeries.contains(name) {
        drawMarker(style, at: middle)
      }
    case .rule(_, let across):
      canvas.line(
        across
          ? [Point(x, y), Point(right, y)]
          : [Point(middle.x, y - 0.45 * em), Point(middle.x, y + 0.45 * em)],
        Stroke(theme.mark, width: metrics.hairline, dash: [0.3 * em, 0.2 * em]))
    case .null, .schedule:
      let box = Rect(x: x, y: y - 0.35 * em, width: symbolWidth, height: 0.8 * em)
      canvas.items.append(.rectangles([box], fill: Paint(theme.null), crisp: false))
      let dotted = [metrics.hairline, 2 * metrics.hairline]
      if case .null = entry {
        canvas.line(
          [Point(box.x, box.y), Point(box.right, box.y)],
          Stroke(theme.axis, width: metrics.hairline, dash: dotted))
      } else {
        canvas.line(
          [Point(box.x, box.y), Point(box.right, box.y)], Stroke(theme.soft, width: metrics.thin))
      }
    case .settled:
      let box = Rect(
        x: x, y: metrics.snapped(y - 0.5 * em), width: symbolWidth, height: metrics.snapped(em))
      let colour = (figure.color?.colour(level: ColorScale.levels - 8, theme)) ?? theme.ink
      canvas.items.append(.rectangles([box], fill: Paint(colour), crisp: false))
      canvas.line(
        [
          Point(box.x + 0.35 * em, y + 0.2 * em), Point(middle.x, y + 0.2 * em),
          Point(middle.x, y - 0.2 * em), Point(box.right - 0.35 * em, y - 0.2 * em),
        ], Stroke(theme.page, width: metrics.thin))
    case .ramp, .colourBar: break
    }
  }
}
