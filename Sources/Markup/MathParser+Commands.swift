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
    if let text = MathSymbols.limits[name] {
      return Atom(markup: element("mi", text), limits: true, function: true)
    }
    if let text = MathSymbols.largeOperators[name] {
      return Atom(markup: element("mo", text), limits: !name.hasSuffix("int"))
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
    if let size = MathSymbols.sizes[name] { return try sized(size, command: name) }
    if let brace = MathSymbols.braces[name] {
      let base = try argument(of: "\\" + name)
      let mark = "<mo>\(brace.text)</mo>"
      return Atom(
        markup: element(brace.isAbove ? "mover" : "munder", base + mark), stacked: brace.isLabelled)
    }
    switch name {
    case "|", "Vert": return try bracketed(opening: "‖", until: .norm, start: start)
    case "vert": return Atom(markup: "<mo stretchy=\"false\">|</mo>")
    case "overset", "underset", "stackrel":
      let mark = try argument(of: "\\" + name)
      let base = try argument(of: "\\" + name)
      return Atom(markup: element(name == "underset" ? "munder" : "mover", base + mark))
    case "not": return try negated()
    case "pmod":
      let modulus = try argument(of: "\\pmod")
      return Atom(
        markup:
          "<mspace width=\"0.444em\"></mspace><mrow><mo>(</mo><mi>mod</mi><mspace width=\"0.278em\"></mspace>\(modulus)<mo>)</mo></mrow>"
      )
    case "frac", "tfrac", "dfrac", "binom":
      let upper = try argument(of: "\\" + name)
      let lower = try argument(of: "\\" + name)
      guard name == "binom" else { return Atom(markup: element("mfrac", upper + lower)) }
      return Atom(
        markup:
          "<mrow><mo>(</mo><mfrac linethickness=\"0\">\(upper)\(lower)</mfrac><mo>)</mo></mrow>")
    case "sqrt": return try root()
    case "text", "textrm", "textsf", "textit", "mbox":
      return Atom(markup: element("mtext", try words(of: "\\" + name)))
    case "textbf":
      return Atom(
        markup: element("mtext", MathAlphabet.bold.applied(to: try words(of: "\\textbf"))))
    case "mathrm", "operatorname", "mathsf":
      let hasLimits = name == "operatorname" && position < input.count && input[position] == "*"
      if hasLimits { position += 1 }
      let text = try words(of: "\\" + name)
      // A single letter would be set in italics.
      let variant = text.count == 1 ? " mathvariant=\"normal\"" : ""
      return Atom(
        markup: "<mi\(variant)>\(text)</mi>", limits: hasLimits, function: name == "operatorname")
    case "mathit": return Atom(markup: element("mi", try words(of: "\\mathit")))
    case "boldsymbol", "bm":
      return Atom(
        markup: MathAlphabet.boldItalic.applied(toMarkup: try argument(of: "\\" + name)))
    case "left": return try delimited(start: start)
    case "begin": return try environment(start: start)
    default:
      if let alphabet = MathAlphabet.commands[name] {
        return Atom(markup: element("mi", alphabet.applied(to: try words(of: "\\" + name))))
      }
      throw fail(
        .unknownCommand("\\" + name, nearest: MathSymbols.nearest(to: name)), at: start)
    }
  }

  /// `\\not` and the relation behind it: ≠ as one symbol.
  private mutating func negated() throws(MathError) -> Atom {
    skipSpace()
    guard position < input.count else { throw fail(.missingArgument(of: "\\not")) }
    var relation = try atom(in: .end)
    guard relation.markup.hasSuffix("</mo>") else { throw fail(.unexpected("\\not")) }
    relation.markup.insert(
      contentsOf: "\u{338}",
      at: relation.markup.index(relation.markup.endIndex, offsetBy: -"</mo>".count))
    return relation
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
