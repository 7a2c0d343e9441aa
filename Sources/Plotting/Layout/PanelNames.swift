extension LayoutPass {
  func nameRight(_ line: Arrangement.Line, _ column: Int, _ columns: ColumnPlan) -> Double {
    if line.namesOnce { return (columns.lefts.last ?? 0) + columns.panelWidth }
    return columns.lefts[column] + columns.panelWidth
  }

  /// The names of all panels as they fit above a panel: in one line, else in two, else cut such that different names
  /// stay different.
  private func shownNames(_ room: Double) -> [[String]] {
    let measure = { (text: String) in canvas.width(text, .semibold, metrics.label) }
    let names = figure.panels.map(\.name)
    return zip(names, elidedDistinctly(names, width: room, measure: measure)).map { name, cut in
      if name == cut { return [name] }
      let words = name.split(separator: " ").joined(separator: " ")
      let lines = wrapped(name, width: room, measure: measure)
      return lines.count == 2 && lines.joined(separator: " ") == words ? lines : [cut]
    }
  }

  /// The lines that the longest name above a line of panels takes, beyond the first.
  func extraNameLines(_ line: Arrangement.Line, _ columns: ColumnPlan) -> Int {
    let names = shownNames(room(line, columns))
    return (line.cells.compactMap { $0 }.map { names[$0].count }.max() ?? 1) - 1
  }

  private func room(_ line: Arrangement.Line, _ columns: ColumnPlan) -> Double {
    nameRight(line, 0, columns) - columns.lefts[0]
  }

  /// Whether each detail fits behind its name.
  func detailsFit(_ line: Arrangement.Line, _ columns: ColumnPlan) -> Bool {
    let room = room(line, columns)
    let names = shownNames(room)
    return line.cells.compactMap { $0 }.allSatisfy { i in
      let detail = figure.panels[i].detail
      if detail.isEmpty { return true }
      return names[i].count == 1
        && canvas.width(names[i][0], .semibold, metrics.label) + 0.5 * em
          + canvas.width(detail, .regular, em) <= room
    }
  }

  private func subtitle(_ panel: Int, _ width: Double) -> [String] {
    wrapped(figure.panels[panel].subtitle, width: width) { canvas.width($0, .regular, em) }
  }

  func subtitleLines(_ line: Arrangement.Line, _ columns: ColumnPlan) -> Int {
    line.cells.compactMap { $0 }.map { subtitle($0, columns.panelWidth).count }.max() ?? 0
  }

  mutating func drawNames(
    _ line: Arrangement.Line, _ arrangement: Arrangement, _ columns: ColumnPlan, baseline: Double,
    stacked: Bool
  ) {
    guard line.showsNames else { return }
    let room = room(line, columns)
    let names = shownNames(room)
    let first = line.cells.firstIndex { $0 != nil }
    let extra = extraNameLines(line, columns)
    let nameLine = metrics.nameLine
    for (column, cell) in line.cells.enumerated() {
      guard let i = cell, !line.namesOnce || column == first else { continue }
      let panel = figure.panels[i]
      let x = columns.lefts[column]
      var y = baseline - nameLine
      var width = 0.0
      for text in names[i] {
        y += nameLine
        width = canvas.text(text, .semibold, metrics.label, x: x, y: y).width
      }
      y = baseline + nameLine * Double(extra)
      if stacked {
        y += metrics.lineHeight
        let detail = elided(panel.detail, width: room) { canvas.width($0, .regular, em) }
        canvas.text(detail, .regular, em, x: x, y: y, tone: .soft)
      } else if !panel.detail.isEmpty {
        canvas.text(
          panel.detail, .regular, em, x: x + width + 0.5 * em, y: y, tone: .soft)
      }
      for text in subtitle(i, columns.panelWidth) {
        y += metrics.lineHeight
        canvas.text(text, .regular, em, x: x, y: y, tone: .soft)
      }
    }
  }

  /// The words above a line: the row's name, or in a transposed grid the columns' names.
  mutating func drawHeading(
    _ line: Arrangement.Line, _ arrangement: Arrangement, _ columns: ColumnPlan, baseline: Double
  ) {
    if !line.heading.isEmpty {
      let room = target.width - 2 * metrics.inset
      let rows = elidedDistinctly(figure.panels.map(\.row), width: room) {
        canvas.width($0, .bold, metrics.label)
      }
      if let i = figure.panels.firstIndex(where: { $0.row == line.heading }) {
        let run = canvas.text(rows[i], .bold, metrics.label, x: metrics.inset, y: baseline)
        if line == arrangement.lines.first, noteFollowsHeading(arrangement) {
          canvas.text(
            note, .regular, em, x: run.x + run.width + 0.8 * em, y: baseline, tone: .soft)
        }
      }
    }
    let headings = elidedDistinctly(line.columnHeadings, width: columns.panelWidth) {
      canvas.width($0, .bold, metrics.label)
    }
    for (column, heading) in headings.enumerated() {
      canvas.text(heading, .bold, metrics.label, x: columns.lefts[column], y: baseline)
    }
  }

  private var note: String { figure.note.isEmpty ? figure.y.title : figure.note }

  /// Whether the note fits behind the name of the first row, which spares a line.
  private func noteFollowsHeading(_ arrangement: Arrangement) -> Bool {
    guard let heading = arrangement.lines.first?.heading, !heading.isEmpty, keyPlan().top.isEmpty
    else { return false }
    let width =
      canvas.width(heading, .bold, metrics.label) + 0.8 * em + canvas.width(note, .regular, em)
    return width <= target.width - 2 * metrics.inset
  }

  /// The soft line that says what the vertical axis is, at the top left. Returns where it ends.
  mutating func drawNote(mergedWith arrangement: Arrangement) -> Double {
    let note = self.note
    guard !note.isEmpty, !noteFollowsHeading(arrangement) else { return metrics.inset }
    var y = metrics.inset
    let lines = wrapped(note, width: target.width - 2 * metrics.inset) {
      canvas.width($0, .regular, em)
    }
    for line in lines {
      canvas.text(line, .regular, em, x: metrics.inset, y: y + 0.85 * em, tone: .soft)
      y += metrics.lineHeight
    }
    return y + 0.15 * em
  }
}
