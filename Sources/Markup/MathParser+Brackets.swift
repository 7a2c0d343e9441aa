/// Brackets, with `\left` and `\right` and without.
extension MathParser {
  /// Brackets with their contents in an `<mrow>`; a bracket without a partner stands alone.
  mutating func bracketed(opening: String, start: Int) throws(MathError) -> Atom {
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

  /// What stands between `\left` and `\right`.
  mutating func delimited(start: Int) throws(MathError) -> Atom {
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
}
