/// Recursive descent over the characters of a formula.
struct MathParser {
  private let input: [Unicode.Scalar]
  private let display: Bool
  private var position = 0
  private var depth = 0

  init(_ tex: String, display: Bool) {
    input = Array(tex.unicodeScalars)
    self.display = display
  }

  mutating func parse() throws(MathError) -> String {
    let row = try row(until: .end)
    guard position == input.count else { throw fail(.unexpected(String(input[position]))) }
    return row
  }

  /// What ends a row; it is not consumed.
  private enum Stop: Equatable {
    case end
    case brace
    case bracket
    case right
    case norm
    /// A cell or a line of an environment.
    case cell
  }

  private func fail(_ problem: MathError.Problem, at place: Int? = nil) -> MathError {
    MathError(position: place ?? position, problem: problem)
  }

  private mutating func skipSpace() {
    while position < input.count, input[position].properties.isWhitespace { position += 1 }
  }

  /// The command at the position without its backslash, not consumed.
  private func command() -> String? {
    guard position < input.count, input[position] == "\\", position + 1 < input.count else {
      return nil
    }
    guard isLetter(input[position + 1]) else { return String(input[position + 1]) }
    var name = ""
    for scalar in input[(position + 1)...] {
      guard isLetter(scalar) else { break }
      name.unicodeScalars.append(scalar)
    }
    return name
  }

  private mutating func consume(_ command: String) {
    position += 1 + command.unicodeScalars.count
  }

  private func isLetter(_ scalar: Unicode.Scalar) -> Bool {
    ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
  }

  private func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

  private mutating func row(until stop: Stop) throws(MathError) -> String {
    depth += 1
    defer { depth -= 1 }
    guard depth <= MathML.deepest else { throw fail(.nestedTooDeeply(limit: MathML.deepest)) }
    var output = ""
    while true {
      skipSpace()
      guard position < input.count else { return output }
      if stops(at: stop) { return output }
      output += try scripted(in: stop)
    }
  }

  private func stops(at stop: Stop) -> Bool {
    let scalar = input[position]
    let command = command()
    switch stop {
    case .end: return false
    case .brace: return scalar == "}"
    case .bracket:
      return scalar == ")" || scalar == "]" || scalar == "}" || scalar == "&"
        || command.map {
          MathSymbols.closing[$0] != nil || $0 == "right" || $0 == "\\" || $0 == "end"
        } == true
    case .right: return command == "right"
    case .norm: return command == "|" || scalar == "}" || command == "right"
    case .cell: return scalar == "&" || command == "\\" || command == "end"
    }
  }

  /// One atom with its sub- and superscript.
  private mutating func scripted(in stop: Stop) throws(MathError) -> String {
    let start = position
    var atom = try atom(in: stop)
    var lower: String?
    var upper: String?
    while true {
      skipSpace()
      guard position < input.count else { break }
      if input[position] == "_" {
        guard lower == nil else { throw fail(.twoScripts("subscripts")) }
        position += 1
        lower = try argument(of: "_")
      } else if input[position] == "^" {
        guard upper == nil else { throw fail(.twoScripts("superscripts")) }
        position += 1
        upper = try argument(of: "^")
      } else if input[position] == "'" {
        guard upper == nil else { throw fail(.twoScripts("superscripts")) }
        var primes = ""
        while position < input.count, input[position] == "'" {
          primes += "′"
          position += 1
        }
        upper = "<mo>\(primes)</mo>"
      } else {
        break
      }
    }
    let limits = atom.limits && display
    switch (lower, upper) {
    case (nil, nil): break
    case (let lower?, nil):
      atom.markup = element(limits ? "munder" : "msub", atom.markup + lower)
    case (nil, let upper?):
      atom.markup = element(limits ? "mover" : "msup", atom.markup + upper)
    case (let lower?, let upper?):
      atom.markup = element(limits ? "munderover" : "msubsup", atom.markup + lower + upper)
    }
    if atom.function, position < input.count, position > start {
      skipSpace()
      let bare = position < input.count && !"([{)]},;&".unicodeScalars.contains(input[position])
      if bare, !stops(at: stop),
        command().map({ $0 != "left" && MathSymbols.opening[$0] == nil }) ?? true
      {
        atom.markup += "<mspace width=\"0.167em\"></mspace>"
      }
    }
    return atom.markup
  }

  private struct Atom {
    var markup: String
    /// Scripts stand above and below in a displayed formula.
    var limits = false
    var function = false
  }

  private func element(_ name: String, _ content: String) -> String {
    "<\(name)>\(content)</\(name)>"
  }

  private mutating func atom(in stop: Stop) throws(MathError) -> Atom {
    let scalar = input[position]
    if let name = command() { return try commandAtom(name) }
    if isDigit(scalar) { return Atom(markup: number()) }
    position += 1
    switch scalar {
    case "{":
      let content = try row(until: .brace)
      guard position < input.count else { throw fail(.unclosed("{")) }
      position += 1
      return Atom(markup: element("mrow", content))
    case "(", "[": return try bracketed(opening: String(scalar), start: position - 1)
    case "\\", "}", "&", "^", "_":
      throw fail(.unexpected(String(scalar)), at: position - 1)
    case "-": return Atom(markup: "<mo>−</mo>")
    case "*": return Atom(markup: "<mo>∗</mo>")
    case "|": return Atom(markup: "<mo stretchy=\"false\">|</mo>")
    case "%", "$", "#": return Atom(markup: "<mo>\(scalar)</mo>")
    case _ where scalar.properties.isAlphabetic:
      return Atom(markup: element("mi", escapeHTML(String(scalar))))
    default: return Atom(markup: element("mo", escapeHTML(String(scalar))))
    }
  }

  private mutating func number() -> String {
    var digits = ""
    while position < input.count {
      let scalar = input[position]
      let point = scalar == "." && position + 1 < input.count && isDigit(input[position + 1])
      guard isDigit(scalar) || point else { break }
      digits.unicodeScalars.append(scalar)
      position += 1
    }
    return element("mn", digits)
  }

  /// Brackets with their contents in an `<mrow>`; a bracket without a partner stands alone.
  private mutating func bracketed(opening: String, start: Int) throws(MathError) -> Atom {
    let content = try row(until: opening == "‖" ? .norm : .bracket)
    skipSpace()
    var closing: String?
    if position < input.count {
      if input[position] == ")" || input[position] == "]" {
        closing = String(input[position])
        position += 1
      } else if let name = command() {
        if let text = MathSymbols.closing[name] { closing = text }
        if name == "|", opening == "‖" { closing = "‖" }
        if closing != nil { consume(name) }
      }
    }
    guard let closing else { throw fail(.unclosed(opening), at: start) }
    let mark = Self.isTall(content) ? "<mo>" : "<mo stretchy=\"false\">"
    return Atom(
      markup:
        "<mrow>\(mark)\(escapeHTML(opening))</mo>\(content)\(mark)\(escapeHTML(closing))</mo></mrow>"
    )
  }

  /// Whether brackets have to grow: around scripts alone they look better as they are, and without a
  /// font for maths a browser stretches them badly.
  private static func isTall(_ content: String) -> Bool {
    ["<mfrac", "<munder", "<mover>", "<mtable", "<msqrt", "<mroot"].contains {
      content.contains($0)
    }
  }

  private mutating func commandAtom(_ name: String) throws(MathError) -> Atom {
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

  /// A group in braces as an `<mrow>`, or a single symbol.
  private mutating func argument(of name: String) throws(MathError) -> String {
    skipSpace()
    guard position < input.count, input[position] != "}", input[position] != "&" else {
      throw fail(.missingArgument(of: name))
    }
    guard input[position] == "{" else {
      if isDigit(input[position]) {
        position += 1
        return element("mn", String(input[position - 1]))
      }
      if "([)]".unicodeScalars.contains(input[position]) {
        throw fail(.missingArgument(of: name))
      }
      return try atom(in: .end).markup
    }
    let start = position
    position += 1
    let content = try row(until: .brace)
    guard position < input.count else { throw fail(.unclosed("{"), at: start) }
    position += 1
    return element("mrow", content)
  }

  /// The text in braces as it stands, escaped; spaces at its ends are kept.
  private mutating func words(of name: String) throws(MathError) -> String {
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
  private func bold(_ text: String) -> String {
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

  private mutating func delimited(start: Int) throws(MathError) -> Atom {
    let opening = try delimiter(of: "\\left")
    let content = try row(until: .right)
    guard position < input.count, command() == "right" else {
      throw fail(.unclosed("\\left"), at: start)
    }
    consume("right")
    let closing = try delimiter(of: "\\right")
    return Atom(markup: "<mrow>\(opening)\(content)\(closing)</mrow>")
  }

  private mutating func delimiter(of name: String) throws(MathError) -> String {
    skipSpace()
    guard position < input.count else { throw fail(.missingArgument(of: name)) }
    if let command = command() {
      consume(command)
      if command == "|" { return "<mo>‖</mo>" }
      guard let text = MathSymbols.opening[command] ?? MathSymbols.closing[command] else {
        throw fail(.unexpected("\\" + command))
      }
      return "<mo>\(text)</mo>"
    }
    let scalar = input[position]
    position += 1
    guard "()[]|.".unicodeScalars.contains(scalar) else {
      throw fail(.unexpected(String(scalar)), at: position - 1)
    }
    return scalar == "." ? "" : "<mo>\(scalar)</mo>"
  }

  private mutating func environment(start: Int) throws(MathError) -> Atom {
    let name = try words(of: "\\begin")
    guard ["aligned", "cases", "matrix", "pmatrix"].contains(name) else {
      throw fail(.unknownCommand("\\begin{\(name)}", nearest: "\\begin{aligned}"), at: start)
    }
    var rows = ""
    var cells = ""
    while true {
      cells += element("mtd", try row(until: .cell))
      guard position < input.count else { throw fail(.unclosed("\\begin{\(name)}"), at: start) }
      if input[position] == "&" {
        position += 1
        continue
      }
      rows += element("mtr", cells)
      cells = ""
      if command() == "\\" {
        consume("\\")
        continue
      }
      consume("end")
      let closed = try words(of: "\\end")
      guard closed == name else { throw fail(.unexpected("\\end{\(closed)}")) }
      break
    }
    let table = "<mtable class=\"\(name)\">\(rows)</mtable>"
    switch name {
    case "cases": return Atom(markup: "<mrow><mo>{</mo>\(table)</mrow>")
    case "pmatrix": return Atom(markup: "<mrow><mo>(</mo>\(table)<mo>)</mo></mrow>")
    default: return Atom(markup: table)
    }
  }
}
