/// Words in messages: quoting what a user wrote and finding what they may have meant.
package enum Spelling {
  /// The word in quotes, control characters made visible, cut to 120 characters.
  static func quoted(_ word: String) -> String {
    var visible = ""
    for scalar in word.unicodeScalars.prefix(120) {
      visible += isUnprintable(scalar) ? escaped(scalar) : String(scalar)
    }
    return "\"\(visible)\(word.unicodeScalars.count > 120 ? "…" : "")\""
  }

  /// The text on one line with control characters made visible, so that a name from a file cannot
  /// steer a terminal; unlike `quoted`, nothing is cut.
  package static func inert(_ text: String) -> String {
    if text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) { return text }
    guard text.unicodeScalars.contains(where: isUnprintable) else { return text }
    var visible = ""
    for scalar in text.unicodeScalars {
      visible += isUnprintable(scalar) ? escaped(scalar) : String(scalar)
    }
    return visible
  }

  /// Control characters, and the marks that turn the direction of text around.
  private static func isUnprintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator, .format: true
    default: false
    }
  }

  private static func escaped(_ scalar: Unicode.Scalar) -> String {
    "\\u{\(String(scalar.value, radix: 16))}"
  }

  /// The known word closest to `word`, if at most two edits and less than half of it apart.
  static func nearest(_ word: String, among known: [String]) -> String? {
    let candidates = known.map { ($0, distance(word, $0)) }
    guard let best = candidates.min(by: { $0.1 < $1.1 }) else { return nil }
    return best.1 <= 2 && best.1 * 2 < max(word.count, best.0.count) + 1 ? best.0 : nil
  }

  /// Insertions, deletions and substitutions that turn `a` into `b` (Levenshtein 1966).
  static func distance(_ a: String, _ b: String) -> Int {
    let (first, second) = (Array(a.lowercased().prefix(64)), Array(b.lowercased().prefix(64)))
    var previous = Array(0...second.count)
    for (row, character) in first.enumerated() {
      var current = [row + 1]
      for (column, other) in second.enumerated() {
        current.append(
          min(
            previous[column] + (character == other ? 0 : 1), previous[column + 1] + 1,
            current[column] + 1))
      }
      previous = current
    }
    return previous[second.count]
  }
}
