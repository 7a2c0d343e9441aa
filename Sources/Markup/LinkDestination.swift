/// What may stand in an `href` or `src`.
package enum LinkDestination {
  /// Schemes that a link may have. Everything else (`javascript:`, `data:`, `vbscript:`, `file:` …)
  /// is dropped.
  package static let schemes: Set<String> = ["http", "https", "mailto"]

  /// `text` percent-encoded where an address needs it, or nil if its scheme is not allowed.
  ///
  /// The scheme is looked for the way browsers do: control characters and white space inside or
  /// before it are ignored, so `java\nscript:` is one. The result still has to be escaped as HTML.
  package static func safe(_ text: String) -> String? {
    if let scheme = scheme(of: text), !schemes.contains(scheme) { return nil }
    return percentEncoded(text)
  }

  /// The scheme of `text` in lower case, or nil for a relative reference.
  package static func scheme(of text: String) -> String? {
    var scheme = ""
    for scalar in text.unicodeScalars {
      if scalar.value <= 0x20 || scalar.value == 0x7F { continue }
      switch scalar {
      case ":": return scheme.lowercased()
      case "/", "?", "#", "\\": return nil
      default: scheme.unicodeScalars.append(scalar)
      }
    }
    return nil
  }

  /// Whether `text` names a place outside this site: it has a scheme or a host.
  package static func isExternal(_ text: String) -> Bool {
    scheme(of: text) != nil || text.hasPrefix("//") || text.hasPrefix("\\\\")
      || text.hasPrefix("/\\")
  }

  /// `text` with every byte that RFC 3986 does not allow in a reference as `%XX`; percent signs
  /// are kept, so that an encoded address stays as it is. Backslashes are encoded.
  package static func percentEncoded(_ text: String) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var output: [UInt8] = []
    output.reserveCapacity(text.utf8.count)
    for byte in text.utf8 {
      if allowed(byte) {
        output.append(byte)
      } else {
        output += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: output, as: UTF8.self)
  }

  /// `text` with every `%XX` as the byte that it stands for; what is no UTF-8 then is repaired.
  package static func percentDecoded(_ text: String) -> String {
    let input = Array(text.utf8)
    var output: [UInt8] = []
    var index = 0
    while index < input.count {
      if input[index] == UInt8(ascii: "%"), index + 2 < input.count,
        let byte = UInt8(String(decoding: input[index + 1...index + 2], as: UTF8.self), radix: 16)
      {
        output.append(byte)
        index += 3
      } else {
        output.append(input[index])
        index += 1
      }
    }
    return String(decoding: output, as: UTF8.self)
  }

  private static func allowed(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: "-._~:/?#@!$&'()*+,;=%".utf8.contains(byte)
    }
  }
}
