/// The rows that a figure is drawn from, in the order in which it draws them.
struct FigureRows: Sendable, Equatable {
  enum Cell: Sendable, Equatable {
    case text(String)
    case integer(Int?)
    case number(Double?)
  }

  let columns: [String]
  private(set) var rows: [[Cell]] = []

  init(_ columns: String...) { self.columns = columns }

  /// Adds a row and returns its place.
  mutating func add(_ cells: Cell...) -> Int {
    precondition(
      cells.count == columns.count,
      "\(cells.count) cells for columns \(columns.joined(separator: ","))")
    rows.append(cells)
    return rows.count - 1
  }

  /// Comma-separated text (RFC 4180); numbers in the shortest form that reads back the same, names
  /// that a spreadsheet would run made inert by an apostrophe.
  var csv: String {
    var text = columns.joined(separator: ",") + "\n"
    text.reserveCapacity(rows.count * columns.count * 10)
    for row in rows {
      for (place, cell) in row.enumerated() {
        if place > 0 { text += "," }
        switch cell {
        case .text(let string): text += Self.field(string)
        case .integer(let value): if let value { text += String(value) }
        case .number(let value): if let value, value.isFinite { text += value.description }
        }
      }
      text += "\n"
    }
    return text
  }

  /// The rows as a reader of the page sees them.
  var shown: [[String]] {
    rows.map { row in
      row.map { cell in
        switch cell {
        case .text(let string): string
        case .integer(let value): Words.count(value)
        case .number(let value):
          Words.number(value, decimals: max(3, value.map { Words.places([$0]) } ?? 3))
        }
      }
    }
  }

  private static func field(_ string: String) -> String {
    var text = string
    if let first = text.unicodeScalars.first(where: { $0 != "'" }),
      "=+-@\t\r\n".unicodeScalars.contains(first)
    {
      text = "'" + text
    }
    guard text.utf8.contains(where: { [0x22, 0x2C, 0x0A, 0x0D].contains($0) }) else { return text }
    var quoted = "\""
    for scalar in text.unicodeScalars {
      if scalar == "\"" { quoted += "\"" }
      quoted.unicodeScalars.append(scalar)
    }
    return quoted + "\""
  }
}
