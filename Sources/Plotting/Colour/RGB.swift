import Foundation

/// An sRGB colour of three bytes.
package struct RGB: Sendable, Hashable, CustomStringConvertible {
  package var red: UInt8
  package var green: UInt8
  package var blue: UInt8

  package init(red: UInt8, green: UInt8, blue: UInt8) {
    self.red = red
    self.green = green
    self.blue = blue
  }

  /// From 0xRRGGBB.
  package init(_ hex: UInt32) {
    self.init(
      red: UInt8(truncatingIfNeeded: hex >> 16), green: UInt8(truncatingIfNeeded: hex >> 8),
      blue: UInt8(truncatingIfNeeded: hex))
  }

  /// `#rrggbb`.
  package var description: String {
    let value = UInt32(red) << 16 | UInt32(green) << 8 | UInt32(blue)
    let digits = String(value, radix: 16)
    return "#" + String(repeating: "0", count: 6 - digits.count) + digits
  }

  /// Linear-light components, each in 0 … 1.
  package var linear: (red: Double, green: Double, blue: Double) {
    (Self.linear(red), Self.linear(green), Self.linear(blue))
  }

  /// From linear-light components, clipped to the gamut and rounded to the nearest byte.
  package init(linear red: Double, _ green: Double, _ blue: Double) {
    self.init(red: Self.byte(red), green: Self.byte(green), blue: Self.byte(blue))
  }

  /// Relative luminance, WCAG 2.2.
  package var luminance: Double {
    let c = linear
    return 0.2126 * c.red + 0.7152 * c.green + 0.0722 * c.blue
  }

  /// WCAG 2.2 contrast ratio, 1 … 21.
  package func contrast(to other: RGB) -> Double {
    let (a, b) = (luminance, other.luminance)
    return (max(a, b) + 0.05) / (min(a, b) + 0.05)
  }

  private static func linear(_ byte: UInt8) -> Double {
    let v = Double(byte) / 255
    return v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4)
  }

  private static func byte(_ linear: Double) -> UInt8 {
    let x = min(1, max(0, linear))
    let v = x <= 0.0031308 ? 12.92 * x : 1.055 * pow(x, 1 / 2.4) - 0.055
    return UInt8((v * 255).rounded())
  }
}
