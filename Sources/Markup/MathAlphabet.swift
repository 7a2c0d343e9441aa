/// Letters of Unicode's mathematical alphabets, which MathML Core asks for in place of variants.
struct MathAlphabet {
  /// The first of the 26 capitals and of the 26 small letters.
  let capitals: UInt32
  let small: UInt32
  /// The first of the ten digits, where there are any.
  var digits: UInt32?
  /// The first of the Greek capitals and small letters, where there are any.
  var greek: (capitals: UInt32, small: UInt32)?
  /// Letters that Unicode had before the alphabet, by their Latin letter.
  var exceptions: [Unicode.Scalar: Unicode.Scalar] = [:]

  static let bold = MathAlphabet(
    capitals: 0x1D400, small: 0x1D41A, digits: 0x1D7CE, greek: (0x1D6A8, 0x1D6C2))
  static let boldItalic = MathAlphabet(
    capitals: 0x1D468, small: 0x1D482, digits: 0x1D7CE, greek: (0x1D71C, 0x1D736))
  static let blackboard = MathAlphabet(
    capitals: 0x1D538, small: 0x1D552, digits: 0x1D7D8,
    exceptions: ["C": "ℂ", "H": "ℍ", "N": "ℕ", "P": "ℙ", "Q": "ℚ", "R": "ℝ", "Z": "ℤ"])
  static let script = MathAlphabet(
    capitals: 0x1D49C, small: 0x1D4B6,
    exceptions: [
      "B": "ℬ", "E": "ℰ", "F": "ℱ", "H": "ℋ", "I": "ℐ", "L": "ℒ", "M": "ℳ", "R": "ℛ", "e": "ℯ",
      "g": "ℊ", "o": "ℴ",
    ])
  static let fraktur = MathAlphabet(
    capitals: 0x1D504, small: 0x1D51E,
    exceptions: ["C": "ℭ", "H": "ℌ", "I": "ℑ", "R": "ℜ", "Z": "ℨ"])
  static let monospace = MathAlphabet(capitals: 0x1D670, small: 0x1D68A, digits: 0x1D7F6)

  /// The commands of TeX that set letters in an alphabet.
  static let commands: [String: MathAlphabet] = [
    "mathbf": bold, "mathbb": blackboard, "mathbbm": blackboard, "mathcal": script,
    "mathscr": script, "mathfrak": fraktur, "mathtt": monospace, "texttt": monospace,
  ]

  /// `text` in this alphabet; what it lacks stays as it is.
  func applied(to text: String) -> String {
    var output = String.UnicodeScalarView()
    for scalar in text.unicodeScalars { output.append(letter(scalar)) }
    return String(output)
  }

  /// The text between the tags of `markup` in this alphabet.
  func applied(toMarkup markup: String) -> String {
    var output = String.UnicodeScalarView()
    var isOutside = true
    for scalar in markup.unicodeScalars {
      if scalar == "<" || scalar == "&" { isOutside = false }
      output.append(isOutside ? letter(scalar) : scalar)
      if scalar == ">" || scalar == ";" { isOutside = true }
    }
    return String(output)
  }

  private func letter(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    if let exception = exceptions[scalar] { return exception }
    let code: UInt32? =
      switch scalar {
      case "A"..."Z": capitals + scalar.value - 0x41
      case "a"..."z": small + scalar.value - 0x61
      case "0"..."9": digits.map { $0 + scalar.value - 0x30 }
      case "Α"..."Ω": greek.map { $0.capitals + scalar.value - 0x391 }
      case "α"..."ω": greek.map { $0.small + scalar.value - 0x3B1 }
      default: nil
      }
    return code.flatMap(Unicode.Scalar.init) ?? scalar
  }
}
