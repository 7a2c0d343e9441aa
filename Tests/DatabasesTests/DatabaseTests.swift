import Databases
import Testing

@Suite struct DatabaseTests {
  private static let names = [
    "a", "it's \"so\"; DROP TABLE t --", "", "nul\0inside", "é", "e\u{301}",
  ]

  private func filled() throws -> Database {
    let database = try Database()
    try database.execute("BEGIN; CREATE TABLE t (\"group\" TEXT, n INTEGER, value REAL)")
    try database.insert(into: "t", columns: ["group", "n", "value"]) { insert in
      for (index, name) in Self.names.enumerated() {
        try insert([.text(name), .integer(index), .number(0.1 + Double(index))])
      }
      try insert([.null, .null, .null])
    }
    try database.execute("COMMIT")
    return database
  }

  @Test func whatIsWrittenReadsBack() throws {
    let read = try Database(bytes: try filled().bytes())
    let rows = try read.rows("SELECT * FROM t ORDER BY rowid")
    #expect(rows.count == Self.names.count + 1)
    for (index, name) in Self.names.enumerated() {
      #expect(rows[index] == [.text(name), .integer(index), .number(0.1 + Double(index))])
    }
    #expect(rows.last == [.null, .null, .null])
    #expect(try read.rows("PRAGMA integrity_check") == [[.text("ok")]])
  }

  @Test func theSameRowsGiveTheSameBytes() throws {
    let bytes = try filled().bytes()
    #expect(bytes.starts(with: Array("SQLite format 3\0".utf8)))
    #expect(try filled().bytes() == bytes)
  }

  @Test func whatSQLiteRefusesIsTold() throws {
    let database = try Database()
    #expect {
      try database.execute("CREATE TALBE t")
    } throws: { error in
      "\(error)".contains("CREATE TALBE") && "\(error)".contains("syntax error")
    }
    #expect(throws: DatabaseError.self) {
      try Database(bytes: [UInt8](repeating: 7, count: 100)).rows("SELECT * FROM t")
    }
  }
}
