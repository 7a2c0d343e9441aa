/// Words and letters inside formulas.
extension MathParser {
  /// The text in braces as it stands, escaped; spaces at its ends are kept.
  mutating func words(of name: String) throws(MathError) -> String {
    skipSpace()
    guard position < input.count, input[position] == "{" else {
      throw fail(.missingArgument(of: name))
    }
    let start = position
    position += 1
    var text = ""
    while position < input.count, input[position] != "}" {
      let scalar = input[position]
      if scalar == "{" { throw fail(.unexpected("{")) }
      if scalar == "\\", position + 1 < input.count { position += 1 }
      text.unicodeScalars.append(input[position])
      position += 1
    }
    guard position < input.count else { throw fail(.unclosed("{"), at: start) }
    position += 1
    var shown = Substring(text)
    var edges = (before: "", after: "")
    if shown.first == " " { edges.before = "\u{A0}" }
    if shown.count > 1, shown.last == " " { edges.after = "\u{A0}" }
    shown = shown.drop { $0 == " " }
    while shown.last == " " { shown.removeLast() }
    return edges.before + escapeHTML(String(shown)) + edges.after
  }

  /// Latin letters in bold italic of Unicode's mathematical alphabets, which MathML Core asks for.
  func bold(_ text: String) -> String {
    var output = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      let code: UInt32? =
        switch scalar {
        case "A"..."Z": 0x1D400 + scalar.value - 0x41
        case "a"..."z": 0x1D41A + scalar.value - 0x61
        default: nil
        }
      output.append(code.flatMap(Unicode.Scalar.init) ?? scalar)
    }
    return String(output)
  }
}
