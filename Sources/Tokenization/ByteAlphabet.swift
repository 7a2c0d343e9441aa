/// The characters that byte-level BPE writes bytes as (Radford et al. 2019): printable Latin-1
/// characters stand for themselves, the other 68 bytes for U+0100 onwards.
enum ByteAlphabet {
  /// The UTF-8 of each byte's character.
  static let characters: [[UInt8]] = scalars.map { Array(String(Character($0)).utf8) }

  /// The byte that each character of the alphabet stands for.
  static let bytes: [Unicode.Scalar: UInt8] = Dictionary(
    uniqueKeysWithValues: scalars.enumerated().map { ($1, UInt8($0)) })

  private static let scalars: [Unicode.Scalar] = {
    var next: UInt8 = 0
    return (0...255).map { (byte: UInt8) in
      switch byte {
      case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF: return Unicode.Scalar(byte)
      default:
        // 0x100 + next lies far below the surrogates; the ASCII case cannot occur.
        let scalar = Unicode.Scalar(0x100 + UInt16(next)) ?? Unicode.Scalar(byte)
        next += 1
        return scalar
      }
    }
  }()

  /// The bytes that a token's content stands for; a content with a character outside of the alphabet
  /// (an added token) stands for itself.
  static func decode(_ content: [UInt8]) -> [UInt8] {
    var decoded: [UInt8] = []
    decoded.reserveCapacity(content.count)
    for scalar in String(decoding: content, as: UTF8.self).unicodeScalars {
      guard let byte = bytes[scalar] else { return content }
      decoded.append(byte)
    }
    return decoded
  }
}
