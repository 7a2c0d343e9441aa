/// Splits comma-separated bytes into records by RFC 4180, strictly: a quote stands only around a
/// whole field, quotes inside are doubled, records end in LF or CRLF.
struct CSVRecords {
  struct Record {
    /// The line on which the record starts, from 1.
    var line: Int
    var fields: [String]
  }

  private let bytes: [UInt8]
  private var place: Int
  private var line = 1

  /// A byte-order mark at the start is skipped: spreadsheets write one.
  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    place = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
  }

  /// The next record; nil at the end. A final line break makes no empty record.
  mutating func next() throws(TableFindingError) -> Record? {
    guard place < bytes.count else { return nil }
    var record = Record(line: line, fields: [])
    while true {
      record.fields.append(try field())
      guard place < bytes.count else { return record }
      switch bytes[place] {
      case UInt8(ascii: ","):
        place += 1
        if place == bytes.count {
          record.fields.append("")
          return record
        }
      case UInt8(ascii: "\n"):
        place += 1
        line += 1
        return record
      case UInt8(ascii: "\r") where place + 1 < bytes.count && bytes[place + 1] == 0x0A:
        place += 2
        line += 1
        return record
      default:
        throw broken("a comma or the end of the line after a field", byte: bytes[place])
      }
    }
  }

  private mutating func field() throws(TableFindingError) -> String {
    if place < bytes.count, bytes[place] == UInt8(ascii: "\"") { return try quotedField() }
    let start = place
    scan: while place < bytes.count {
      switch bytes[place] {
      case UInt8(ascii: ","), UInt8(ascii: "\n"): break scan
      case UInt8(ascii: "\r") where place + 1 < bytes.count && bytes[place + 1] == 0x0A: break scan
      case UInt8(ascii: "\""):
        throw broken("a field that holds a quote to be quoted as a whole", byte: bytes[place])
      default: place += 1
      }
    }
    return try text(bytes[start..<place])
  }

  private mutating func quotedField() throws(TableFindingError) -> String {
    let opening = line
    place += 1
    var content: [UInt8] = []
    while place < bytes.count {
      let byte = bytes[place]
      place += 1
      if byte == UInt8(ascii: "\"") {
        guard place < bytes.count, bytes[place] == UInt8(ascii: "\"") else {
          return try text(content[...])
        }
        place += 1
      } else if byte == UInt8(ascii: "\n") {
        line += 1
      }
      content.append(byte)
    }
    throw TableFindingError(
      TableFinding(line: opening, expected: "a closing quote", found: "the end of the file"))
  }

  private func text(_ bytes: ArraySlice<UInt8>) throws(TableFindingError) -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw TableFindingError(
        TableFinding(line: line, expected: "text in UTF-8", found: "other bytes"))
    }
    return text
  }

  private func broken(_ expected: String, byte: UInt8) -> TableFindingError {
    let scalar = Unicode.Scalar(byte)
    return TableFindingError(
      TableFinding(line: line, expected: expected, found: scalar.debugDescription))
  }
}

/// A finding after which the rest of the file cannot be split any more.
struct TableFindingError: Error {
  let finding: TableFinding
  init(_ finding: TableFinding) { self.finding = finding }
}
