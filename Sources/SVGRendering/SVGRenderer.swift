package import Plotting

/// Scene to SVG: text as glyph outlines that are stored once and used, presentation attributes only (no style, no
/// script, nothing from outside), every id made of the figure's name and content, so that figures inlined into one page
/// never share one. The same scene gives the same text.
package struct SVGRenderer: Sendable {
  private let fonts: FontSet

  package init(fonts: FontSet) { self.fonts = fonts }

  /// Throws `PlottingError.font` where a glyph's outline cannot be read.
  package func render(_ scene: Scene) throws -> String {
    var writer = SVGWriter(fonts: fonts)
    for item in scene.items { writer.add(item) }
    let definitions = try writer.definitions()
    let body = definitions + writer.body
    let id = "g" + contentHash(scene.name + "\n" + body) + "-"
    let coordinate = SVGNumber(precision: 100)
    // Print scenes are written in points and shown at their true size.
    let suffix = scene.unit == .point ? "pt" : ""
    let (w, h) = (coordinate.text(scene.width), coordinate.text(scene.height))
    return """
      <svg xmlns="http://www.w3.org/2000/svg" width="\(w)\(suffix)" height="\(h)\(suffix)" \
      viewBox="0 0 \(w) \(h)" role="img" aria-label="\(escaped(scene.description))">
      <path d="M0 0h\(w)v\(h)h-\(w)z" fill="\(scene.background)"/>
      \(body.replacing(SVGWriter.placeholder, with: id))</svg>

      """
  }
}

extension String {
  /// Every `placeholder` replaced; the standard library alone has no such function.
  fileprivate func replacing(_ placeholder: Character, with text: String) -> String {
    var result = ""
    result.reserveCapacity(utf8.count + utf8.count / 4)
    for part in split(separator: placeholder, omittingEmptySubsequences: false).enumerated() {
      if part.offset > 0 { result += text }
      result += part.element
    }
    return result
  }
}

/// Text as it may stand in an attribute: markup escaped, characters that XML does not allow left out.
func escaped(_ text: String) -> String {
  var result = ""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "&": result += "&amp;"
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "\"": result += "&quot;"
    case "\n", "\t", "\r": result += " "
    default:
      let value = scalar.value
      if value < 0x20 || value == 0xfffe || value == 0xffff { continue }
      result.unicodeScalars.append(scalar)
    }
  }
  return result
}

/// Ten hexadecimal digits of FNV-1a over the text's UTF-8: names files' parts, protects nothing.
func contentHash(_ text: String) -> String {
  var hash: UInt64 = 0xcbf2_9ce4_8422_2325
  for byte in text.utf8 {
    hash ^= UInt64(byte)
    hash = hash &* 0x100_0000_01b3
  }
  let digits = String(hash >> 24, radix: 16)
  return String(repeating: "0", count: 10 - digits.count) + digits
}
