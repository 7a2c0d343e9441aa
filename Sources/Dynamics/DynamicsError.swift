/// What can be wrong with the tables and settings of an analysis.
package enum DynamicsError: Error, Equatable, CustomStringConvertible {
  /// A table that breaks its contract; `more` findings beyond those listed.
  case malformedTable(file: String, findings: [TableFinding], more: Int)
  /// Rows that were made, not read, share a key.
  case duplicateRow(key: String)

  package var description: String {
    switch self {
    case .malformedTable(let file, let findings, let more):
      let lines = findings.map { "\(file):\($0)" } + (more > 0 ? ["… and \(more) more"] : [])
      return lines.joined(separator: "\n")
    case .duplicateRow(let key):
      return "two measurements of \(key): each row needs a key of its own"
    }
  }
}

/// One thing that is wrong in a table, and where.
package struct TableFinding: Sendable, Equatable, CustomStringConvertible {
  /// Counted from 1, the header's line.
  package let line: Int
  /// Nil where the whole record is meant.
  package let column: String?
  package let expected: String
  package let found: String

  package init(line: Int, column: String? = nil, expected: String, found: String) {
    self.line = line
    self.column = column
    self.expected = expected
    self.found = found
  }

  package var description: String {
    let place = column.map { " column \($0):" } ?? ""
    return "\(line):\(place) expected \(expected), found \(found)"
  }
}
