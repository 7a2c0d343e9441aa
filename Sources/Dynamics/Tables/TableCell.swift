import Files

/// One cell of a table that is written for people and other programs.
package enum TableCell: Sendable, Equatable {
  /// Text that a user or a file chose: in CSV made inert where a spreadsheet would run it.
  case name(String)
  /// A word of a contract, or a key.
  case word(String)
  case integer(Int?)
  /// Full precision; a value that is missing or not finite is an empty cell (JSON: null).
  case number(Double?)
  case flag(Bool)

  /// The cell in CSV: numbers in the shortest form that reads back the same.
  func appendCSV(to text: inout String) {
    switch self {
    case .name(let name): appendQuoted(InertName.escaped(name), to: &text)
    case .word(let word): appendQuoted(word, to: &text)
    case .integer(let value): if let value { text += String(value) }
    case .number(let value): if let value, value.isFinite { text += value.description }
    case .flag(let flag): text += flag ? "true" : "false"
    }
  }

  func appendJSON(to text: inout String) {
    switch self {
    case .name(let string), .word(let string): JSONString.append(string, to: &text)
    case .integer(let value): text += value.map(String.init) ?? "null"
    case .number(let value):
      if let value, value.isFinite { text += value.description } else { text += "null" }
    case .flag(let flag): text += flag ? "true" : "false"
    }
  }

  private func appendQuoted(_ field: String, to text: inout String) {
    guard field.utf8.contains(where: { $0 == 0x22 || $0 == 0x2C || $0 == 0x0A || $0 == 0x0D })
    else {
      text += field
      return
    }
    text += "\""
    for character in field.unicodeScalars {
      if character == "\"" { text += "\"" }
      text.unicodeScalars.append(character)
    }
    text += "\""
  }
}

/// Names that a spreadsheet would take for a formula (CWE-1236) get an apostrophe in front, which
/// reading takes off again: the mapping loses nothing.
enum InertName {
  static func escaped(_ name: String) -> String {
    isDangerous(name) ? "'" + name : name
  }

  static func unescaped(_ cell: String) -> String {
    guard cell.first == "'" else { return cell }
    let rest = String(cell.dropFirst())
    return isDangerous(rest) ? rest : cell
  }

  /// Whether, behind any apostrophes, a formula's first character stands.
  private static func isDangerous(_ name: String) -> Bool {
    guard let first = name.unicodeScalars.first(where: { $0 != "'" }) else { return false }
    return "=+-@\t\r\n".unicodeScalars.contains(first)
  }
}
