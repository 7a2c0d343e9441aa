/// Unicode's normalisation form C (UAX 15), in time linear in the text but for the sorting of long
/// runs of combining marks.
///
/// The tables are those of Unicode 9.0, which the reference library normalises by: characters that
/// came later stay as they are, so that ids are the same.
enum CanonicalComposition {
  /// `text` in form C. UTF-8 in, UTF-8 out.
  static func normalised(_ text: [UInt8]) -> [UInt8] {
    // Everything below U+0300 is in form C: no lead byte from 0xCC on.
    guard text.contains(where: { $0 >= 0xCC }) else { return text }
    var scalars: [Unicode.Scalar] = []
    scalars.reserveCapacity(text.count)
    for scalar in String(decoding: text, as: UTF8.self).unicodeScalars {
      decompose(scalar, into: &scalars)
    }
    order(&scalars)
    compose(&scalars)
    var result = String.UnicodeScalarView()
    result.append(contentsOf: scalars)
    return Array(String(result).utf8)
  }

  /// The tables' version; a character that is younger has no class and no decomposition.
  private static let latestMajor = 9

  private static func combiningClass(_ scalar: Unicode.Scalar) -> UInt8 {
    guard scalar.value >= 0x300 else { return 0 }
    let properties = scalar.properties
    let rank = properties.canonicalCombiningClass.rawValue
    guard rank != 0, let age = properties.age, age.major <= latestMajor else { return 0 }
    return rank
  }

  private static func decompose(_ scalar: Unicode.Scalar, into scalars: inout [Unicode.Scalar]) {
    guard scalar.value >= 0xC0 else { return scalars.append(scalar) }
    let syllable = scalar.value &- Hangul.syllables
    if syllable < Hangul.count {
      scalars.append(Hangul.scalar(Hangul.leading + syllable / Hangul.perLeading))
      scalars.append(
        Hangul.scalar(Hangul.vowels + syllable % Hangul.perLeading / Hangul.perVowel))
      let trailing = syllable % Hangul.perVowel
      if trailing > 0 { scalars.append(Hangul.scalar(Hangul.trailing + trailing)) }
      return
    }
    guard let parts = tables.decompositions[scalar] else { return scalars.append(scalar) }
    decompose(parts.first, into: &scalars)
    if let second = parts.second { decompose(second, into: &scalars) }
  }

  /// Puts each run of combining marks into the order of their classes, equals as they stand.
  private static func order(_ scalars: inout [Unicode.Scalar]) {
    var start = 0
    while start < scalars.count {
      guard combiningClass(scalars[start]) != 0 else {
        start += 1
        continue
      }
      var run: [(rank: UInt8, place: Int)] = []
      while start + run.count < scalars.count {
        let rank = combiningClass(scalars[start + run.count])
        guard rank != 0 else { break }
        run.append((rank, start + run.count))
      }
      if run.count > 1 {
        let sorted = run.sorted { ($0.rank, $0.place) < ($1.rank, $1.place) }
        let marks = sorted.map { scalars[$0.place] }
        scalars.replaceSubrange(start..<start + run.count, with: marks)
      }
      start += run.count
    }
  }

  /// Puts pairs together that compose and have nothing of the same or a higher class between them.
  private static func compose(_ scalars: inout [Unicode.Scalar]) {
    var composed: [Unicode.Scalar] = []
    composed.reserveCapacity(scalars.count)
    var starter: Int?
    var lastClass: UInt8 = 0
    for scalar in scalars {
      let rank = combiningClass(scalar)
      if let place = starter, lastClass == 0 ? place == composed.count - 1 : lastClass < rank,
        let whole = composition(composed[place], scalar)
      {
        composed[place] = whole
        continue
      }
      if rank == 0 { starter = composed.count }
      lastClass = rank
      composed.append(scalar)
    }
    scalars = composed
  }

  private static func composition(_ a: Unicode.Scalar, _ b: Unicode.Scalar) -> Unicode.Scalar? {
    let leading = a.value &- Hangul.leading
    let vowel = b.value &- Hangul.vowels
    if leading < 19, vowel < 21 {
      return Hangul.scalar(Hangul.syllables + (leading * 21 + vowel) * Hangul.perVowel)
    }
    let syllable = a.value &- Hangul.syllables
    if syllable < Hangul.count, syllable % Hangul.perVowel == 0 {
      let trailing = b.value &- Hangul.trailing
      if (1..<Hangul.perVowel).contains(trailing) { return Hangul.scalar(a.value + trailing) }
    }
    return tables.compositions[Pair(first: a, second: b)]
  }

  private enum Hangul {
    static let (syllables, leading, vowels, trailing): (UInt32, UInt32, UInt32, UInt32) = (
      0xAC00, 0x1100, 0x1161, 0x11A7
    )
    static let (count, perLeading, perVowel): (UInt32, UInt32, UInt32) = (11_172, 588, 28)

    static func scalar(_ value: UInt32) -> Unicode.Scalar { Unicode.Scalar(value) ?? "\u{FFFD}" }
  }

  private struct Pair: Hashable {
    let first: Unicode.Scalar
    let second: Unicode.Scalar
  }

  private struct Tables: Sendable {
    var decompositions: [Unicode.Scalar: (first: Unicode.Scalar, second: Unicode.Scalar?)] = [:]
    var compositions: [Pair: Unicode.Scalar] = [:]
  }

  private static let tables: Tables = {
    var tables = Tables()
    for entry in table.split(whereSeparator: \.isWhitespace) {
      guard let mark = entry.firstIndex(where: { $0 == "=" || $0 == ">" }),
        let whole = scalar(entry[..<mark])
      else { preconditionFailure("the table of decompositions: \(entry)") }
      let parts = entry[entry.index(after: mark)...].split(separator: "+").compactMap(scalar)
      guard let age = whole.properties.age, age.major <= latestMajor else { continue }
      tables.decompositions[whole] = (parts[0], parts.count > 1 ? parts[1] : nil)
      if entry[mark] == "=" { tables.compositions[Pair(first: parts[0], second: parts[1])] = whole }
    }
    return tables
  }()

  private static func scalar(_ hexadecimal: Substring) -> Unicode.Scalar? {
    UInt32(hexadecimal, radix: 16).flatMap { Unicode.Scalar($0) }
  }
}
