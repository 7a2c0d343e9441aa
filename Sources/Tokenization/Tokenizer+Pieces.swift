extension Tokenizer {
  /// The piece of text that token `id` stands for, in quotes and on one line: control characters as
  /// `\u{…}`, bytes that are no UTF-8 as `\x…`.
  package func visiblePiece(_ id: Int) -> String {
    guard let bytes = bytes(of: id) else { return "(no token)" }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      return "\"" + bytes.map { Self.visible($0) }.joined() + "\""
    }
    var visible = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\n": visible += "\\n"
      case "\r": visible += "\\r"
      case "\t": visible += "\\t"
      case "\"", "\\": visible += "\\\(scalar)"
      default:
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .unassigned, .privateUse,
          .surrogate:
          visible += "\\u{\(String(scalar.value, radix: 16))}"
        default: visible.unicodeScalars.append(scalar)
        }
      }
    }
    return "\"\(visible)\""
  }

  private static func visible(_ byte: UInt8) -> String {
    (0x20..<0x7F).contains(byte)
      ? String(Character(Unicode.Scalar(byte)))
      : "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }
}
