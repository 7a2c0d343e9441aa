import Foundation

/// How numbers stand in generated sentences: a typographic minus, two decimals, three where an end
/// would round to 0.00 (the same in every locale).
package enum Wording {
  package static let minus = "\u{2212}"
  /// Stands where a number is missing.
  package static let nothing = "\u{2013}"

  /// `−0.03`, `0.58`, `0.004`.
  package static func number(_ value: Double, decimals: Int? = nil) -> String {
    guard value.isFinite else { return value.isNaN ? nothing : value > 0 ? "∞" : minus + "∞" }
    let places = decimals ?? Self.decimals([value])
    let digits = fixed(abs(value), places)
    let isZero = digits.allSatisfy { $0 == "0" || $0 == "." }
    return value < 0 && !isZero ? minus + digits : digits
  }

  /// As `number` with `+` before a positive value.
  package static func signed(_ value: Double, decimals: Int? = nil) -> String {
    let text = number(value, decimals: decimals)
    let isZero = text.allSatisfy { $0 == "0" || $0 == "." }
    return value > 0 && !isZero ? "+" + text : text
  }

  /// A p or q as APA writes it: `.037`, `< .001`; a fourth place where three would hide on which side of
  /// .05 it lies.
  package static func probability(_ value: Double) -> String {
    guard value.isFinite else { return nothing }
    if value < 0.001 { return "< .001" }
    let hides = value > 0.05 && value < 0.0505
    let digits = fixed(min(value, 1), hides ? value < 0.05005 ? 6 : 4 : 3)
    return digits.hasPrefix("0") ? String(digits.dropFirst()) : digits
  }

  /// `[−0.03, 0.28]`; three decimals where an end would round to 0.00.
  package static func interval(_ lower: Double, _ upper: Double) -> String {
    let places = decimals([lower, upper])
    return "[\(number(lower, decimals: places)), \(number(upper, decimals: places))]"
  }

  /// `20 %` with a narrow no-break space; a share in [0, 1].
  package static func percent(_ share: Double) -> String {
    number(100 * share, decimals: 0) + "\u{202F}%"
  }

  /// `143,000`.
  package static func count(_ value: Int) -> String {
    let digits = Array(String(abs(value)))
    var text = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { text += "," }
      text.append(digit)
    }
    return value < 0 ? minus + text : text
  }

  /// `1 run`, `5 runs`.
  package static func count(_ value: Int, _ noun: String) -> String {
    "\(count(value)) \(value == 1 ? noun : noun + "s")"
  }

  /// `a`, `a and b`, `a, b and c`.
  package static func list(_ items: [String], joiner: String = "and") -> String {
    guard items.count > 1, let last = items.last else { return items.first ?? "" }
    return items.dropLast().joined(separator: ", ") + " \(joiner) " + last
  }

  /// Two, or as many more as keep a number that is not 0 from looking like it, up to six.
  static func decimals(_ values: [Double]) -> Int {
    let sizes = values.map { abs($0) }.filter { $0 > 0 && $0.isFinite }
    guard let least = sizes.min() else { return 2 }
    return (2...6).first { least >= 0.5 * pow(10, -Double($0)) } ?? 6
  }

  private static func fixed(_ value: Double, _ places: Int) -> String {
    // Beyond this no sentence shows decimals, and the rounding below would overflow.
    guard value < 1e9 else { return String(format: "%.3g", value) }
    let scale = pow(10, Double(places))
    let scaled = Int64((value * scale).rounded())
    guard places > 0 else { return count(Int(scaled)) }
    let whole = scaled / Int64(scale)
    let rest = String(scaled % Int64(scale))
    return count(Int(whole)) + "." + String(repeating: "0", count: places - rest.count) + rest
  }
}
