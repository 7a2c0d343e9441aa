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

  /// The first `count` bytes, or all if there are fewer, of what `input` was made from by `compress`;
  /// `nil` where it is malformed or ends too early. Takes no more memory than `count` bytes. zlib:
  /// inflate.
  package static func expand(_ input: [UInt8], count: Int) -> [UInt8]? {
    var stream = z_stream()
    // −15: no frame around the data, a window of 2¹⁵ bytes.
    guard
      let room = UInt32(exactly: count), let given = UInt32(exactly: input.count),
      inflateInit2_(&stream, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
    else { return nil }
    defer { inflateEnd(&stream) }
    var status = Z_OK
    var input = input
    let expanded = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      input.withUnsafeMutableBufferPointer { input in
        // SAFETY: zlib reads at most `avail_in` bytes and writes at most `avail_out`, the sizes of the
        // two buffers, and keeps neither pointer after inflateEnd.
        stream.next_in = input.baseAddress
        stream.avail_in = given
        stream.next_out = buffer.baseAddress
        stream.avail_out = room
        status = inflate(&stream, Z_SYNC_FLUSH)
      }
      filled = count - Int(stream.avail_out)
    }
    let isWhole = status == Z_STREAM_END || (status == Z_OK && expanded.count == count)
    return isWhole || (status == Z_BUF_ERROR && expanded.count == count) ? expanded : nil
  }

  /// CRC-32 (ISO 3309), as ZIP and PNG have it. zlib: crc32_z.
  package static func checksum(of bytes: [UInt8]) -> UInt32 {
    UInt32(truncatingIfNeeded: crc32_z(0, bytes, bytes.count))
  }
}
