/// Strings as JSON writes them.
package enum JSONString {
  /// Appends a string in quotes with the escapes that RFC 8259 asks for, and `<` and the two line
  /// separators escaped so that a file can stand inside a page's script element.
  package static func append(_ string: String, to text: inout String) {
    text += "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case "<": text += "\\u003c"
      case _ where scalar.value < 0x20 || scalar.value == 0x2028 || scalar.value == 0x2029:
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }

  package static func quoted(_ string: String) -> String {
    var text = ""
    append(string, to: &text)
    return text
  }
}
