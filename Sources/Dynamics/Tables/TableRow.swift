import Files

/// A row of one of the tables in `results/`.
package protocol TableRow {
  /// The header, a contract.
  static var columns: [String] { get }
  /// As many cells as columns, in their order.
  var cells: [TableCell] { get }
}

/// A table as text.
package enum TableWriter {
  /// Comma-separated (RFC 4180) with LF line ends, the header first.
  package static func csv<Row: TableRow>(_ rows: some Sequence<Row>) -> String {
    var text = Row.columns.joined(separator: ",") + "\n"
    for row in rows {
      var first = true
      for cell in row.cells {
        if !first { text += "," }
        first = false
        cell.appendCSV(to: &text)
      }
      text += "\n"
    }
    return text
  }

  /// A JSON array with one object a line, keys in the order of the columns.
  package static func json<Row: TableRow>(_ rows: some Sequence<Row>) -> String {
    let keys = Row.columns.map { column in
      var key = ""
      JSONString.append(column, to: &key)
      return key + ":"
    }
    var text = "["
    var first = true
    for row in rows {
      text += first ? "\n{" : ",\n{"
      first = false
      for (index, cell) in row.cells.enumerated() {
        if index > 0 { text += "," }
        text += keys[index]
        cell.appendJSON(to: &text)
      }
      text += "}"
    }
    return text + (first ? "]\n" : "\n]\n")
  }
}
