/// One entry of the key.
enum KeyEntry: Hashable {
  case series(String)
  /// Many ordered series: their colours in a row, the ends named.
  case ramp
  case colourBar
  case settled
  case rule(String, across: Bool)
  case null(String)
  case schedule(String)
}

/// What the key holds and where.
struct KeyPlan {
  var top: [KeyEntry] = []
  var right: [String] = []
}

extension LayoutPass {
  /// Series that need a word: not those which a panel's own name says.
  private var namedSeries: [String] {
    var used = Set<String>()
    var said = true
    for panel in figure.panels {
      let here = Set(panel.marks.map(\.seriesName)).subtracting([""])
      used.formUnion(here)
      if !here.isSubset(of: [panel.name]) && !here.isSubset(of: [panel.row]) { said = false }
    }
    if axisNames(used) { said = true }
    return said ? [] : figure.series.names.filter { used.contains($0) }
  }

  /// Whether the ticks of the x axis carry the names of the series: model sizes.
  private func axisNames(_ used: Set<String>) -> Bool {
    figure.x.givenLabels.map { used.isSubset(of: $0) } ?? false
  }

  /// Series that the axis should have named, but had no room for: they go to the key after all.
  func unnamedByAxis() -> [KeyEntry] {
    let used = Set(figure.panels.flatMap(\.marks).map(\.seriesName)).subtracting([""])
    guard !used.isEmpty, axisNames(used) else { return [] }
    let shown = frames.map { frame in Set(xTicks(frame).map(\.tick.label)) }
    guard shown.contains(where: { !used.isSubset(of: $0) }) else { return [] }
    return figure.series.names.filter { used.contains($0) }.map(KeyEntry.series)
      .filter { !movedToKey.contains($0) }
  }

  func keyPlan() -> KeyPlan {
    var plan = KeyPlan()
    if figure.color != nil { plan.top.append(.colourBar) }
    let settles = figure.panels.contains { panel in
      panel.marks.contains {
        if case .tiles(let tiles) = $0 {
          tiles.settledFrom?.contains { $0 != nil } ?? false
        } else {
          false
        }
      }
    }
    if settles { plan.top.append(.settled) }
    let names = namedSeries
    if figure.series.isOrdered, names.count > 8 {
      plan.top.append(.ramp)
    } else if !names.isEmpty {
      // Ordered series read from the top down, the last one first.
      let listed = figure.series.isOrdered ? names.reversed() : names
      if target.width >= 36 * em, rightKeyWidth(listed) <= 0.2 * target.width, names.count <= 8 {
        plan.right = listed
      } else {
        plan.top += names.map(KeyEntry.series)
      }
    }
    plan.top += movedToKey
    return plan
  }

  private var symbolWidth: Double { 1.9 * em }

  /// Shorter where its title would not fit beside it.
  private var barWidth: Double {
    let title = canvas.width(printable(figure.color?.title ?? ""), .regular, em)
    let room = target.width - 2 * metrics.inset - 3 * em - title
    return metrics.snapped(min(13.3 * em, max(8 * em, room)))
  }

  func rightKeyWidth(_ names: [String]) -> Double {
    let widest = names.map { canvas.width($0, .regular, em) }.max() ?? 0
    return metrics.snapped(1.2 * em + symbolWidth + 0.4 * em + min(widest, 0.2 * target.width))
  }

  /// Beside the last panel of the first line, in the order of the ramp.
  mutating func drawRightKey(_ names: [String], columns: ColumnPlan) {
    guard !names.isEmpty, let top = frames.first?.rect.y else { return }
    let left = (columns.lefts.last ?? 0) + columns.panelWidth + 1.2 * em
    let direct = lineEnds(names)
    for (i, name) in names.enumerated() {
      let y = direct?[i] ?? top + 0.5 * em + 1.5 * em * Double(i)
      drawSymbol(.series(name), x: left, y: y)
      let text = elided(printable(name), width: 0.2 * target.width) {
        canvas.width($0, .regular, em)
      }
      canvas.text(text, .regular, em, x: left + symbolWidth + 0.4 * em, y: y + metrics.halfCapital)
    }
  }

  /// Where the lines of a figure with one panel end, if those places are far enough apart for a name at each.
  private func lineEnds(_ names: [String]) -> [Double]? {
    guard frames.count == 1, let frame = frames.first else { return nil }
    var ends: [String: Double] = [:]
    for mark in figure.panels[frame.index].marks {
      guard case .line(let line) = mark, line.style != .fit else { continue }
      if let last = runs(line.x, line.y, frame).last?.last { ends[line.series] = last.y }
    }
    let places = names.compactMap { ends[$0] }
    guard places.count == names.count else { return nil }
    let sorted = places.sorted()
    let apart = zip(sorted, sorted.dropFirst()).allSatisfy { $1 - $0 >= 1.2 * em }
    return apart ? places : nil
  }

  private func words(_ entry: KeyEntry, _ room: Double) -> String {
    let text =
      switch entry {
      case .series(let name): name
      case .ramp: ""
      case .colourBar: figure.color?.title ?? ""
      case .settled: figure.settledLabel
      case .rule(let label, _), .null(let label), .schedule(let label): label
      }
    return elided(printable(text), width: room) { canvas.width($0, .regular, em) }
  }

  /// Entries one after another from `left` on, in as many lines as they need. Returns where they end.
  mutating func drawKey(_ entries: [KeyEntry], below top: Double, left: Double) -> Double {
    guard !entries.isEmpty else { return top }
    let right = target.width - metrics.inset
    let first =
      entries.contains(.colourBar)
      ? barWidth + 0.5 * em
        + canvas.width(words(.colourBar, .infinity), .regular, em) : 12 * em
    let start = left + first <= right ? left : metrics.inset
    var x = start
    var y = top
    var height = 0.0
    for entry in entries {
      let symbol = entry == .colourBar ? barWidth : entry == .ramp ? 0 : symbolWidth
      let text = words(entry, right - start - symbol - 0.5 * em)
      let width =
        entry == .ramp ? rampWidth : symbol + 0.5 * em + canvas.width(text, .regular, em)
      let tall = entry == .colourBar ? 2.1 * em : 1.45 * em
      if x > start, x + width > right {
        x = start
        y += height
        height = 0
      }
      let middle = y + (entry == .colourBar || height > 1.5 * em ? 0.5 * em : 0.6 * em)
      switch entry {
      case .colourBar: drawColourBar(x: metrics.snapped(x), y: middle)
      case .ramp: drawRamp(x: x, y: middle)
      default: drawSymbol(entry, x: x, y: middle)
      }
      canvas.text(
        text, .regular, em, x: x + symbol + 0.5 * em, y: middle + metrics.halfCapital)
      x += width + 1.6 * em
      height = max(height, tall)
    }
    return metrics.snapped(y + height + 0.2 * em)
  }

  private var rampCell: Double {
    metrics.snapped(max(0.2 * em, min(0.6 * em, 13 * em / Double(figure.series.names.count))))
  }
  private func rampEnds() -> (String, String) {
    let names = figure.series.names.map(printable)
    let cut = { (name: String) in
      elided(name, width: 0.3 * target.width) { canvas.width($0, .regular, em) }
    }
    return (cut(names.first ?? ""), cut(names.last ?? ""))
  }
  private var rampWidth: Double {
    let (first, last) = rampEnds()
    return canvas.width(first, .regular, em) + canvas.width(last, .regular, em) + em
      + rampCell * Double(figure.series.names.count)
  }

  private mutating func drawRamp(x: Double, y: Double) {
    let (first, last) = rampEnds()
    let run = canvas.text(first, .regular, em, x: x, y: y + metrics.halfCapital)
    var left = metrics.snapped(x + run.width + 0.5 * em)
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
    canvas.text(last, .regular, em, x: left + 0.5 * em, y: y + metrics.halfCapital)
  }

  private mutating func drawColourBar(x: Double, y: Double) {
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

  private mutating func drawSymbol(_ entry: KeyEntry, x: Double, y: Double) {
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
      } else {
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
