import Foundation

/// How the numbers on an axis are written.
package enum NumberFormat: Sendable, Hashable, Encodable {
  /// As many decimals as the ticks need: 0.955, −0.5.
  case plain
  /// Whole per cents: 20 %.
  case percent
  /// Steps, tokens, parameters: 512, 1k, 143k, 2.8B.
  case short
  /// Powers of ten: 10⁻³.
  case power
}

/// `value` with a fixed number of decimals, a true minus sign, never "−0".
package func fixed(_ value: Double, _ decimals: Int) -> String {
  guard value.isFinite else { return "–" }
  let text = String(format: "%.\(max(0, min(decimals, 17)))f", abs(value))
  let isZero = !text.contains { $0 != "0" && $0 != "." }
  return value < 0 && !isZero ? "−" + text : text
}

/// `value` with up to `decimals` decimals, without zeros at the end.
func trimmed(_ value: Double, _ decimals: Int) -> String {
  var text = fixed(value, decimals)
  guard text.contains(".") else { return text }
  while text.hasSuffix("0") { text.removeLast() }
  if text.hasSuffix(".") { text.removeLast() }
  return text
}

/// 0, 512, 1k, 1.5k, 143k, 2.8B: short where that is exact to three digits, else with thin spaces left out: 1,234.
package func shortNumber(_ value: Double) -> String {
  let size = abs(value)
  for (unit, letter) in [(1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k")] where size >= unit {
    let scaled = value / unit
    for decimals in 0...2 {
      let rounded = (scaled * pow(10, Double(decimals))).rounded() / pow(10, Double(decimals))
      if abs(rounded - scaled) <= 1e-9 * abs(scaled) { return trimmed(scaled, decimals) + letter }
    }
    if size < 1e5 { return grouped(value) }
    return trimmed(scaled, abs(scaled) < 10 ? 2 : abs(scaled) < 100 ? 1 : 0) + letter
  }
  return trimmed(value, size >= 100 ? 0 : size >= 1 ? 1 : 3)
}

/// 143,000: a whole number with its thousands apart.
package func grouped(_ value: Double) -> String {
  let digits = Array(fixed(abs(value.rounded()), 0))
  var text = ""
  for (i, digit) in digits.enumerated() {
    if i > 0, (digits.count - i).isMultiple(of: 3) { text.append(",") }
    text.append(digit)
  }
  return value.rounded() < 0 ? "−" + text : text
}

/// Ten to the power `exponent`, with raised digits.
func powerOfTen(_ exponent: Int) -> String {
  if exponent == 0 { return "1" }
  if exponent == 1 { return "10" }
  let raised = Array("⁰¹²³⁴⁵⁶⁷⁸⁹")
  let digits = String(abs(exponent)).compactMap { $0.wholeNumberValue.map { raised[$0] } }
  return "10" + (exponent < 0 ? "⁻" : "") + String(digits)
}
