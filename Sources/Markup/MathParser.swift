/// Recursive descent over the characters of a formula.
struct MathParser {
  let input: [Unicode.Scalar]
  private let display: Bool
  var position = 0
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
  enum Stop: Equatable {
    case end
    case brace
    case bracket
    case right
    case norm
    /// A cell or a line of an environment.
    case cell
  }

  func fail(_ problem: MathError.Problem, at place: Int? = nil) -> MathError {
    MathError(position: place ?? position, problem: problem)
  }

  mutating func skipSpace() {
    while position < input.count, input[position].properties.isWhitespace { position += 1 }
  }

  /// The command at the position without its backslash, not consumed.
  func command() -> String? {
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

  mutating func consume(_ command: String) {
    position += 1 + command.unicodeScalars.count
  }

  func isLetter(_ scalar: Unicode.Scalar) -> Bool {
    ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
  }

  func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

  mutating func row(until stop: Stop) throws(MathError) -> String {
    depth += 1
    defer { depth -= 1 }
    guard depth <= MathML.deepest else { throw fail(.nestedTooDeeply(limit: MathML.deepest)) }
    var output = ""
    while true {
      skipSpace()
      guard position < input.count else { return output }
      if stops(at: stop) { return output }
      let atom = try scripted(in: stop)
      if atom.function, Self.isOperand(output) { output += Self.thinSpace }
      output += atom.markup
    }
  }

  static let thinSpace = "<mspace width=\"0.167em\"></mspace>"

  /// Whether what stands before a named function is something that it multiplies.
  private static func isOperand(_ markup: String) -> Bool {
    ["</mi>", "</mn>", "</mrow>", "</mfrac>", "</msub>", "</msup>", "</msubsup>", "</msqrt>"]
      .contains { markup.hasSuffix($0) }
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
    case .norm:
      return command.map { Self.norms.contains($0) || $0 == "right" } == true || scalar == "}"
    case .cell: return scalar == "&" || command == "\\" || command == "end"
    }
  }

  /// One atom with its sub- and superscript.
  private mutating func scripted(in stop: Stop) throws(MathError) -> Atom {
    let start = position
    var atom = try atom(in: stop)
    var lower: String?
    var upper: String?
    while true {
      skipSpace()
      guard position < input.count else { break }
      if let name = command(), name == "limits" || name == "nolimits" {
        consume(name)
        atom.stacked = name == "limits"
        atom.limits = atom.stacked
      } else if input[position] == "_" {
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
    let limits = atom.stacked || (atom.limits && display)
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
        atom.markup += Self.thinSpace
      }
    }
    return atom
  }

  struct Atom {
    var markup: String
    /// Scripts stand above and below in a displayed formula.
    var limits = false
    /// They do so in a line of text as well.
    var stacked = false
    var function = false
  }

  func element(_ name: String, _ content: String) -> String {
    "<\(name)>\(content)</\(name)>"
  }

  mutating func atom(in stop: Stop) throws(MathError) -> Atom {
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

  /// A group in braces as an `<mrow>`, or a single symbol.
  mutating func argument(of name: String) throws(MathError) -> String {
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
}
