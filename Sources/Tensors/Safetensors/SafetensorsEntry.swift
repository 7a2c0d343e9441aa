/// What a safetensors header says of one tensor, checked by the rules that need no other tensor.
struct SafetensorsEntry {
  let type: DataType
  let typeName: String
  let shape: [Int]
  /// Offsets of its data from the first byte behind the header.
  let data: Range<Int>

  /// A rule that the entry breaks; the text may be sound JSON.
  struct Finding: Error {
    let expected: String
    let found: String
  }

  /// Containers in each other in a header: itself, an entry, a list.
  static let depth = 3

  /// Reads the entry at `cursor`, the value of a tensor's name, of a file with `available` bytes of data.
  ///
  /// Throws a `Finding`, or a `JSONSyntaxError` where the text breaks JSON's own rules.
  static func read(_ cursor: inout JSONCursor, available: Int) throws -> SafetensorsEntry {
    guard cursor.skip("{") else {
      throw Finding(expected: "dtype, shape and data_offsets", found: try kind(&cursor, within: 1))
    }
    var (typeName, shape, offsets) = (String?.none, [Int]?.none, [Int]?.none)
    cursor.skipSpace()
    if !cursor.skip("}") {
      repeat {
        cursor.skipSpace()
        let start = cursor.place
        let field = cursor.text(of: try cursor.skipName())
        let isRepeated: Bool
        switch field {
        case "dtype":
          isRepeated = typeName != nil
          typeName = try name(&cursor)
        case "shape":
          isRepeated = shape != nil
          shape = try wholeNumbers(&cursor, field)
        case "data_offsets":
          isRepeated = offsets != nil
          offsets = try wholeNumbers(&cursor, field)
        default:
          throw Finding(
            expected: "dtype, shape and data_offsets alone", found: TensorError.quoted(field))
        }
        guard !isRepeated else { throw JSONSyntaxError.repeated(field, at: start) }
        cursor.skipSpace()
      } while cursor.skip(",")
      try cursor.expect("}", ", or }")
    }
    guard let typeName else { throw Finding(expected: "dtype as text", found: "nothing") }
    guard let shape else { throw Finding(expected: "shape as a list", found: "nothing") }
    guard let offsets else {
      throw Finding(expected: "data_offsets as a list", found: "nothing")
    }
    return SafetensorsEntry(
      // A type of a later version is listed; all other rules hold for it too.
      type: DataType(rawValue: typeName) ?? .unknown, typeName: typeName, shape: shape,
      data: try range(offsets, typeName, shape, available))
  }

  /// A type's name: letters, digits and underscores.
  private static func name(_ cursor: inout JSONCursor) throws -> String {
    guard try cursor.current("a value") == UInt8(ascii: "\"") else {
      throw Finding(expected: "dtype as text", found: try kind(&cursor, within: 2))
    }
    let name = cursor.text(of: try cursor.skipString())
    let isName =
      (1...32).contains(name.utf8.count)
      && name.utf8.allSatisfy {
        (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
          || $0 == 0x5F
      }
    guard isName else {
      throw Finding(expected: "a dtype of the format", found: TensorError.quoted(name))
    }
    return name
  }

  private static func wholeNumbers(_ cursor: inout JSONCursor, _ field: String) throws -> [Int] {
    guard cursor.skip("[") else {
      throw Finding(expected: "\(field) as a list", found: try kind(&cursor, within: 2))
    }
    var numbers: [Int] = []
    cursor.skipSpace()
    if cursor.skip("]") { return numbers }
    repeat {
      cursor.skipSpace()
      let byte = try cursor.current("a value or ]")
      let isNumber =
        byte == UInt8(ascii: "-") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      let expected = "\(field) of whole numbers of at least 0"
      guard isNumber else { throw Finding(expected: expected, found: try kind(&cursor, within: 3)) }
      let range = try cursor.skipNumber()
      guard let number = cursor.wholeNumber(range) else {
        throw Finding(expected: expected, found: cursor.ascii(range))
      }
      numbers.append(number)
      cursor.skipSpace()
    } while cursor.skip(",")
    try cursor.expect("]", ", or ]")
    return numbers
  }

  /// What stands at `cursor` instead, within `nesting` containers.
  private static func kind(_ cursor: inout JSONCursor, within nesting: Int) throws -> String {
    try JSONReader.read(at: &cursor, within: nesting, depth: depth).kind
  }

  private static func range(
    _ offsets: [Int], _ typeName: String, _ shape: [Int], _ available: Int
  ) throws(Finding) -> Range<Int> {
    guard offsets.count == 2 else {
      throw Finding(expected: "two data_offsets", found: "\(offsets.count)")
    }
    let (begin, end) = (offsets[0], offsets[1])
    guard begin <= end else {
      throw Finding(expected: "data_offsets in order", found: "\(begin), \(end)")
    }
    guard end <= available else {
      throw Finding(
        expected: "data within the file's \(available) bytes of data",
        found: "bytes up to \(end); the file is truncated")
    }
    let type = DataType(rawValue: typeName) ?? .unknown
    guard let count = CheckedProduct.of(shape),
      let bits = CheckedProduct.of([count, max(type.bits, 1)])
    else { throw Finding(expected: "a shape that can be addressed", found: "\(shape)") }
    guard type == .unknown || bits % 8 == 0 && bits / 8 == end - begin else {
      throw Finding(
        expected:
          "\(shape) of \(typeName), \(bits % 8 == 0 ? "\(bits / 8) bytes" : "\(bits) bits")",
        found: "\(end - begin) bytes")
    }
    return begin..<end
  }
}
