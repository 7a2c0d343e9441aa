package import Plotting

/// Scene to SVG: text as glyph outlines that are stored once and used, presentation attributes only (no style, no
/// script, nothing from outside), every id made of the figure's name and content, so that figures inlined into one page
/// never share one. The same scene gives the same text.
package struct SVGRenderer: Sendable {
  private let fonts: FontSet

  package init(fonts: FontSet) { self.fonts = fonts }

  /// The file's bytes, UTF-8. Throws `PlottingError.font` where a glyph's outline cannot be read.
  package func render(_ scene: Scene) throws -> [UInt8] {
    var writer = SVGWriter(fonts: fonts)
    for item in scene.items { writer.add(item) }
    let body = try writer.definitions() + writer.body
    let id = Array("g\(contentHash(scene.name, body))-".utf8)
    let coordinate = SVGNumber(precision: 100)
    // Print scenes are written in points and shown at their true size.
    let suffix = scene.unit == .point ? "pt" : ""
    let (w, h) = (coordinate.text(scene.width), coordinate.text(scene.height))
    let head = """
      <svg xmlns="http://www.w3.org/2000/svg" width="\(w)\(suffix)" height="\(h)\(suffix)" \
      viewBox="0 0 \(w) \(h)" role="img" aria-label="\(escaped(scene.description))">
      <path d="M0 0h\(w)v\(h)h-\(w)z" fill="\(scene.background)"/>

      """
    var bytes = Array(head.utf8)
    bytes.reserveCapacity(bytes.count + body.count + body.count / 4)
    for byte in body {
      if byte == SVGWriter.placeholder { bytes += id } else { bytes.append(byte) }
    }
    bytes += "</svg>\n".utf8
    return bytes
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

/// Ten hexadecimal digits of FNV-1a over name and content: names files' parts, protects nothing.
func contentHash(_ name: String, _ content: [UInt8]) -> String {
  var hash: UInt64 = 0xcbf2_9ce4_8422_2325
  func add(_ byte: UInt8) {
    hash ^= UInt64(byte)
    hash = hash &* 0x100_0000_01b3
  }
  for byte in name.utf8 { add(byte) }
  add(0x0A)
  for byte in content { add(byte) }
  let digits = String(hash >> 24, radix: 16)
  return String(repeating: "0", count: 10 - digits.count) + digits
}
