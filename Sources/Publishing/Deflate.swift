import CZlib

/// DEFLATE (RFC 1951) and CRC-32 by zlib: what a ZIP archive needs.
enum Deflate {
  /// `input` compressed without zlib's own frame. The same bytes give the same bytes with the same
  /// version of zlib.
  ///
  /// zlib: compress2 at level 6.
  static func compress(_ input: [UInt8]) -> [UInt8] {
    var count = compressBound(uLong(input.count))
    var status = Z_OK
    let framed = [UInt8](unsafeUninitializedCapacity: Int(count)) { buffer, filled in
      // SAFETY: zlib writes at most `count` bytes, the capacity, and says how many it wrote.
      status = compress2(buffer.baseAddress, &count, input, uLong(input.count), 6)
      filled = status == Z_OK ? Int(count) : 0
    }
    precondition(status == Z_OK, "zlib's compress2 of \(input.count) bytes: status \(status)")
    // Two bytes of zlib's head before the data, its checksum of four behind them.
    return Array(framed.dropFirst(2).dropLast(4))
  }

  /// CRC-32 (ISO 3309), as ZIP and PNG have it. zlib: crc32_z.
  static func checksum(of bytes: [UInt8]) -> UInt32 {
    UInt32(truncatingIfNeeded: crc32_z(0, bytes, bytes.count))
  }
}
