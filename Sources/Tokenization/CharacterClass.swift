/// What the pre-tokenisers' patterns ask of a character.
///
/// Letters and numbers are those of the Unicode version that the reference library's regular
/// expressions know (Oniguruma: 16.0), so that a newer toolchain gives the same ids.
enum CharacterClass: Sendable {
  case letter, number, space, other

  /// Unicode 16.0, of Oniguruma in tokenizers 0.23.
  private static let patternVersion = Unicode.Version(major: 16, minor: 0)

  init(_ scalar: Unicode.Scalar) {
    if scalar.value < 0x80 {
      switch scalar.value {
      case 0x41...0x5A, 0x61...0x7A: self = .letter
      case 0x30...0x39: self = .number
      case 0x20, 0x09...0x0D: self = .space
      default: self = .other
      }
      return
    }
    let properties = scalar.properties
    switch properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
      self = Self.isKnown(properties) ? .letter : .other
    case .decimalNumber, .letterNumber, .otherNumber:
      self = Self.isKnown(properties) ? .number : .other
    default: self = properties.isWhitespace ? .space : .other
    }
  }

  private static func isKnown(_ properties: Unicode.Scalar.Properties) -> Bool {
    guard let age = properties.age else { return false }
    return age.major <= patternVersion.major
  }

  /// Whether the pre-tokeniser `Digits` counts `scalar`: any number, of every Unicode version.
  static func isDigit(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.value < 0x80 { return (0x30...0x39).contains(scalar.value) }
    switch scalar.properties.generalCategory {
    case .decimalNumber, .letterNumber, .otherNumber: return true
    default: return false
    }
  }

  /// Whether `scalar` is a word character (`\w` of UTS 18), which an added token with `single_word`
  /// must not touch.
  static func isWord(_ scalar: Unicode.Scalar) -> Bool {
    let properties = scalar.properties
    if properties.isAlphabetic || properties.isJoinControl { return true }
    switch properties.generalCategory {
    case .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber, .connectorPunctuation:
      return true
    default: return false
    }
  }
}
