/// Values as bytes, one after the other in the order in which their types declare them: what `Codable`
/// gives without the names.
///
/// Integers take eight bytes, doubles keep their bits, a text stands in full where it first occurs and
/// as its number from then on; an optional has a byte in front, an array its count. Equal values give
/// equal bytes, in every process. Types whose conformance the compiler made can be written and read
/// back; a dictionary has no order and cannot.
package struct RecordEncoder: Encoder {
  package let codingPath: [any CodingKey] = []
  package let userInfo: [CodingUserInfoKey: Any] = [:]
  fileprivate let output = Output()

  /// The bytes of `value`.
  package static func bytes(of value: some Encodable) throws -> [UInt8] {
    let encoder = RecordEncoder()
    try encoder.write(value)
    return encoder.output.bytes
  }

  fileprivate final class Output {
    var bytes: [UInt8] = []
    var texts: [String: Int] = [:]

    func append(_ value: some FixedWidthInteger) {
      withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    func append(_ text: String) {
      if let number = texts[text] { return append(UInt32(number)) }
      append(UInt32(texts.count))
      texts[text] = texts.count
      append(UInt32(text.utf8.count))
      bytes.append(contentsOf: text.utf8)
    }

    /// Overwrites the count at `offset`.
    func put(count: Int, at offset: Int) {
      withUnsafeBytes(of: UInt32(count).littleEndian) {
        bytes.replaceSubrange(offset..<offset + 4, with: $0)
      }
    }
  }

  fileprivate func write<Value: Encodable>(_ value: Value) throws {
    // A comparison of types first: a cast that fails costs more than all the rest.
    if Value.self == String.self, let text = value as? String {
      output.append(text)
    } else if Value.self == Int.self, let number = value as? Int {
      output.append(Int64(number))
    } else if Value.self == Double.self, let number = value as? Double {
      output.append(number.bitPattern)
    } else if Value.self == Bool.self, let flag = value as? Bool {
      output.append(flag ? 1 : 0 as UInt8)
    } else if Value.self == [UInt8].self, let bytes = value as? [UInt8] {
      output.append(UInt32(bytes.count))
      output.bytes += bytes
    } else if Value.self == [Double].self, let numbers = value as? [Double] {
      output.append(UInt32(numbers.count))
      for number in numbers { output.append(number.bitPattern) }
    } else if RecordEncoder.isOtherNumber(Value.self) {
      throw EncodingError.invalidValue(
        value,
        EncodingError.Context(codingPath: [], debugDescription: "only Int and Double are written"))
    } else {
      try value.encode(to: self)
    }
  }

  /// Their own conformance would ask for them again, without end.
  static func isOtherNumber(_ type: Any.Type) -> Bool {
    type == Float.self || type == UInt8.self || type == UInt64.self || type == Int32.self
      || type == UInt32.self || type == Int64.self || type == UInt.self || type == Int8.self
      || type == Int16.self || type == UInt16.self
  }

  package func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    KeyedEncodingContainer(Fields(encoder: self))
  }

  package func unkeyedContainer() -> any UnkeyedEncodingContainer { Elements(encoder: self) }
  package func singleValueContainer() -> any SingleValueEncodingContainer { Single(encoder: self) }
}

extension RecordEncoder {
  /// The properties of a value.
  fileprivate struct Fields<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let encoder: RecordEncoder
    var codingPath: [any CodingKey] { [] }

    func encodeNil(forKey key: Key) { encoder.output.append(0 as UInt8) }
    func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws {
      try encoder.write(value)
    }

    func encodeIfPresent(_ value: String?, forKey key: Key) throws { try optional(value) }
    func encodeIfPresent(_ value: Int?, forKey key: Key) throws { try optional(value) }
    func encodeIfPresent(_ value: Double?, forKey key: Key) throws { try optional(value) }
    func encodeIfPresent(_ value: Bool?, forKey key: Key) throws { try optional(value) }
    func encodeIfPresent<Value: Encodable>(_ value: Value?, forKey key: Key) throws {
      try optional(value)
    }

    private func optional<Value: Encodable>(_ value: Value?) throws {
      encoder.output.append(value == nil ? 0 : 1 as UInt8)
      if let value { try encoder.write(value) }
    }

    /// The payload of an enum's case, behind the case's name.
    func nestedContainer<Nested: CodingKey>(
      keyedBy type: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> {
      encoder.output.append(key.stringValue)
      return encoder.container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
      encoder.unkeyedContainer()
    }
    func superEncoder() -> any Encoder { encoder }
    func superEncoder(forKey key: Key) -> any Encoder { encoder }
  }

  /// The elements of an array, their count in front.
  fileprivate struct Elements: UnkeyedEncodingContainer {
    let encoder: RecordEncoder
    private let start: Int
    private(set) var count = 0
    var codingPath: [any CodingKey] { [] }

    init(encoder: RecordEncoder) {
      self.encoder = encoder
      start = encoder.output.bytes.count
      encoder.output.append(0 as UInt32)
    }

    private mutating func add() {
      count += 1
      encoder.output.put(count: count, at: start)
    }

    mutating func encodeNil() {
      add()
      encoder.output.append(0 as UInt8)
    }

    mutating func encode<Value: Encodable>(_ value: Value) throws {
      add()
      // An optional's own conformance writes no byte in front of a value that is there.
      if Value.self is any OptionalValue.Type, let optional = value as? any OptionalValue,
        optional.isThere
      {
        encoder.output.append(1 as UInt8)
      }
      try encoder.write(value)
    }

    mutating func nestedContainer<Nested: CodingKey>(
      keyedBy type: Nested.Type
    ) -> KeyedEncodingContainer<Nested> {
      add()
      return encoder.container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
      add()
      return encoder.unkeyedContainer()
    }
    mutating func superEncoder() -> any Encoder { encoder }
  }

  fileprivate struct Single: SingleValueEncodingContainer {
    let encoder: RecordEncoder
    var codingPath: [any CodingKey] { [] }

    func encodeNil() { encoder.output.append(0 as UInt8) }
    func encode<Value: Encodable>(_ value: Value) throws { try encoder.write(value) }
  }
}

private protocol OptionalValue { var isThere: Bool { get } }
extension Optional: OptionalValue { var isThere: Bool { self != nil } }
