/// Fixed-point numbers in the shortest form that SVG reads: one decimal, no leading zero.
struct SVGNumber {
  /// Units in a whole, a power of ten: 10 for tenths, 1 for whole numbers.
  let precision: Int

  func units(_ v: Double) -> Int { Int((v * Double(precision)).rounded()) }

  func text(_ v: Double) -> String {
    var bytes: [UInt8] = []
    append(units(v), to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Appends so many units.
  func append(_ units: Int, to bytes: inout [UInt8]) {
    if units < 0 { bytes.append(UInt8(ascii: "-")) }
    let size = units.magnitude
    let (whole, rest) = size.quotientAndRemainder(dividingBy: UInt(precision))
    if whole > 0 || rest == 0 { Self.appendDigits(whole, to: &bytes) }
    guard rest > 0 else { return }
    bytes.append(UInt8(ascii: "."))
    var (left, unit) = (rest, UInt(precision) / 10)
    // Digits until nothing is left: no zeros at the end.
    while left > 0, unit > 0 {
      bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: left / unit))
      left %= unit
      unit /= 10
    }
  }

  private static func appendDigits(_ value: UInt, to bytes: inout [UInt8]) {
    if value >= 10 { appendDigits(value / 10, to: &bytes) }
    bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value % 10))
  }
}
