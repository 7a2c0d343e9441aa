/// Pictures that a page may show, told apart by their contents.
///
/// Bitmaps alone: a file that can hold scripts or load others, as SVG can, does something else when it
/// is opened by itself.
struct ImageFormat: Sendable, Hashable {
  /// What its files are called: `png`, `jpg`, `gif`, `webp`.
  let suffix: String
  /// In pixels, as the file's header says.
  let width: Int
  let height: Int

  /// The format of `bytes`; nil where they are none of these, or where the header is cut short.
  init?(_ bytes: [UInt8]) {
    let size: Size?
    if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
      size = Self.png(bytes)
    } else if bytes.starts(with: "GIF87a".utf8) || bytes.starts(with: "GIF89a".utf8) {
      size = Self.gif(bytes)
    } else if bytes.starts(with: [0xFF, 0xD8, 0xFF]) {
      size = Self.jpeg(bytes)
    } else if bytes.starts(with: "RIFF".utf8), bytes.dropFirst(8).starts(with: "WEBP".utf8) {
      size = Self.webp(bytes)
    } else {
      size = nil
    }
    guard let size, size.width > 0, size.height > 0 else { return nil }
    suffix = size.suffix
    width = size.width
    height = size.height
  }

  private typealias Size = (suffix: String, width: Int, height: Int)

  /// PNG (ISO/IEC 15948), 11.2.2: the first chunk is IHDR and begins with width and height.
  private static func png(_ bytes: [UInt8]) -> Size? {
    guard bytes.dropFirst(12).starts(with: "IHDR".utf8), let width = big(bytes, 16, 4),
      let height = big(bytes, 20, 4)
    else { return nil }
    return ("png", width, height)
  }

  /// GIF89a, 18: the logical screen.
  private static func gif(_ bytes: [UInt8]) -> Size? {
    guard let width = little(bytes, 6, 2), let height = little(bytes, 8, 2) else { return nil }
    return ("gif", width, height)
  }

  /// JPEG (ITU-T T.81), B.2.2: the first frame header, after segments that are passed over.
  private static func jpeg(_ bytes: [UInt8]) -> Size? {
    var place = 2
    while place + 1 < bytes.count, bytes[place] == 0xFF {
      let marker = bytes[place + 1]
      if marker == 0xFF {
        place += 1
        continue
      }
      let isFrame = (0xC0...0xCF).contains(marker) && ![0xC4, 0xC8, 0xCC].contains(marker)
      if isFrame {
        guard let height = big(bytes, place + 5, 2), let width = big(bytes, place + 7, 2) else {
          return nil
        }
        return ("jpg", width, height)
      }
      guard let length = big(bytes, place + 2, 2), length >= 2 else { return nil }
      place += 2 + length
    }
    return nil
  }

  /// WebP (RFC 9649), 2.5 to 2.7: one of three kinds of first chunk.
  private static func webp(_ bytes: [UInt8]) -> Size? {
    switch String(decoding: bytes.dropFirst(12).prefix(4), as: UTF8.self) {
    case "VP8 ":
      guard let width = little(bytes, 26, 2), let height = little(bytes, 28, 2) else { return nil }
      return ("webp", width & 0x3FFF, height & 0x3FFF)
    case "VP8L":
      guard let bits = little(bytes, 21, 4) else { return nil }
      return ("webp", (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    case "VP8X":
      guard let width = little(bytes, 24, 3), let height = little(bytes, 27, 3) else { return nil }
      return ("webp", width + 1, height + 1)
    default: return nil
    }
  }

  private static func big(_ bytes: [UInt8], _ place: Int, _ count: Int) -> Int? {
    guard place + count <= bytes.count else { return nil }
    return bytes[place..<place + count].reduce(0) { $0 << 8 | Int($1) }
  }

  private static func little(_ bytes: [UInt8], _ place: Int, _ count: Int) -> Int? {
    guard place + count <= bytes.count else { return nil }
    return bytes[place..<place + count].reversed().reduce(0) { $0 << 8 | Int($1) }
  }
}
