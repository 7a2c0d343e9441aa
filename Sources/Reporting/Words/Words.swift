import Dynamics

/// Numbers as the report writes them: a true minus, thousands by comma, one precision a place.
enum Words {
  static let minus = "\u{2212}"
  /// What stands in a table where there is nothing.
  static let nothing = "–"

  /// `value` with `decimals` places and a typographic minus; "–" where it is not finite.
  static func number(_ value: Double?, decimals: Int = 2) -> String {
    guard let value, value.isFinite else { return nothing }
    let digits = fixed(value.magnitude, decimals: decimals)
    let isZero = !digits.contains { $0 != "0" && $0 != "." }
    return (value < 0 && !isZero ? minus : "") + digits
  }

  /// The number with its sign; zero has none.
  static func signed(_ value: Double?, decimals: Int = 2) -> String {
    let text = number(value, decimals: decimals)
    guard let value, value > 0, text.contains(where: { ("1"..."9").contains($0) }) else {
      return text
    }
    return "+" + text
  }

  /// `[−0.03, 0.28]`; empty where an end is missing.
  static func interval(_ lower: Double?, _ upper: Double?, decimals: Int = 2) -> String {
    guard let lower, let upper, lower.isFinite, upper.isFinite else { return "" }
    return "[\(number(lower, decimals: decimals)), \(number(upper, decimals: decimals))]"
  }

  /// An effect with its interval, both in the number of places that keeps an end from reading 0.00.
  static func effect(_ value: Double?, _ lower: Double?, _ upper: Double?) -> String {
    let decimals = places([value, lower, upper])
    let bounds = interval(lower, upper, decimals: decimals)
    return signed(value, decimals: decimals) + (bounds.isEmpty ? "" : " " + bounds)
  }

  /// A p or q as APA writes it: `.037`, `< .001`; "–" where there is none.
  static func probability(_ value: Double?) -> String {
    value.map(Wording.probability) ?? nothing
  }

  /// Two places, three where a value that is not zero would round to 0.00, four where also to 0.000.
  static func places(_ values: [Double?]) -> Int {
    let magnitudes = values.compactMap { $0 }.filter { $0.isFinite && $0 != 0 }.map(\.magnitude)
    guard let smallest = magnitudes.min() else { return 2 }
    return smallest >= 0.005 ? 2 : smallest >= 0.0005 ? 3 : 4
  }

  /// A share as a percentage: `17 %`, with a narrow no-break space.
  static func percent(_ share: Double?) -> String {
    guard let share, share.isFinite else { return nothing }
    return number(share * 100, decimals: 0) + "\u{202F}%"
  }

  /// `143,000`.
  static func count(_ value: Int) -> String {
    let digits = String(value.magnitude)
    var text = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { text += "," }
      text.append(digit)
    }
    return (value < 0 ? minus : "") + text
  }

  static func count(_ value: Int?) -> String { value.map { count($0) } ?? nothing }

  /// A model's size as it is spoken of: `724k`, `70M`, `1.4B`.
  static func parameters(_ count: Int) -> String {
    for (unit, name) in [(1e9, "B"), (1e6, "M"), (1e3, "k")] where Double(count) >= unit * 0.9995 {
      let scaled = Double(count) / unit
      let text = fixed(scaled, decimals: scaled < 9.95 ? 1 : 0)
      return (text.hasSuffix(".0") ? String(text.dropLast(2)) : text) + name
    }
    return String(count)
  }

  /// `a`, `a and b`, `a, b and c`.
  static func list(_ parts: [String]) -> String {
    guard parts.count > 1, let last = parts.last else { return parts.first ?? "" }
    return parts.dropLast().joined(separator: ", ") + " and " + last
  }

  /// `1 layer`, `24 layers`.
  static func counted(_ value: Int, _ noun: String, plural: String? = nil) -> String {
    "\(count(value)) \(value == 1 ? noun : plural ?? noun + "s")"
  }

  /// A small number as a word, for the start of a sentence.
  static func spelled(_ value: Int) -> String {
    let words = [
      "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
      "eleven", "twelve",
    ]
    return words.indices.contains(value) ? words[value] : count(value)
  }

  /// `text` with its first letter in upper case.
  static func capitalized(_ text: String) -> String {
    // A symbol such as ρ stays as it is: its capital is another letter to the eye.
    guard let first = text.first, first.isASCII else { return text }
    return first.uppercased() + text.dropFirst()
  }

  /// Decimal places without a library: rounds half away from zero on the shortest form that reads
  /// back as `value`, so that 0.285 reads 0.29 on every platform.
  private static func fixed(_ value: Double, decimals: Int) -> String {
    guard value < 1e15 else { return value.description }
    var scale = 1.0
    for _ in 0..<decimals { scale *= 10 }
    // A hair above the exact product mends 0.285 · 100 = 28.499999999999996.
    let scaled = (value * scale * (1 + 4 * Double.ulpOfOne)).rounded()
    guard scaled < 9e15 else { return value.description }
    let whole = Int64(scaled)
    guard decimals > 0 else { return grouped(whole) }
    let digits = String(whole)
    let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
    let integral = padded.dropLast(decimals)
    return grouped(Int64(integral) ?? 0) + "." + padded.suffix(decimals)
  }

  private static func grouped(_ value: Int64) -> String {
    value < 10_000 ? String(value) : count(Int(value))
  }
}

extension Words {
  /// `text` with its first letter in lower case, unless the word is an abbreviation.
  static func lowercased(_ text: String) -> String {
    guard let second = text.dropFirst().first, !second.isUppercase else { return text }
    return text.prefix(1).lowercased() + text.dropFirst()
  }
}
