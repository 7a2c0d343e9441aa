/// Brackets, with `\left` and `\right` and without.
extension MathParser {
  /// Brackets with their contents in an `<mrow>`; a bracket without a partner stands alone.
  /// Where opening and closing look alike, `stop` is ``Stop/norm``: the next one closes.
  mutating func bracketed(
    opening: String, until stop: Stop = .bracket, start: Int
  ) throws(MathError) -> Atom {
    let content = try row(until: stop)
    skipSpace()
    var closing: String?
    if position < input.count {
      if input[position] == ")" || input[position] == "]" {
        closing = String(input[position])
        position += 1
      } else if let name = command() {
        if let text = MathSymbols.closing[name] { closing = text }
        if stop == .norm, Self.norms.contains(name) { closing = "‖" }
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

  /// Commands that both open and close a norm.
  static let norms: Set<String> = ["|", "Vert"]

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

  /// A delimiter of the size that its command asks for, whatever stands beside it: `\\Big(`.
  mutating func sized(_ size: String, command: String) throws(MathError) -> Atom {
    let text = try delimiterText(of: "\\" + command)
    guard !text.isEmpty else { return Atom(markup: "") }
    return Atom(markup: "<mo minsize=\"\(size)\" maxsize=\"\(size)\">\(text)</mo>")
  }

  private mutating func delimiter(of name: String) throws(MathError) -> String {
    let text = try delimiterText(of: name)
    return text.isEmpty ? "" : "<mo>\(text)</mo>"
  }

  /// The bracket or bar behind a command, escaped; nothing for a dot.
  private mutating func delimiterText(of name: String) throws(MathError) -> String {
    skipSpace()
    guard position < input.count else { throw fail(.missingArgument(of: name)) }
    if let command = command() {
      let known =
        Self.norms.contains(command)
        ? "‖"
        : command == "vert" ? "|" : MathSymbols.opening[command] ?? MathSymbols.closing[command]
      guard let known else { throw fail(.unexpected("\\" + command)) }
      consume(command)
      return known
    }
    let scalar = input[position]
    guard "()[]|/.<>".unicodeScalars.contains(scalar) else {
      throw fail(.unexpected(String(scalar)))
    }
    position += 1
    switch scalar {
    case ".": return ""
    case "<": return "⟨"
    case ">": return "⟩"
    default: return String(scalar)
    }
  }
}
