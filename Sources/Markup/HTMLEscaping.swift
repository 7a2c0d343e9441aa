/// `text` as it may stand between tags or in a quoted attribute value.
///
/// `& < > " '` become entities. What a terminal or a reader's eye could be misled by is made
/// visible: C0 control characters other than tab and newline become their control pictures
/// (ESC → ␛), C1 controls, bidirectional overrides and noncharacters become U+FFFD. A carriage
/// return before a newline is dropped. Linear in the length; text without any of these is returned
/// as it is.
package func escapeHTML(_ text: String) -> String {
  var text = text
  let clean = text.withUTF8 { bytes in !bytes.contains(where: mayNeedEscaping) }
  if clean { return text }
  var output = ""
  output.reserveCapacity(text.utf8.count + 32)
  for scalar in visibleControls(text).unicodeScalars {
    switch scalar {
    case "&": output += "&amp;"
    case "<": output += "&lt;"
    case ">": output += "&gt;"
    case "\"": output += "&quot;"
    case "'": output += "&#39;"
    default: output.unicodeScalars.append(scalar)
    }
  }
  return output
}

/// `text` with control characters, bidirectional overrides and noncharacters made visible (see
/// ``escapeHTML(_:)``) and nothing else changed: for places where another layer escapes.
package func visibleControls(_ text: String) -> String {
  var text = text
  let clean = text.withUTF8 { bytes in
    !bytes.contains { ($0 < 0x20 && $0 != 0x09 && $0 != 0x0A) || $0 == 0x7F || leadsSuspect($0) }
  }
  if clean { return text }
  var output = String.UnicodeScalarView()
  let scalars = Array(text.unicodeScalars)
  for (index, scalar) in scalars.enumerated() {
    switch scalar.value {
    case 0x09, 0x0A:
      output.append(scalar)
    case 0x0D where index + 1 < scalars.count && scalars[index + 1].value == 0x0A:
      continue
    case 0x00..<0x20:
      output.append(Unicode.Scalar(0x2400 + scalar.value) ?? "\u{FFFD}")
    case 0x7F:
      output.append("\u{2421}")
    case 0x80..<0xA0, 0x202A...0x202E, 0x2066...0x2069, 0xFDD0...0xFDEF:
      output.append("\u{FFFD}")
    case let value where value & 0xFFFE == 0xFFFE:
      output.append("\u{FFFD}")
    default:
      output.append(scalar)
    }
  }
  return String(output)
}

/// `text` on one line: visible controls, and runs of white space as one space, ends trimmed.
/// For titles, labels and other names that come from a file.
package func singleLine(_ text: String) -> String {
  visibleControls(text).split(whereSeparator: \.isWhitespace).joined(separator: " ")
}

/// Lead bytes of the characters that ``visibleControls(_:)`` replaces: C1 (C2), the general
/// punctuation block (E2), noncharacters (EF, and F0–F4 with them).
private func leadsSuspect(_ byte: UInt8) -> Bool {
  byte == 0xC2 || byte == 0xE2 || byte == 0xEF || byte >= 0xF0
}

private func mayNeedEscaping(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "&"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""),
    UInt8(ascii: "'"), 0x7F:
    true
  case 0x09, 0x0A: false
  case 0x00..<0x20: true
  default: leadsSuspect(byte)
  }
}
