/// A pattern of a user's own for the names of steps: `stage1-step{step}-tokens{tokens}B`.
///
/// `{step}` stands for the step's digits and occurs once; `{tokens}` for a number of tokens, with a
/// suffix K, M, B or T behind it or not; `*` for anything. All else stands for itself.
package struct StepPattern: Sendable, Equatable {
  private enum Part: Equatable {
    case text([UInt8])
    case step, tokens, anything
  }

  package let text: String
  private let parts: [Part]

  /// The pattern in `text`; `nil` unless `{step}` occurs exactly once and `{tokens}` at most once.
  package init?(_ text: String) {
    self.text = text
    var parts: [Part] = []
    var rest = text[...]
    while !rest.isEmpty {
      if rest.hasPrefix("{step}") {
        parts.append(.step)
        rest = rest.dropFirst(6)
      } else if rest.hasPrefix("{tokens}") {
        parts.append(.tokens)
        rest = rest.dropFirst(8)
      } else if rest.hasPrefix("*") {
        if parts.last != .anything { parts.append(.anything) }
        rest = rest.dropFirst()
      } else {
        let plain = rest.prefix { $0 != "*" && $0 != "{" }
        // A brace of no placeholder is a character like others, but most likely a mistake.
        guard !plain.isEmpty else { return nil }
        parts.append(.text(Array(plain.utf8)))
        rest = rest.dropFirst(plain.count)
      }
    }
    guard parts.count(where: { $0 == .step }) == 1, parts.count(where: { $0 == .tokens }) <= 1,
      parts.count(where: { $0 == .anything }) <= 3
    else { return nil }
    self.parts = parts
  }

  /// Step and tokens of `name`; `nil` where it is of another form.
  package func match(_ name: String) -> (step: Int, tokens: Double?)? {
    let bytes = Array(name.utf8)
    guard bytes.count <= 255 else { return nil }
    return match(parts[...], bytes[...])
  }

  private func match(
    _ parts: ArraySlice<Part>, _ rest: ArraySlice<UInt8>
  ) -> (step: Int, tokens: Double?)? {
    guard let part = parts.first else { return rest.isEmpty ? (-1, nil) : nil }
    let later = parts.dropFirst()
    switch part {
    case .text(let text):
      return rest.starts(with: text) ? match(later, rest.dropFirst(text.count)) : nil
    case .anything:
      for count in 0...rest.count {
        if let found = match(later, rest.dropFirst(count)) { return found }
      }
      return nil
    case .step:
      let digits = rest.prefix { (0x30...0x39).contains($0) }
      guard (1...18).contains(digits.count),
        let step = Int(String(decoding: digits, as: UTF8.self)),
        let found = match(later, rest.dropFirst(digits.count))
      else { return nil }
      return (step, found.tokens)
    case .tokens:
      let digits = rest.prefix { (0x30...0x39).contains($0) || $0 == 0x2E }
      guard (1...18).contains(digits.count),
        let number = Double(String(decoding: digits, as: UTF8.self)),
        let found = match(later, rest.dropFirst(digits.count))
      else { return nil }
      return (found.step, number * Self.unit(rest.dropFirst(digits.count).first))
    }
  }

  private static func unit(_ letter: UInt8?) -> Double {
    switch letter {
    case UInt8(ascii: "K"): 1e3
    case UInt8(ascii: "M"): 1e6
    case UInt8(ascii: "B"): 1e9
    case UInt8(ascii: "T"): 1e12
    default: 1
    }
  }
}
