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
      let isEscaped = scalar == "\\" && position + 1 < input.count
      if isEscaped { position += 1 }
      let isSpace = isEscaped && ",:; !".unicodeScalars.contains(input[position])
      text.unicodeScalars.append(isSpace ? "\u{2009}" : input[position])
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
}
