/// Reads what `RecordEncoder` wrote. Every count is checked against the bytes that remain before anything
/// is allocated.
package struct RecordDecoder: Decoder {
  package let codingPath: [any CodingKey] = []
  package let userInfo: [CodingUserInfoKey: Any] = [:]
  fileprivate let input: Input

  /// Bytes that are not the record of the type that is asked for.
  package struct Malformed: Error, Equatable {
    package let offset: Int
    package let expected: String
  }

  /// The value whose record `bytes` are, from first to last.
  package static func value<Value: Decodable>(
    _ type: Value.Type, from bytes: [UInt8]
  ) throws -> Value {
    let decoder = RecordDecoder(input: Input(bytes))
    let value = try decoder.read(type)
    guard decoder.input.remaining == 0 else { throw decoder.input.malformed("the end") }
    return value
  }

  fileprivate final class Input {
    private let bytes: [UInt8]
    private var offset = 0
    private var texts: [String] = []

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var remaining: Int { bytes.count - offset }

    func malformed(_ expected: String) -> Malformed {
      Malformed(offset: offset, expected: expected)
    }

    func integer<Value: FixedWidthInteger>(_ type: Value.Type) throws(Malformed) -> Value {
      let size = MemoryLayout<Value>.size
      guard remaining >= size else { throw malformed("a number") }
      defer { offset += size }
      return bytes.withUnsafeBytes {
        // SAFETY: size bytes remain behind offset.
        Value(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: Value.self))
      }
    }

    func flag() throws(Malformed) -> Bool {
      switch try integer(UInt8.self) {
      case 0: return false
      case 1: return true
      default: throw malformed("a flag")
      }
    }

    func raw() throws(Malformed) -> ArraySlice<UInt8> {
      let count = Int(try integer(UInt32.self))
      guard count <= remaining else { throw malformed("\(count) bytes") }
      defer { offset += count }
      return bytes[offset..<offset + count]
    }

    func text() throws(Malformed) -> String {
      let number = Int(try integer(UInt32.self))
      guard number >= texts.count else { return texts[number] }
      guard number == texts.count, let text = String(validating: try raw(), as: UTF8.self) else {
        throw malformed("a text")
      }
      texts.append(text)
      return text
    }

    /// Of elements that take at least `size` bytes each.
    func count(ofAtLeast size: Int) throws(Malformed) -> Int {
      let count = Int(try integer(UInt32.self))
      guard count <= remaining / size else { throw malformed("\(count) elements") }
      return count
    }
  }

  fileprivate func read<Value: Decodable>(_ type: Value.Type) throws -> Value {
    if type == String.self, let text = try input.text() as? Value { return text }
    if type == Int.self {
      guard let number = Int(exactly: try input.integer(Int64.self)) as? Value else {
        throw input.malformed("a whole number")
      }
      return number
    }
    if type == Double.self,
      let number = Double(bitPattern: try input.integer(UInt64.self)) as? Value
    {
      return number
    }
    if type == Bool.self, let flag = try input.flag() as? Value { return flag }
    if type == [UInt8].self, let bytes = Array(try input.raw()) as? Value { return bytes }
    if type == [Double].self {
      let count = try input.count(ofAtLeast: 8)
      var numbers: [Double] = []
      numbers.reserveCapacity(count)
      for _ in 0..<count { numbers.append(Double(bitPattern: try input.integer(UInt64.self))) }
      if let numbers = numbers as? Value { return numbers }
    }
    guard !RecordEncoder.isOtherNumber(type) else { throw input.malformed("an Int or a Double") }
    return try Value(from: self)
  }

  package func container<Key: CodingKey>(
    keyedBy type: Key.Type
  ) throws -> KeyedDecodingContainer<Key> {
    KeyedDecodingContainer(Fields(decoder: self))
  }

  package func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    Elements(decoder: self, count: try input.count(ofAtLeast: 1))
  }

  package func singleValueContainer() throws -> any SingleValueDecodingContainer {
    Single(decoder: self)
  }
}

extension RecordDecoder {
  fileprivate struct Fields<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let decoder: RecordDecoder
    var codingPath: [any CodingKey] { [] }
    /// Names are not written: an enum with payloads cannot be read.
    var allKeys: [Key] { [] }

    func contains(_ key: Key) -> Bool { true }
    func decodeNil(forKey key: Key) throws -> Bool { try !decoder.input.flag() }
    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
      try decoder.read(type)
    }

    func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? {
      try optional(type)
    }
    func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? { try optional(type) }
    func decodeIfPresent(_ type: Double.Type, forKey key: Key) throws -> Double? {
      try optional(type)
    }
    func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? { try optional(type) }
    func decodeIfPresent<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value? {
      try optional(type)
    }

    private func optional<Value: Decodable>(_ type: Value.Type) throws -> Value? {
      try decoder.input.flag() ? try decoder.read(type) : nil
    }

    func nestedContainer<Nested: CodingKey>(
      keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> { try decoder.container(keyedBy: type) }
    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
      try decoder.unkeyedContainer()
    }
    func superDecoder() -> any Decoder { decoder }
    func superDecoder(forKey key: Key) -> any Decoder { decoder }
  }

  fileprivate struct Elements: UnkeyedDecodingContainer {
    let decoder: RecordDecoder
    let count: Int?
    private(set) var currentIndex = 0
    var codingPath: [any CodingKey] { [] }
    var isAtEnd: Bool { currentIndex == count }

    init(decoder: RecordDecoder, count: Int) {
      self.decoder = decoder
      self.count = count
    }

    mutating func decodeNil() throws -> Bool {
      let isNil = try !decoder.input.flag()
      if isNil { currentIndex += 1 }
      return isNil
    }

    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
      currentIndex += 1
      return try decoder.read(type)
    }

    mutating func nestedContainer<Nested: CodingKey>(
      keyedBy type: Nested.Type
    ) throws -> KeyedDecodingContainer<Nested> {
      currentIndex += 1
      return try decoder.container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
      currentIndex += 1
      return try decoder.unkeyedContainer()
    }
    mutating func superDecoder() -> any Decoder { decoder }
  }

  fileprivate struct Single: SingleValueDecodingContainer {
    let decoder: RecordDecoder
    var codingPath: [any CodingKey] { [] }

    /// Asked by optionals alone, and first.
    func decodeNil() -> Bool {
      do { return try !decoder.input.flag() } catch { return true }
    }
    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try decoder.read(type) }
  }
}
