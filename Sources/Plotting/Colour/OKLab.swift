import Foundation

/// A colour in OKLab (Ottosson 2020), where Euclidean distance is close to seen difference.
package struct OKLab: Sendable, Hashable {
  package var lightness: Double
  package var a: Double
  package var b: Double

  package init(lightness: Double, a: Double, b: Double) {
    self.lightness = lightness
    self.a = a
    self.b = b
  }

  package init(_ colour: RGB) {
    let c = colour.linear
    self.init(linear: c.red, c.green, c.blue)
  }

  package init(linear r: Double, _ g: Double, _ b: Double) {
    let l = cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
    let m = cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
    let s = cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
    self.init(
      lightness: 0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s,
      a: 1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
      b: 0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s)
  }

  package var rgb: RGB {
    let l = cubed(lightness + 0.3963377774 * a + 0.2158037573 * b)
    let m = cubed(lightness - 0.1055613458 * a - 0.0638541728 * b)
    let s = cubed(lightness - 0.0894841775 * a - 1.2914855480 * b)
    return RGB(
      linear: 4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
      -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
      -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s)
  }

  /// The colour a share `t` of the way to `other`.
  package func mixed(_ other: OKLab, _ t: Double) -> OKLab {
    OKLab(
      lightness: lightness + (other.lightness - lightness) * t, a: a + (other.a - a) * t,
      b: b + (other.b - b) * t)
  }

  package func distance(to other: OKLab) -> Double {
    let (dl, da, db) = (lightness - other.lightness, a - other.a, b - other.b)
    return (dl * dl + da * da + db * db).squareRoot()
  }
}

private func cubed(_ x: Double) -> Double { x * x * x }
