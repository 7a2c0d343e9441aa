/// `text` as Markdown that renders as exactly these characters, on one line: every ASCII
/// punctuation character is preceded by a backslash (CommonMark 0.29, section 6.1), white space is
/// collapsed and controls are made visible. For names from files inside generated Markdown.
package func escapeMarkdown(_ text: String) -> String {
  var output = ""
  for scalar in singleLine(text).unicodeScalars {
    switch scalar.value {
    case 0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E: output += "\\"
    default: break
    }
    output.unicodeScalars.append(scalar)
  }
  // An ordered-list marker needs its dot escaped (done above); a leading digit alone is text.
  return output
}
