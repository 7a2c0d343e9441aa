/// Which panel stands where: lines of cells, and the words above them.
struct Arrangement: Equatable {
  struct Line: Equatable {
    /// Above the line, over its whole width.
    var heading = ""
    /// Panel indices; nil where there is none.
    var cells: [Int?]
    /// Whether panel names stand above the cells.
    var showsNames = true
    /// Only the first cell carries a name: the line is about one run.
    var namesOnce = false
    /// Above each cell, once, at the top of a transposed grid.
    var columnHeadings: [String] = []
  }

  var lines: [Line]
  var columns: Int

  /// Panels one after another, in lines of equal length as far as possible.
  static func wrapping(_ panels: [Int], columns: Int, heading: String = "") -> [Line] {
    let lines = (panels.count + columns - 1) / max(1, columns)
    return (0..<lines).map { line in
      let part = panels.dropFirst(line * columns).prefix(columns)
      return Line(
        heading: line == 0 ? heading : "",
        cells: part.map(Optional.init) + Array(repeating: nil, count: columns - part.count))
    }
  }

  /// The arrangement for the most columns that fit: `fits(n, transposed)` says whether n columns do, of panels in
  /// their rows or of the rows themselves.
  static func choose(_ panels: [Panel], fits canHold: (Int, Bool) -> Bool) -> Arrangement {
    func fits(_ n: Int) -> Bool { canHold(n, false) }
    let all = Array(panels.indices)
    guard panels.contains(where: { !$0.row.isEmpty }) else {
      let columns = balanced(all.count, most: most(all.count, fits))
      return Arrangement(lines: wrapping(all, columns: columns), columns: columns)
    }
    let rows = distinct(panels.map(\.row))
    let names = distinct(panels.map(\.name))
    var cell: [String: [String: Int]] = [:]
    for i in all where cell[panels[i].row]?[panels[i].name] == nil {
      cell[panels[i].row, default: [:]][panels[i].name] = i
    }
    let isGrid = cell.values.reduce(0) { $0 + $1.count } == panels.count
    if isGrid, fits(names.count) { return grid(panels, rows, names, cell) }
    let perRow = rows.map { row in all.filter { panels[$0].row == row } }
    let longest = perRow.map(\.count).max() ?? 1
    let columns = balanced(longest, most: most(longest, fits))
    let wrapped = zip(rows, perRow).flatMap {
      wrapping($1, columns: columns, heading: $0)
    }
    // A grid keeps the rows comparable, so it may be half as long again as lines that wrap.
    if isGrid, rows.count > 1, canHold(rows.count, true), 2 * names.count <= 3 * wrapped.count {
      return transposed(panels, rows, names, cell)
    }
    return Arrangement(lines: wrapped, columns: columns)
  }

  private static func grid(
    _ panels: [Panel], _ rows: [String], _ names: [String], _ cell: [String: [String: Int]]
  ) -> Arrangement {
    let lines = rows.enumerated().map { r, row in
      let cells = names.map { cell[row]?[$0] }
      // Names that stand above the first line already need no second telling.
      let told =
        r > 0
        && zip(cells, names).allSatisfy { index, name in
          guard let index else { return true }
          guard let first = cell[rows[0]]?[name] else { return false }
          return panels[index].detail == panels[first].detail && panels[index].subtitle.isEmpty
        }
      return Line(heading: row, cells: cells, showsNames: !told)
    }
    return Arrangement(lines: lines, columns: names.count)
  }

  private static func transposed(
    _ panels: [Panel], _ rows: [String], _ names: [String], _ cell: [String: [String: Int]]
  ) -> Arrangement {
    var lines = names.map { name in
      let cells = rows.map { cell[$0]?[name] }
      let first = cells.first { $0 != nil } ?? nil
      let alike = cells.compactMap { $0 }.allSatisfy { i in
        first.map { panels[i].detail == panels[$0].detail } ?? false
      }
      return Line(cells: cells, namesOnce: alike && cells.first != .some(nil))
    }
    lines[0].columnHeadings = rows
    return Arrangement(lines: lines, columns: rows.count)
  }

  private static func most(_ count: Int, _ fits: (Int) -> Bool) -> Int {
    var n = max(1, count)
    while n > 1, !fits(n) { n -= 1 }
    return n
  }

  /// The least number of columns that needs no more lines than `most` does.
  private static func balanced(_ count: Int, most: Int) -> Int {
    let lines = (count + most - 1) / most
    return max(1, (count + lines - 1) / max(1, lines))
  }

  private static func distinct(_ names: [String]) -> [String] {
    var seen = Set<String>()
    return names.filter { seen.insert($0).inserted }
  }
}
