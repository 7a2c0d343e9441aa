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
/// reading takes off again: the mapping loses nothing. What a terminal would obey is made visible where a
/// name is read, so that no table, page or message of a study holds it.
enum InertName {
  static func escaped(_ name: String) -> String {
    isDangerous(name) ? "'" + name : name
  }

  static func unescaped(_ cell: String) -> String {
    guard cell.first == "'" else { return visible(cell) }
    let rest = String(cell.dropFirst())
    return visible(isDangerous(rest) ? rest : cell)
  }

  /// `name` with control characters other than tabs and line ends as their pictures (ESC → ␛), those of
  /// ISO 6429's second set as U+FFFD.
  private static func visible(_ name: String) -> String {
    // The second set begins with the byte C2.
    guard name.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F || $0 == 0xC2 }) else { return name }
    var output = String.UnicodeScalarView()
    for scalar in name.unicodeScalars {
      switch scalar.value {
      case 0x7F: output.append("\u{2421}")
      case 0x00..<0x20 where !"\t\r\n".unicodeScalars.contains(scalar):
        output.append(Unicode.Scalar(0x2400 + scalar.value) ?? "\u{FFFD}")
      case 0x80..<0xA0: output.append("\u{FFFD}")
      default: output.append(scalar)
      }
    }
    return String(output)
  }

  /// Whether, behind any apostrophes, a formula's first character stands.
  private static func isDangerous(_ name: String) -> Bool {
    guard let first = name.unicodeScalars.first(where: { $0 != "'" }) else { return false }
    return "=+-@\t\r\n".unicodeScalars.contains(first)
  }
}
