import CSQLite

/// A SQLite database that one process builds and nobody else sees: while it is open it lies in a local
/// temporary file without a name (SQLite unlinks it at once), so that a kill leaves nothing behind.
///
/// A database on a shared file system is never opened: locks there are what corrupts it. `bytes` are
/// written where they belong in one go.
package final class Database {
  private let handle: OpaquePointer

  /// An empty database. SQLite: sqlite3_open_v2 with an empty name.
  package init() throws(DatabaseError) { handle = try Self.open() }

  /// A database of the file's content `bytes`, for reading. SQLite: sqlite3_deserialize.
  package init(bytes: [UInt8]) throws(DatabaseError) {
    handle = try Self.open()
    guard let copy = sqlite3_malloc64(UInt64(max(1, bytes.count))) else { throw .outOfMemory }
    bytes.withUnsafeBytes { source in
      // SAFETY: copy has room for all of bytes.
      if let start = source.baseAddress { copy.copyMemory(from: start, byteCount: source.count) }
    }
    let flags = UInt32(SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_READONLY)
    // SQLite owns the copy from here on, whatever it returns.
    let code = sqlite3_deserialize(
      handle, "main", copy.assumingMemoryBound(to: UInt8.self), Int64(bytes.count),
      Int64(bytes.count), flags)
    guard code == SQLITE_OK else { throw failure("a database of \(bytes.count) bytes") }
  }

  deinit { sqlite3_close_v2(handle) }

  /// Runs statements that give no rows. SQLite: sqlite3_exec.
  package func execute(_ statements: String) throws(DatabaseError) {
    guard sqlite3_exec(handle, statements, nil, nil, nil) == SQLITE_OK else {
      throw failure(statements)
    }
  }

  /// Inserts rows with one prepared statement; `each` calls its argument once a row.
  package func insert(
    into table: String, columns: [String], _ each: ((DatabaseRow) throws -> Void) throws -> Void
  ) throws {
    let names = columns.map(Self.quoted).joined(separator: ", ")
    let places = columns.map { _ in "?" }.joined(separator: ", ")
    let statement = try prepare(
      "INSERT INTO \(Self.quoted(table)) (\(names)) VALUES (\(places))")
    defer { sqlite3_finalize(statement) }
    try each { row in
      precondition(row.count == columns.count, "\(row.count) values for \(columns)")
      for (index, value) in row.enumerated() {
        guard bind(value, at: Int32(index + 1), of: statement) == SQLITE_OK else {
          throw failure("a value of \(table).\(columns[index])")
        }
      }
      guard sqlite3_step(statement) == SQLITE_DONE else { throw failure("a row of \(table)") }
      sqlite3_reset(statement)
    }
  }

  /// The rows that a query gives.
  package func rows(_ query: String) throws(DatabaseError) -> [DatabaseRow] {
    let statement = try prepare(query)
    defer { sqlite3_finalize(statement) }
    var rows: [DatabaseRow] = []
    while true {
      switch sqlite3_step(statement) {
      case SQLITE_ROW:
        rows.append((0..<sqlite3_column_count(statement)).map { value(at: $0, of: statement) })
      case SQLITE_DONE: return rows
      default: throw failure(query)
      }
    }
  }

  /// The database as the bytes of a file. SQLite: sqlite3_serialize.
  package func bytes() throws(DatabaseError) -> [UInt8] {
    var count: Int64 = 0
    guard let start = sqlite3_serialize(handle, "main", &count, 0) else {
      throw failure("the content of the database")
    }
    defer { sqlite3_free(start) }
    // SAFETY: SQLite returned count bytes at start, which are ours until they are freed.
    return Array(UnsafeBufferPointer(start: start, count: Int(count)))
  }

  /// A name as SQL takes it, whatever it holds.
  package static func quoted(_ name: String) -> String {
    "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
      + "\""
  }

  private static func open() throws(DatabaseError) -> OpaquePointer {
    var handle: OpaquePointer?
    let code = sqlite3_open_v2(
      "", &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nil)
    guard let handle else { throw .outOfMemory }
    guard code == SQLITE_OK else {
      let message = String(cString: sqlite3_errmsg(handle))
      sqlite3_close_v2(handle)
      throw .sqlite(what: "a temporary database", message: message)
    }
    return handle
  }

  private func prepare(_ text: String) throws(DatabaseError) -> OpaquePointer {
    var statement: OpaquePointer?
    guard sqlite3_prepare_v2(handle, text, -1, &statement, nil) == SQLITE_OK, let statement else {
      throw failure(text)
    }
    return statement
  }

  private func bind(_ value: DatabaseValue, at index: Int32, of statement: OpaquePointer) -> Int32 {
    switch value {
    case .null: return sqlite3_bind_null(statement, index)
    case .integer(let integer): return sqlite3_bind_int64(statement, index, Int64(integer))
    case .number(let number): return sqlite3_bind_double(statement, index, number)
    case .text(let text):
      // SAFETY: the text is copied while the call runs.
      return text.withCString {
        tend_sqlite3_bind_text(statement, index, $0, Int32(text.utf8.count))
      }
    }
  }

  private func value(at index: Int32, of statement: OpaquePointer) -> DatabaseValue {
    switch sqlite3_column_type(statement, index) {
    case SQLITE_INTEGER: return .integer(Int(sqlite3_column_int64(statement, index)))
    case SQLITE_FLOAT: return .number(sqlite3_column_double(statement, index))
    case SQLITE_NULL: return .null
    default:
      guard let text = sqlite3_column_text(statement, index) else { return .null }
      let count = Int(sqlite3_column_bytes(statement, index))
      // SAFETY: the text is valid until the statement is stepped.
      return .text(String(decoding: UnsafeBufferPointer(start: text, count: count), as: UTF8.self))
    }
  }

  private func failure(_ what: String) -> DatabaseError {
    .sqlite(what: what, message: String(cString: sqlite3_errmsg(handle)))
  }
}

/// The values of a row, in the order of its columns.
package typealias DatabaseRow = [DatabaseValue]

package enum DatabaseValue: Sendable, Equatable {
  case null
  case text(String)
  case integer(Int)
  /// SQLite has no NaN: it is stored as NULL.
  case number(Double)
}

package enum DatabaseError: Error, Equatable, CustomStringConvertible {
  /// SQLite refused: at which statement or value, and what it says.
  case sqlite(what: String, message: String)
  case outOfMemory

  package var description: String {
    switch self {
    case .sqlite(let what, let message): "SQLite, at \(what.prefix(120)): \(message)"
    case .outOfMemory: "SQLite: no memory is left"
    }
  }
}
