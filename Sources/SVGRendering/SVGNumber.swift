/// Fixed-point numbers in the shortest form that SVG reads: one decimal, no leading zero.
struct SVGNumber {
  /// Units in a whole: 10 for tenths, 1 for whole numbers.
  let precision: Int

  func units(_ v: Double) -> Int { Int((v * Double(precision)).rounded()) }

  func text(_ units: Int) -> String {
    let (whole, rest) = (abs(units) / precision, abs(units) % precision)
    let sign = units < 0 ? "-" : ""
    if rest == 0 { return sign + String(whole) }
    var digits = String(rest)
    digits = String(repeating: "0", count: String(precision).count - 1 - digits.count) + digits
    while digits.hasSuffix("0") { digits.removeLast() }
    return sign + (whole == 0 ? "" : String(whole)) + "." + digits
  }

  func text(_ v: Double) -> String { text(units(v)) }
}

/// Appends numbers with a space only where it separates.
extension String {
  mutating func appendNumber(_ number: String, first: Bool) {
    if !first, !number.hasPrefix("-") { append(" ") }
    append(number)
  }
}
