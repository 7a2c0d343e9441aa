import CZlib

/// DEFLATE (RFC 1951) and CRC-32 by zlib: what ZIP archives and PNG files need.
package enum Deflate {
  /// `input` compressed without zlib's own frame. The same bytes give the same bytes with the same
  /// version of zlib.
  package static func compress(_ input: [UInt8]) -> [UInt8] {
    // Two bytes of zlib's head before the data, its checksum of four behind them.
    Array(framed(input, level: 6).dropFirst(2).dropLast(4))
  }

  /// `input` compressed in zlib's frame (RFC 1950).
  ///
  /// - Parameter level: 1 (fast) to 9 (small). zlib: compress2.
  package static func framed(_ input: [UInt8], level: Int32) -> [UInt8] {
    var count = compressBound(uLong(input.count))
    var status = Z_OK
    let framed = [UInt8](unsafeUninitializedCapacity: Int(count)) { buffer, filled in
      // SAFETY: zlib writes at most `count` bytes, the capacity, and says how many it wrote.
      status = compress2(buffer.baseAddress, &count, input, uLong(input.count), level)
      filled = status == Z_OK ? Int(count) : 0
    }
    precondition(status == Z_OK, "zlib's compress2 of \(input.count) bytes: status \(status)")
    return framed
  }

  /// CRC-32 (ISO 3309), as ZIP and PNG have it. zlib: crc32_z.
  package static func checksum(of bytes: [UInt8]) -> UInt32 {
    UInt32(truncatingIfNeeded: crc32_z(0, bytes, bytes.count))
  }
}
