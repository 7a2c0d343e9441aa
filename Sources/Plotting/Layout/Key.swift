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
    if axisNames(used) || figure.series.names.count == 1 { said = true }
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
    if figure.series.isRamp, !names.isEmpty {
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

  var symbolWidth: Double { 1.9 * em }

  /// Shorter where its title would not fit beside it.
  var barWidth: Double {
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
        + canvas.width(words(.colourBar, .infinity), .regular, em)
      : entries.contains(.ramp) ? rampWidth : 12 * em
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
}
