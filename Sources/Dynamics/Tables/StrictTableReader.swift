/// Reads the records of a table whose header is exactly `columns`, and keeps what is wrong with them.
struct StrictTableReader {
  /// As many findings are kept in full; the rest is counted.
  static let listed = 20

  let columns: [String]
  private(set) var findings: [TableFinding] = []
  private(set) var count = 0

  init(columns: [String]) { self.columns = columns }

  /// Calls `body` for each record with the right number of fields.
  mutating func read(
    _ bytes: [UInt8], _ body: (CSVRecords.Record, inout StrictTableReader) -> Void
  ) {
    var records = CSVRecords(bytes)
    do throws(TableFindingError) {
      guard checkHeader(try records.next()?.fields ?? []) else { return }
      while let record = try records.next() {
        guard record.fields.count == columns.count else {
          note(
            TableFinding(
              line: record.line, expected: "\(columns.count) fields",
              found: record.fields == [""] ? "an empty line" : "\(record.fields.count)"))
          continue
        }
        body(record, &self)
      }
    } catch {
      note(error.finding)
    }
  }

  /// Throws all findings of `file` where there are any.
  func finish(file: String) throws(DynamicsError) {
    guard count == 0 else {
      throw .malformedTable(file: file, findings: findings, more: count - findings.count)
    }
  }

  mutating func note(_ finding: TableFinding) {
    count += 1
    if findings.count < Self.listed { findings.append(finding) }
  }

  mutating func note(_ record: CSVRecords.Record, _ column: Int, _ expected: String) {
    let field = record.fields[column]
    note(
      TableFinding(
        line: record.line, column: columns[column], expected: expected,
        found: field.isEmpty ? "nothing" : field.debugDescription))
  }

  /// A name that a user chose; empty is noted.
  mutating func name(_ record: CSVRecords.Record, _ column: Int, _ what: String) -> String {
    let name = InertName.unescaped(record.fields[column])
    if name.isEmpty { note(record, column, what) }
    return name
  }

  mutating func word(_ record: CSVRecords.Record, _ column: Int, of words: [String]) {
    guard !words.contains(record.fields[column]) else { return }
    let list = words.filter { !$0.isEmpty }.joined(separator: ", ")
    note(record, column, "one of \(list)\(words.contains("") ? " or nothing" : "")")
  }

  /// Digits only, below 10¹⁸; nil for an empty field and for anything else, which is noted.
  mutating func wholeNumber(_ record: CSVRecords.Record, _ column: Int) -> Int? {
    let field = record.fields[column]
    if field.isEmpty { return nil }
    guard field.utf8.count <= 18, field.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }),
      let value = Int(field)
    else {
      note(record, column, "a whole number of at least 0")
      return nil
    }
    return value
  }

  /// As `wholeNumber`, where an empty field is noted too.
  mutating func requiredWholeNumber(_ record: CSVRecords.Record, _ column: Int) -> Int? {
    if record.fields[column].isEmpty { note(record, column, "a whole number of at least 0") }
    return wholeNumber(record, column)
  }

  /// A decimal number, `nan` or `inf` (a missing value); nil for an empty field. Hexadecimal and
  /// spaces are not numbers here.
  mutating func number(_ record: CSVRecords.Record, _ column: Int) -> Double? {
    let field = record.fields[column]
    if field.isEmpty { return nil }
    guard !field.utf8.contains(where: { $0 == 0x78 || $0 == 0x58 || $0 == 0x28 }),
      let value = Double(field)
    else {
      note(record, column, "a number")
      return nil
    }
    return value
  }

  private mutating func checkHeader(_ header: [String]) -> Bool {
    guard header != columns else { return true }
    let place = zip(header, columns).enumerated().first { $0.element.0 != $0.element.1 }?.offset
    let column = place ?? min(header.count, columns.count)
    note(
      TableFinding(
        line: 1, column: String(column + 1),
        expected: "the header \(columns.joined(separator: ","))",
        found: header.isEmpty ? "an empty file" : header.joined(separator: ",")))
    return false
  }
}
