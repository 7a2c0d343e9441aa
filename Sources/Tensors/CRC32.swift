/// CRC-32 as zip archives have it (polynomial 0xEDB88320), four bytes a step.
enum CRC32 {
  private static let tables: [[UInt32]] = {
    var tables = [[UInt32]](repeating: [UInt32](repeating: 0, count: 256), count: 4)
    for byte in 0..<256 {
      var value = UInt32(byte)
      for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
      tables[0][byte] = value
    }
    for byte in 0..<256 {
      for table in 1..<4 {
        let previous = tables[table - 1][byte]
        tables[table][byte] = previous >> 8 ^ tables[0][Int(previous & 255)]
      }
    }
    return tables
  }()

  static func of(_ bytes: [UInt8]) -> UInt32 {
    var value = ~UInt32(0)
    let flat = tables.flatMap { $0 }
    flat.withUnsafeBufferPointer { table in
      bytes.withUnsafeBytes { bytes in
        let whole = bytes.count / 4 * 4
        for place in stride(from: 0, to: whole, by: 4) {
          let word = UInt32(
            littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self))
          let mixed = value ^ word
          value =
            table[768 + Int(mixed & 255)] ^ table[512 + Int(mixed >> 8 & 255)]
            ^ table[256 + Int(mixed >> 16 & 255)] ^ table[Int(mixed >> 24)]
        }
        for place in whole..<bytes.count {
          value = value >> 8 ^ table[Int((value ^ UInt32(bytes[place])) & 255)]
        }
      }
    }
    return ~value
  }
}
