import Foundation

/// A label as it can be drawn: one line, composed characters, no control characters, no bidirectional overrides.
func printable(_ label: String) -> String {
  var result = String.UnicodeScalarView()
  for scalar in label.precomposedStringWithCanonicalMapping.unicodeScalars {
    switch scalar.properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator: result.append(" ")
    case .format, .surrogate: continue
    default: result.append(scalar)
    }
  }
  return String(result)
}

/// `label` cut in its middle until it fits `width`: run names differ at their ends more often than within.
func elided(_ label: String, width: Double, measure: (String) -> Double) -> String {
  if measure(label) <= width { return label }
  let characters = Array(label)
  var (low, high) = (0, characters.count)
  while low < high {
    let keep = (low + high + 1) / 2
    if measure(cut(characters, keeping: keep)) <= width { low = keep } else { high = keep - 1 }
  }
  return cut(characters, keeping: low)
}

private func cut(_ characters: [Character], keeping count: Int) -> String {
  let head = (count + 1) / 2
  return String(characters.prefix(head)) + "…" + String(characters.suffix(count - head))
}

/// The labels cut to `width` such that different ones stay different: where cutting in the middle would make two
/// alike, what all of them share at the start is cut instead, then at the end; else they are numbered.
func elidedDistinctly(_ labels: [String], width: Double, measure: (String) -> Double) -> [String] {
  let plain = labels.map { elided($0, width: width, measure: measure) }
  let different = Set(labels).count
  if Set(plain).count == different { return plain }
  let prefix = labels.dropFirst().reduce(labels.first ?? "") { $0.commonPrefix(with: $1) }.count
  let tails = labels.map { label in
    measure(label) <= width
      ? label : elided("…" + String(label.dropFirst(prefix)), width: width, measure: measure)
  }
  if Set(tails).count == different { return tails }
  let order = Dictionary(
    labels.enumerated().map { ($0.element, $0.offset + 1) }, uniquingKeysWith: { a, _ in a })
  return labels.map { label in
    let mark = "\(order[label] ?? 0) "
    return mark + elided(label, width: width - measure(mark), measure: measure)
  }
}

/// `text` broken at spaces into lines of at most `width`. A word that is wider alone is broken at its no-break spaces,
/// with `hyphens` also behind hyphens and underscores; what is still too wide is cut.
func wrapped(
  _ text: String, width: Double, hyphens: Bool = false, measure: (String) -> Double
) -> [String] {
  var lines: [String] = []
  var line = ""
  func add(_ piece: String, after space: String) {
    let longer = line.isEmpty ? piece : line + space + piece
    if measure(longer) <= width {
      line = longer
    } else {
      if !line.isEmpty { lines.append(line) }
      line = elided(piece, width: width, measure: measure)
    }
  }
  for word in text.split(separator: " ") {
    if measure(String(word)) <= width {
      add(String(word), after: " ")
      continue
    }
    var space = " "
    for part in word.split(separator: "\u{A0}") {
      for piece in hyphens ? hyphenated(part) : [String(part)] {
        add(piece, after: space)
        space = ""
      }
      space = "\u{A0}"
    }
  }
  if !line.isEmpty { lines.append(line) }
  return lines
}

/// The parts of a name, each with the hyphen or underscore that ends it.
private func hyphenated(_ word: Substring) -> [String] {
  var parts = [""]
  for character in word {
    parts[parts.count - 1].append(character)
    if character == "-" || character == "_" { parts.append("") }
  }
  return parts.filter { !$0.isEmpty }
}
