/// Scalars of valid UTF-8, read where they stand.
struct TextScanner {
  let bytes: [UInt8]
  /// Where the text that is scanned ends; nothing is read beyond.
  let end: Int

  /// The scalar at `offset` and its length in bytes; `nil` at the end.
  @inline(__always)
  func scalar(at offset: Int) -> (scalar: Unicode.Scalar, length: Int)? {
    guard offset < end else { return nil }
    let first = bytes[offset]
    if first < 0x80 { return (Unicode.Scalar(first), 1) }
    let length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
    var value = UInt32(first) & (0x7F >> UInt32(length))
    for place in 1..<length { value = value << 6 | UInt32(bytes[offset + place] & 0x3F) }
    // The text was validated: no surrogates.
    return (Unicode.Scalar(value) ?? "\u{FFFD}", length)
  }

  @inline(__always)
  func category(at offset: Int) -> (category: CharacterClass, length: Int)? {
    scalar(at: offset).map { (CharacterClass($0.scalar), $0.length) }
  }

  /// The end of the characters of `category` from `offset` on, at most `limit` of them.
  @inline(__always)
  func run(of category: CharacterClass, from offset: Int, limit: Int = .max) -> Int {
    var (place, count) = (offset, 0)
    while count < limit, let next = self.category(at: place), next.category == category {
      place += next.length
      count += 1
    }
    return place
  }

  /// Where the last scalar before `offset` begins; at least `start`.
  func start(ofScalarBefore offset: Int, from start: Int) -> Int {
    var place = offset - 1
    while place > start, bytes[place] & 0xC0 == 0x80 { place -= 1 }
    return place
  }
}
