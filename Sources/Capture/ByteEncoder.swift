/// Builds the bytes of an artifact's parts: little-endian numbers, texts with their length in front.
struct ByteEncoder {
  private(set) var bytes: [UInt8] = []

  mutating func append(_ value: some FixedWidthInteger) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  mutating func append(_ value: Double) { append(value.bitPattern) }

  mutating func append(_ text: String) {
    let utf8 = Array(text.utf8)
    append(UInt32(utf8.count))
    bytes.append(contentsOf: utf8)
  }

  mutating func append(raw: [UInt8]) { bytes.append(contentsOf: raw) }

  /// Float32 numbers, as they lie in memory: every platform that tend builds on is little-endian.
  mutating func append(_ values: [Float]) {
    values.withUnsafeBytes { bytes.append(contentsOf: $0) }
  }
}
