import Foundation

/// Numbers as a report writes them: `−` for minus, thin spaces where they belong, never a locale's.
package enum Format {
  /// Fixed decimals: `0.12`, `−1.50`; a value that rounds to zero has no sign; `–` if not finite.
  package static func number(_ value: Double, decimals: Int) -> String {
    guard value.isFinite else { return "–" }
    let text = String(format: "%.\(max(0, min(12, decimals)))f", abs(value))
    let isZero = text.utf8.allSatisfy { $0 == UInt8(ascii: "0") || $0 == UInt8(ascii: ".") }
    return value < 0 && !isZero ? "−" + text : text
  }

  /// With a sign in any case: `+0.12`, `−0.03`, `0.00`.
  package static func signed(_ value: Double, decimals: Int) -> String {
    let text = number(value, decimals: decimals)
    let positive = value > 0 && text.utf8.contains { (0x31...0x39).contains($0) }
    return positive ? "+" + text : text
  }

  /// `143,000`.
  package static func integer(_ value: Int) -> String {
    let digits = Array(String(value.magnitude))
    var output = value < 0 ? "−" : ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index).isMultiple(of: 3) { output += "," }
      output.append(digit)
    }
    return output
  }

  /// A share as per cent with a narrow no-break space: `20 %`.
  package static func percent(_ share: Double, decimals: Int = 0) -> String {
    let text = number(share * 100, decimals: decimals)
    return text == "–" ? text : text + "\u{202F}%"
  }

  /// `[−0.03, 0.28]`; with three decimals where an end would round to 0.00.
  package static func interval(_ lower: Double, _ upper: Double, decimals: Int = 2) -> String {
    let places = decimals + (isLost(lower, decimals) || isLost(upper, decimals) ? 1 : 0)
    return "[\(number(lower, decimals: places)), \(number(upper, decimals: places))]"
  }

  /// `1.2 MB`: thousands, one decimal below ten.
  package static func bytes(_ count: Int) -> String {
    if count < 1000 { return "\(count) B" }
    var value = Double(count) / 1000
    for unit in ["kB", "MB", "GB"] {
      if value < 9.95 { return "\(number(value, decimals: 1)) \(unit)" }
      if value < 999.5 || unit == "GB" { return "\(number(value, decimals: 0)) \(unit)" }
      value /= 1000
    }
    return "\(count) B"
  }

  private static func isLost(_ value: Double, _ decimals: Int) -> Bool {
    value != 0 && value.isFinite
      && number(abs(value), decimals: decimals).utf8.allSatisfy { $0 == 0x30 || $0 == 0x2E }
  }
}
