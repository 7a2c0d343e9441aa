import Files

/// Names made of contents.
enum ContentHash {
  /// The first `digits` hexadecimal digits of the SHA-256 of `bytes`.
  static func short(of bytes: [UInt8], digits: Int = 10) -> String {
    String(SHA256Digest(of: bytes).hex.prefix(digits))
  }

  static func short(of text: String, digits: Int = 10) -> String {
    short(of: Array(text.utf8), digits: digits)
  }

  static func full(of bytes: [UInt8]) -> String { SHA256Digest(of: bytes).hex }
}
