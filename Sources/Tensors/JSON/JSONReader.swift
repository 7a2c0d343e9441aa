/// Reads JSON (RFC 8259) byte by byte, strictly: valid UTF-8, no name twice in an object, no byte-order
/// mark, nothing but white space behind the value.
///
/// For headers and indexes that a stranger wrote. Foundation's decoder keeps the first of two equal
/// names, takes `1.0` for an integer and merges names that differ in Unicode form only. Does not
/// recurse: nesting is limited by `depth`, never by the stack.
package struct JSONReader {
  private let depth: Int
  private let mostMembers: Int
  private var cursor: JSONCursor

  /// The value of `bytes`, containers nested at most `depth` deep, an object of at most `mostMembers`.
  package static func read(
    _ bytes: [UInt8], depth: Int = 64, mostMembers: Int = 2_000_000
  ) throws(JSONSyntaxError) -> JSONValue {
    var cursor = JSONCursor(bytes)
    try cursor.begin()
    let value = try read(at: &cursor, within: 0, depth: depth, mostMembers: mostMembers)
    try cursor.end()
    return value
  }

  /// The value at `cursor`, which lies within `nesting` containers of a text of at most `depth`.
  static func read(
    at cursor: inout JSONCursor, within nesting: Int, depth: Int, mostMembers: Int = 2_000_000
  ) throws(JSONSyntaxError) -> JSONValue {
    var reader = JSONReader(depth: depth, mostMembers: mostMembers, cursor: cursor)
    defer { cursor = reader.cursor }
    return try reader.value(within: nesting)
  }

  /// A container that is being filled, always in place: a copy at every member would make the time
  /// quadratic.
  private struct Open {
    let isObject: Bool
    var elements: [JSONValue] = []
    var members: [JSONMember] = []
    /// Places of the members' names, kept once there are too many to compare one by one.
    var names = NameTable()
    /// The member whose value comes next.
    var name = ""

    /// Notes the next member's name; false if there is one of the same bytes.
    mutating func begin(_ name: String) -> Bool {
      self.name = name
      let members = members
      if members.count < 8 {
        return !members.contains { $0.name.utf8.elementsEqual(name.utf8) }
      }
      func nameOf(_ place: Int) -> String { place == members.count ? name : members[place].name }
      func hash(_ place: Int) -> Int { NameTable.hash(nameOf(place)) }
      func isEqual(_ one: Int, _ other: Int) -> Bool {
        nameOf(one).utf8.elementsEqual(nameOf(other).utf8)
      }
      if names.count == 0 {
        for place in members.indices {
          _ = names.insert(place, hash: hash, isEqual: isEqual)
        }
      }
      return names.insert(members.count, hash: hash, isEqual: isEqual)
    }
  }

  private mutating func value(within nesting: Int) throws(JSONSyntaxError) -> JSONValue {
    var open: [Open] = []
    cursor.skipSpace()
    while true {
      // One value, or the opening of a container.
      var value: JSONValue
      let isObject = cursor.skip("{")
      if isObject || cursor.skip("[") {
        cursor.skipSpace()
        let close: Unicode.Scalar = isObject ? "}" : "]"
        _ = try cursor.current(isObject ? "a name or }" : "a value or ]")
        if cursor.skip(close) {
          value = isObject ? .object([]) : .array([])
        } else {
          guard nesting + open.count < depth else {
            throw cursor.error("nesting of at most \(depth)", found: "more")
          }
          open.append(Open(isObject: isObject))
          if isObject { try beginMember(&open[open.count - 1]) }
          continue
        }
      } else {
        value = try scalar()
      }
      // The value goes into the innermost container, which may end with it, and so on outwards.
      closing: while true {
        guard !open.isEmpty else { return value }
        cursor.skipSpace()
        let innermost = open.count - 1
        let close: Unicode.Scalar
        if open[innermost].isObject {
          open[innermost].members.append(JSONMember(name: open[innermost].name, value: value))
          guard open[innermost].members.count <= mostMembers else {
            throw cursor.error("at most \(mostMembers) members of an object", found: "more")
          }
          close = "}"
        } else {
          open[innermost].elements.append(value)
          close = "]"
        }
        if cursor.skip(",") {
          cursor.skipSpace()
          if open[innermost].isObject { try beginMember(&open[innermost]) }
          break closing
        }
        try cursor.expect(close, ", or \(Character(close))")
        let whole = open.removeLast()
        value = whole.isObject ? .object(whole.members) : .array(whole.elements)
      }
      cursor.skipSpace()
    }
  }

  /// A member's name and the colon behind it.
  private mutating func beginMember(_ object: inout Open) throws(JSONSyntaxError) {
    let start = cursor.place
    let name = cursor.text(of: try cursor.skipName())
    guard object.begin(name) else { throw .repeated(name, at: start) }
  }

  private mutating func scalar() throws(JSONSyntaxError) -> JSONValue {
    switch try cursor.current("a value") {
    case UInt8(ascii: "\""): return .string(cursor.text(of: try cursor.skipString()))
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
      return .number(JSONNumber(text: cursor.ascii(try cursor.skipNumber())))
    default:
      for (word, value) in [
        ("true", JSONValue.bool(true)), ("false", .bool(false)), ("null", .null),
      ] where cursor.skipWord(word) {
        return value
      }
      throw cursor.error("a value")
    }
  }
}

/// Where a text is not the JSON that was expected.
package struct JSONSyntaxError: Error, Equatable, CustomStringConvertible {
  /// Byte offset in the text.
  package let offset: Int
  package let expected: String
  package let found: String

  package var description: String {
    "not valid JSON at byte \(offset): expected \(expected), found \(found)"
  }

  /// That the name at `place` stands in the same object before.
  static func repeated(_ name: String, at place: Int) -> JSONSyntaxError {
    JSONSyntaxError(
      offset: place, expected: "different names", found: "\(TensorError.quoted(name)) twice")
  }
}
