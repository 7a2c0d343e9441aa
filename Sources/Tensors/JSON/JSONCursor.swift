/// A place in a JSON text (RFC 8259), and what can stand there: strings, numbers, punctuation, each read
/// strictly and without a copy until its text is asked for.
struct JSONCursor {
  private let bytes: [UInt8]
  /// The next byte, an offset in the text.
  var place: Int

  init(_ bytes: [UInt8], at place: Int = 0) {
    self.bytes = bytes
    self.place = place
  }

  /// A string that was read: the bytes between its quotes.
  struct Quoted {
    let range: Range<Int>
    let hasEscapes: Bool
  }

  mutating func skipSpace() {
    while place < bytes.count {
      switch bytes[place] {
      case 0x20, 0x09, 0x0A, 0x0D: place += 1
      default: return
      }
    }
  }

  func current(_ expected: String) throws(JSONSyntaxError) -> UInt8 {
    guard place < bytes.count else { throw error(expected) }
    return bytes[place]
  }

  /// Steps over `mark`, which must be here.
  mutating func expect(_ mark: Unicode.Scalar, _ expected: String) throws(JSONSyntaxError) {
    guard try current(expected) == UInt8(ascii: mark) else { throw error(expected) }
    place += 1
  }

  /// Steps over `mark` if it is here.
  mutating func skip(_ mark: Unicode.Scalar) -> Bool {
    guard place < bytes.count, bytes[place] == UInt8(ascii: mark) else { return false }
    place += 1
    return true
  }

  /// Steps over `word` if it is here.
  mutating func skipWord(_ word: String) -> Bool {
    guard bytes[place...].starts(with: word.utf8) else { return false }
    place += word.utf8.count
    return true
  }

  /// Steps to the value of a whole text.
  mutating func begin() throws(JSONSyntaxError) {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
      throw error("a value", found: "a byte-order mark")
    }
    skipSpace()
  }

  /// Nothing but white space may follow the value of a whole text.
  mutating func end() throws(JSONSyntaxError) {
    skipSpace()
    guard place == bytes.count else { throw error("the end of the text") }
  }

  // MARK: Strings

  /// Steps over a member's name, the colon behind it and to its value.
  mutating func skipName() throws(JSONSyntaxError) -> Quoted {
    let expected = "a name in quotes"
    guard try current(expected) == UInt8(ascii: "\"") else { throw error(expected) }
    let name = try skipString()
    skipSpace()
    try expect(":", "a colon")
    skipSpace()
    return name
  }

  /// Steps over the string here: valid UTF-8, control characters and quotes escaped.
  mutating func skipString() throws(JSONSyntaxError) -> Quoted {
    try expect("\"", "a string")
    let start = place
    var (hasEscapes, isASCII) = (false, true)
    while true {
      let byte = try current("a closing quote")
      switch byte {
      case UInt8(ascii: "\""):
        let range = start..<place
        // An escape never completes a sequence of bytes: what stands there is valid if its text is.
        guard isASCII || String(validating: bytes[range], as: UTF8.self) != nil else {
          throw JSONSyntaxError(offset: start, expected: "text in UTF-8", found: "other bytes")
        }
        place += 1
        return Quoted(range: range, hasEscapes: hasEscapes)
      case UInt8(ascii: "\\"):
        hasEscapes = true
        _ = try escape()
      case 0..<0x20: throw error("control characters to be escaped")
      default:
        isASCII = isASCII && byte < 0x80
        place += 1
      }
    }
  }

  func text(of quoted: Quoted) -> String {
    guard quoted.hasEscapes else {
      return String(decoding: bytes[quoted.range], as: UTF8.self)
    }
    return String(decoding: unescaped(quoted), as: UTF8.self)
  }

  /// The bytes of the string's text, however they are spelled.
  func withText<Result>(of quoted: Quoted, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    guard quoted.hasEscapes else {
      return bytes.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[quoted.range])) }
    }
    return unescaped(quoted).withUnsafeBytes(body)
  }

  private func unescaped(_ quoted: Quoted) -> [UInt8] {
    var content: [UInt8] = []
    content.reserveCapacity(quoted.range.count)
    var cursor = JSONCursor(bytes, at: quoted.range.lowerBound)
    while cursor.place < quoted.range.upperBound {
      let byte = bytes[cursor.place]
      guard byte == UInt8(ascii: "\\") else {
        content.append(byte)
        cursor.place += 1
        continue
      }
      do { content += Array(String(Character(try cursor.escape())).utf8) } catch {
        preconditionFailure("an escape that was read before: \(error)")
      }
    }
    return content
  }

  /// Steps over the escape here, two for what takes a pair of surrogates.
  private mutating func escape() throws(JSONSyntaxError) -> Unicode.Scalar {
    place += 1
    let byte = try current("an escape")
    place += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"):
      var code = UInt32(try hexadecimal())
      if (0xD800..<0xDC00).contains(code), skipWord(#"\u"#) {
        let low = UInt32(try hexadecimal())
        guard (0xDC00..<0xE000).contains(low) else { throw halfAPair }
        code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
      }
      guard let scalar = Unicode.Scalar(code) else { throw halfAPair }
      return scalar
    default:
      place -= 1
      throw error("one of the escapes of JSON")
    }
  }

  private var halfAPair: JSONSyntaxError { error("a surrogate pair", found: "half of one") }

  private mutating func hexadecimal() throws(JSONSyntaxError) -> UInt16 {
    guard place + 4 <= bytes.count else {
      throw error("four hexadecimal digits", found: "the end")
    }
    var value: UInt16 = 0
    for byte in bytes[place..<place + 4] {
      let digit: UInt8
      switch byte {
      case 0x30...0x39: digit = byte - 0x30
      case 0x61...0x66: digit = byte - 0x57
      case 0x41...0x46: digit = byte - 0x37
      default: throw error("four hexadecimal digits")
      }
      value = value << 4 | UInt16(digit)
    }
    place += 4
    return value
  }

  // MARK: Numbers

  /// Steps over the number here, at most 400 characters long.
  mutating func skipNumber() throws(JSONSyntaxError) -> Range<Int> {
    let start = place
    _ = skip("-")
    if skip("0") {
      if isDigit { throw error("a number without leading zeros") }
    } else {
      try skipDigits()
    }
    if skip(".") { try skipDigits() }
    if place < bytes.count, bytes[place] | 0x20 == UInt8(ascii: "e") {
      place += 1
      if !skip("+") { _ = skip("-") }
      try skipDigits()
    }
    guard place - start <= 400 else {
      throw error("a number of at most 400 digits", found: "a longer one")
    }
    return start..<place
  }

  private var isDigit: Bool { place < bytes.count && (0x30...0x39).contains(bytes[place]) }

  private mutating func skipDigits() throws(JSONSyntaxError) {
    guard isDigit else { throw error("a digit") }
    while isDigit { place += 1 }
  }

  /// What stands in `range`, of ASCII.
  func ascii(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

  /// The number in `range`, if it is whole, without a sign and within range.
  func wholeNumber(_ range: Range<Int>) -> Int? {
    var value = 0
    for byte in bytes[range] {
      guard (0x30...0x39).contains(byte) else { return nil }
      let (tens, isTooLarge) = value.multipliedReportingOverflow(by: 10)
      let (sum, isTooLargeToo) = tens.addingReportingOverflow(Int(byte - 0x30))
      guard !isTooLarge, !isTooLargeToo else { return nil }
      value = sum
    }
    return value
  }

  /// That `expected` is not here, but `found` or else the next byte.
  func error(_ expected: String, found: String? = nil) -> JSONSyntaxError {
    JSONSyntaxError(offset: place, expected: expected, found: found ?? next)
  }

  private var next: String {
    guard place < bytes.count else { return "the end" }
    let byte = bytes[place]
    return (0x21..<0x7F).contains(byte)
      ? "\"\(Character(Unicode.Scalar(byte)))\"" : "byte \(byte)"
  }
}
