/// Reads what `ByteEncoder` wrote. Every count is checked against the bytes that remain before
/// anything is allocated: an artifact is a file, and a file may hold anything.
struct ByteDecoder {
  /// Bytes that do not decode, with the place.
  struct Malformed: Error, Equatable {
    let offset: Int
    let expected: String
  }

  private let bytes: [UInt8]
  private(set) var offset = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var remaining: Int { bytes.count - offset }

  mutating func integer<Value: FixedWidthInteger>(
    _ type: Value.Type, _ expected: String
  ) throws(Malformed) -> Value {
    let size = MemoryLayout<Value>.size
    guard remaining >= size else { throw Malformed(offset: offset, expected: expected) }
    var value: Value = 0
    for index in (0..<size).reversed() {
      value = value << 8 | Value(truncatingIfNeeded: bytes[offset + index])
    }
    offset += size
    return value
  }

  mutating func double(_ expected: String) throws(Malformed) -> Double {
    Double(bitPattern: try integer(UInt64.self, expected))
  }

  mutating func text(_ expected: String) throws(Malformed) -> String {
    let count = Int(try integer(UInt32.self, expected))
    let raw = try self.raw(count, expected)
    guard let text = String(validating: raw, as: UTF8.self) else {
      throw Malformed(offset: offset, expected: expected)
    }
    return text
  }

  mutating func raw(_ count: Int, _ expected: String) throws(Malformed) -> [UInt8] {
    guard count >= 0, count <= remaining else {
      throw Malformed(offset: offset, expected: expected)
    }
    defer { offset += count }
    return Array(bytes[offset..<offset + count])
  }

  /// A count of elements that take at least `size` bytes each.
  mutating func count(ofAtLeast size: Int, _ expected: String) throws(Malformed) -> Int {
    let count = Int(try integer(UInt32.self, expected))
    guard count <= remaining / size else { throw Malformed(offset: offset, expected: expected) }
    return count
  }

  mutating func floats(_ count: Int, _ expected: String) throws(Malformed) -> [Float] {
    guard count >= 0, count <= remaining / 4 else {
      throw Malformed(offset: offset, expected: expected)
    }
    let raw = try self.raw(count * 4, expected)
    return [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      // SAFETY: the buffer has room for count floats and raw holds exactly their bytes.
      raw.withUnsafeBytes { UnsafeMutableRawBufferPointer(buffer).copyMemory(from: $0) }
      initialized = count
    }
  }
}
