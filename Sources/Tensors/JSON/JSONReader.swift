/// Reads JSON (RFC 8259) byte by byte, strictly: valid UTF-8, no name twice in an object, no byte-order
/// mark, nothing but white space behind the value.
///
/// For headers and indexes that a stranger wrote. Foundation's decoder keeps the first of two equal
/// names, takes `1.0` for an integer and merges names that differ in Unicode form only. Does not
/// recurse: nesting is limited by `depth`, never by the stack.
package struct JSONReader {
  private let bytes: [UInt8]
  private let depth: Int
  private let mostMembers: Int
  private var place = 0

  /// The value of `bytes`, containers nested at most `depth` deep, an object of at most `mostMembers`.
  package static func read(
    _ bytes: [UInt8], depth: Int = 64, mostMembers: Int = 2_000_000
  ) throws(JSONSyntaxError) -> JSONValue {
    var reader = JSONReader(bytes: bytes, depth: depth, mostMembers: mostMembers)
    return try reader.document()
  }

  private init(bytes: [UInt8], depth: Int, mostMembers: Int) {
    self.mostMembers = mostMembers
    self.bytes = bytes
    self.depth = depth
  }

  /// A container that is being filled, always in place: a copy at every member would make the time
  /// quadratic.
  private struct Open {
    let isObject: Bool
    var elements: [JSONValue] = []
    var members: [JSONMember] = []
    /// Names by their bytes, kept once there are too many to compare one by one.
    var names: Set<[UInt8]> = []
    /// The member whose value comes next.
    var name = ""

    /// Notes the next member's name; false if there is one of the same bytes.
    mutating func begin(_ name: String) -> Bool {
      self.name = name
      if members.count < 8 {
        return !members.contains { $0.name.utf8.elementsEqual(name.utf8) }
      }
      if names.isEmpty { for member in members { names.insert(Array(member.name.utf8)) } }
      return names.insert(Array(name.utf8)).inserted
    }
  }

  private mutating func document() throws(JSONSyntaxError) -> JSONValue {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { throw error("a value", "a byte-order mark") }
    var open: [Open] = []
    skipSpace()
    while true {
      // One value, or the opening of a container.
      var value: JSONValue
      switch try current("a value") {
      case UInt8(ascii: "{"):
        place += 1
        skipSpace()
        if try current("a name or }") == UInt8(ascii: "}") {
          place += 1
          value = .object([])
        } else {
          guard open.count < depth else { throw error("nesting of at most \(depth)", "more") }
          open.append(Open(isObject: true))
          try beginMember(&open[open.count - 1])
          continue
        }
      case UInt8(ascii: "["):
        place += 1
        skipSpace()
        if try current("a value or ]") == UInt8(ascii: "]") {
          place += 1
          value = .array([])
        } else {
          guard open.count < depth else { throw error("nesting of at most \(depth)", "more") }
          open.append(Open(isObject: false))
          continue
        }
      default: value = try scalar()
      }
      // The value goes into the innermost container, which may end with it, and so on outwards.
      closing: while true {
        skipSpace()
        guard !open.isEmpty else {
          guard place == bytes.count else { throw error("the end of the text", found) }
          return value
        }
        let innermost = open.count - 1
        let close: UInt8
        if open[innermost].isObject {
          open[innermost].members.append(JSONMember(name: open[innermost].name, value: value))
          guard open[innermost].members.count <= mostMembers else {
            throw error("at most \(mostMembers) members of an object", "more")
          }
          close = UInt8(ascii: "}")
        } else {
          open[innermost].elements.append(value)
          close = UInt8(ascii: "]")
        }
        let expected = ", or \(Character(Unicode.Scalar(close)))"
        switch try current(expected) {
        case UInt8(ascii: ","):
          place += 1
          skipSpace()
          if open[innermost].isObject { try beginMember(&open[innermost]) }
          break closing
        case close:
          place += 1
          let whole = open.removeLast()
          value = whole.isObject ? .object(whole.members) : .array(whole.elements)
        default: throw error(expected, found)
        }
      }
    }
  }

  /// A member's name and the colon behind it.
  private mutating func beginMember(_ object: inout Open) throws(JSONSyntaxError) {
    let start = place
    guard try current("a name in quotes") == UInt8(ascii: "\"") else {
      throw error("a name in quotes", found)
    }
    let name = try string()
    guard object.begin(name) else {
      place = start
      throw error("different names", "\(TensorError.quoted(name)) twice")
    }
    skipSpace()
    guard try current("a colon") == UInt8(ascii: ":") else { throw error("a colon", found) }
    place += 1
    skipSpace()
  }

  private mutating func scalar() throws(JSONSyntaxError) -> JSONValue {
    switch bytes[place] {
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try number())
    default:
      for (word, value) in [
        ("true", JSONValue.bool(true)), ("false", .bool(false)), ("null", .null),
      ] where bytes[place...].starts(with: word.utf8) {
        place += word.utf8.count
        return value
      }
      throw error("a value", found)
    }
  }

  private mutating func number() throws(JSONSyntaxError) -> JSONNumber {
    let start = place
    func digit() -> Bool { place < bytes.count && (0x30...0x39).contains(bytes[place]) }
    if bytes[place] == UInt8(ascii: "-") { place += 1 }
    guard digit() else { throw error("a digit", found) }
    if bytes[place] == UInt8(ascii: "0") {
      place += 1
      if digit() { throw error("a number without leading zeros", found) }
    } else {
      while digit() { place += 1 }
    }
    if place < bytes.count, bytes[place] == UInt8(ascii: ".") {
      place += 1
      guard digit() else { throw error("a digit", found) }
      while digit() { place += 1 }
    }
    if place < bytes.count, bytes[place] | 0x20 == UInt8(ascii: "e") {
      place += 1
      if place < bytes.count, bytes[place] == 0x2B || bytes[place] == 0x2D { place += 1 }
      guard digit() else { throw error("a digit", found) }
      while digit() { place += 1 }
    }
    guard place - start <= 400 else {
      throw error("a number of at most 400 digits", "a longer one")
    }
    return JSONNumber(text: String(decoding: bytes[start..<place], as: UTF8.self))
  }

  private mutating func string() throws(JSONSyntaxError) -> String {
    place += 1
    let start = place
    // Most strings have no escapes: one scan, one copy.
    while place < bytes.count, bytes[place] >= 0x20, bytes[place] != 0x22, bytes[place] != 0x5C {
      place += 1
    }
    var content = Array(bytes[start..<place])
    while true {
      let byte = try current("a closing quote")
      switch byte {
      case UInt8(ascii: "\""):
        place += 1
        guard let text = String(validating: content, as: UTF8.self) else {
          place = start
          throw error("text in UTF-8", "other bytes")
        }
        return text
      case UInt8(ascii: "\\"):
        place += 1
        try escape(into: &content)
      case 0..<0x20: throw error("control characters to be escaped", found)
      default:
        content.append(byte)
        place += 1
      }
    }
  }

  private mutating func escape(into content: inout [UInt8]) throws(JSONSyntaxError) {
    let byte = try current("an escape")
    place += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): content.append(byte)
    case UInt8(ascii: "b"): content.append(0x08)
    case UInt8(ascii: "f"): content.append(0x0C)
    case UInt8(ascii: "n"): content.append(0x0A)
    case UInt8(ascii: "r"): content.append(0x0D)
    case UInt8(ascii: "t"): content.append(0x09)
    case UInt8(ascii: "u"):
      var code = UInt32(try hexadecimal())
      if (0xD800..<0xDC00).contains(code), bytes[place...].starts(with: [0x5C, 0x75]) {
        place += 2
        let low = UInt32(try hexadecimal())
        guard (0xDC00..<0xE000).contains(low) else {
          throw error("a surrogate pair", "half of one")
        }
        code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
      }
      guard let scalar = Unicode.Scalar(code) else {
        throw error("a surrogate pair", "half of one")
      }
      content += Array(String(Character(scalar)).utf8)
    default:
      place -= 1
      throw error("one of the escapes of JSON", found)
    }
  }

  private mutating func hexadecimal() throws(JSONSyntaxError) -> UInt16 {
    guard place + 4 <= bytes.count else { throw error("four hexadecimal digits", "the end") }
    var value: UInt16 = 0
    for byte in bytes[place..<place + 4] {
      let digit: UInt8
      switch byte {
      case 0x30...0x39: digit = byte - 0x30
      case 0x61...0x66: digit = byte - 0x57
      case 0x41...0x46: digit = byte - 0x37
      default: throw error("four hexadecimal digits", found)
      }
      value = value << 4 | UInt16(digit)
    }
    place += 4
    return value
  }

  private mutating func skipSpace() {
    while place < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[place]) { place += 1 }
  }

  private func current(_ expected: String) throws(JSONSyntaxError) -> UInt8 {
    guard place < bytes.count else { throw error(expected, "the end") }
    return bytes[place]
  }

  private var found: String {
    guard place < bytes.count else { return "the end" }
    let byte = bytes[place]
    return (0x21..<0x7F).contains(byte)
      ? "\"\(Character(Unicode.Scalar(byte)))\"" : "byte \(byte)"
  }

  private func error(_ expected: String, _ found: String) -> JSONSyntaxError {
    JSONSyntaxError(offset: place, expected: expected, found: found)
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
}
