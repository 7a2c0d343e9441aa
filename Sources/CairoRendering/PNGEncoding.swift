import Files

/// A picture as PNG: true colour, rows without filter. Figures are flat areas and repeated rows, which deflate finds by
/// itself; libpng tries five filters on every row for the same size and four times the time.
struct PNGEncoding {
  /// zlib's level: above it files shrink by a tenth and take twice as long.
  private static let level: Int32 = 4

  /// - Parameters:
  ///   - pixels: rows of four bytes a pixel, blue first, as Cairo's RGB24 has them.
  ///   - stride: bytes from one row to the next.
  static func bytes(
    _ pixels: UnsafePointer<UInt8>, width: Int, height: Int, stride: Int
  ) -> [UInt8] {
    let row = 1 + 3 * width
    // Each row begins with its filter, 0: none.
    let raw = [UInt8](unsafeUninitializedCapacity: row * height) { buffer, count in
      for y in 0..<height {
        // SAFETY: the caller's rows have `stride` bytes, at least 4 · width; the buffer has row · height.
        let source = pixels + y * stride
        var at = y * row
        buffer[at] = 0
        at += 1
        for x in 0..<width {
          buffer[at] = source[4 * x + 2]
          buffer[at + 1] = source[4 * x + 1]
          buffer[at + 2] = source[4 * x]
          at += 3
        }
      }
      count = row * height
    }
    var file: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    // Eight bits a channel, true colour, no interlacing.
    append("IHDR", number(width) + number(height) + [8, 2, 0, 0, 0], to: &file)
    append("IDAT", Deflate.framed(raw, level: level), to: &file)
    append("IEND", [], to: &file)
    return file
  }

  private static func append(_ kind: String, _ data: [UInt8], to file: inout [UInt8]) {
    let body = Array(kind.utf8) + data
    file += number(data.count)
    file += body
    file += number(Int(Deflate.checksum(of: body)))
  }

  private static func number(_ value: Int) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) }
  }
}
