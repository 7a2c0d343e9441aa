/// Commands: symbols, accents, fractions, roots.
extension MathParser {
  /// What a command stands for, with its arguments.
  mutating func commandAtom(_ name: String) throws(MathError) -> Atom {
    let start = position
    consume(name)
    if let text = MathSymbols.identifiers[name] { return Atom(markup: element("mi", text)) }
    if MathSymbols.functions.contains(name) {
      return Atom(markup: element("mi", name), function: true)
    }
    if MathSymbols.limits.contains(name) {
      return Atom(markup: element("mi", name), limits: true, function: true)
    }
    if let text = MathSymbols.largeOperators[name] {
      return Atom(markup: element("mo", text), limits: name != "int")
    }
    if let text = MathSymbols.operators[name] {
      return Atom(markup: element("mo", escapeHTML(text)))
    }
    if let width = MathSymbols.spaces[name] {
      return Atom(markup: "<mspace width=\"\(width)\"></mspace>")
    }
    if let text = MathSymbols.opening[name] { return try bracketed(opening: text, start: start) }
    if MathSymbols.closing[name] != nil { throw fail(.unexpected("\\" + name), at: start) }
    if let mark = MathSymbols.accents[name] {
      let base = try argument(of: "\\" + name)
      return Atom(markup: "<mover accent=\"true\">\(base)<mo>\(mark)</mo></mover>")
    }
    switch name {
    case "|": return try bracketed(opening: "‖", start: start)
    case "frac", "tfrac", "dfrac", "binom":
      let upper = try argument(of: "\\" + name)
      let lower = try argument(of: "\\" + name)
      guard name == "binom" else { return Atom(markup: element("mfrac", upper + lower)) }
      return Atom(
        markup:
          "<mrow><mo>(</mo><mfrac linethickness=\"0\">\(upper)\(lower)</mfrac><mo>)</mo></mrow>")
    case "sqrt": return try root()
    case "text": return Atom(markup: element("mtext", try words(of: "\\text")))
    case "mathrm", "operatorname", "mathsf":
      let text = try words(of: "\\" + name)
      // A single letter would be set in italics.
      let variant = text.count == 1 ? " mathvariant=\"normal\"" : ""
      return Atom(markup: "<mi\(variant)>\(text)</mi>", function: name == "operatorname")
    case "mathit": return Atom(markup: element("mi", try words(of: "\\mathit")))
    case "mathbf": return Atom(markup: element("mi", bold(try words(of: "\\mathbf"))))
    case "left": return try delimited(start: start)
    case "begin": return try environment(start: start)
    default:
      throw fail(
        .unknownCommand("\\" + name, nearest: MathSymbols.nearest(to: name)), at: start)
    }
  }

  private mutating func root() throws(MathError) -> Atom {
    skipSpace()
    guard position < input.count, input[position] == "[" else {
      return Atom(markup: element("msqrt", try argument(of: "\\sqrt")))
    }
    position += 1
    let index = try row(until: .bracket)
    guard position < input.count, input[position] == "]" else { throw fail(.unclosed("[")) }
    position += 1
    return Atom(
      markup: element("mroot", try argument(of: "\\sqrt") + element("mrow", index)))
  }
}
