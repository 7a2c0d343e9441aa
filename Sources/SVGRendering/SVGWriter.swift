import Plotting

/// Writes items one after another, and remembers which glyphs they used.
struct SVGWriter {
  /// Stands for the id prefix, which depends on the content and is put in last. Never occurs in numbers, colours or names of elements.
  static let placeholder = UInt8(ascii: "@")

  private struct GlyphKey: Hashable {
    var face: Face
    var glyph: Int
  }

  private let fonts: FontSet
  private var glyphs: [GlyphKey: Int] = [:]
  private var order: [GlyphKey] = []
  private var clips: [Rect] = []
  private(set) var body: [UInt8] = []

  init(fonts: FontSet) { self.fonts = fonts }

  mutating func add(_ item: SceneItem) {
    switch item {
    case .rectangles(let rects, let fill, let crisp):
      guard !rects.isEmpty else { return }
      var path = SVGPathWriter(precision: crisp ? 10 : 100)
      for rect in rects { path.rectangle(rect) }
      write("<path d=\"", path.data, "\"\(attributes(fill))")
      write(crisp ? " shape-rendering=\"crispEdges\"/>\n" : "/>\n")
    case .cells(let cells, let crisp): add(cells, crisp: crisp)
    case .path(let shape, let fill, let stroke):
      var path = SVGPathWriter(precision: 10)
      for line in shape.lines {
        guard let first = line.first else { continue }
        path.move(first)
        for p in line.dropFirst() { path.line(p) }
        if shape.closed { path.close() }
      }
      guard !path.data.isEmpty else { return }
      write("<path d=\"", path.data, "\"\(attributes(fill))\(attributes(stroke))/>\n")
    case .circle(let centre, let radius, let fill, let stroke):
      let n = SVGNumber(precision: 100)
      write(
        "<circle cx=\"\(n.text(centre.x))\" cy=\"\(n.text(centre.y))\" r=\"\(n.text(radius))\"\(attributes(fill))\(attributes(stroke))/>\n"
      )
    case .text(let run): add(run)
    case .group(let clip, let items):
      guard !items.isEmpty else { return }
      let index = clips.firstIndex(of: clip) ?? clips.count
      if index == clips.count { clips.append(clip) }
      write("<g clip-path=\"url(#@c\(index))\">\n")
      for item in items { add(item) }
      write("</g>\n")
    }
  }

  /// One path a colour, in the order of first use.
  private mutating func add(_ cells: [ColourCell], crisp: Bool) {
    var index: [RGB: Int] = [:]
    var paths: [(colour: RGB, path: SVGPathWriter)] = []
    for cell in cells {
      let at = index[cell.colour] ?? paths.count
      if at == paths.count {
        index[cell.colour] = at
        paths.append((cell.colour, SVGPathWriter(precision: crisp ? 10 : 100)))
      }
      paths[at].path.rectangle(cell.rect)
    }
    for (colour, path) in paths {
      write("<path d=\"", path.data, "\" fill=\"\(colour)\" shape-rendering=\"crispEdges\"/>\n")
    }
  }

  private mutating func write(_ text: String) { body += text.utf8 }

  private mutating func write(_ before: String, _ data: [UInt8], _ after: String) {
    body += before.utf8
    body += data
    body += after.utf8
  }

  /// Outlines and clip rectangles, each once, in the order of first use.
  func definitions() throws -> [UInt8] {
    guard !order.isEmpty || !clips.isEmpty else { return [] }
    var text = Array("<defs>".utf8)
    for (i, key) in order.enumerated() {
      text += "<path id=\"@\(i)\" d=\"".utf8
      text += try outline(key)
      text += "\"/>".utf8
    }
    for (i, clip) in clips.enumerated() {
      var path = SVGPathWriter(precision: 100)
      path.rectangle(clip)
      text += "<clipPath id=\"@c\(i)\"><path d=\"".utf8
      text += path.data
      text += "\"/></clipPath>".utf8
    }
    text += "</defs>\n".utf8
    return text
  }

  /// In 1000 units to the em, y upwards.
  private func outline(_ key: GlyphKey) throws -> [UInt8] {
    let face = fonts.typeface(key.face)
    let scale = 1000 / Double(face.unitsPerEm)
    func point(_ x: Int, _ y: Int) -> Point { Point(Double(x) * scale, Double(y) * scale) }
    var path = SVGPathWriter(precision: 1)
    for contour in try face.outline(of: key.glyph).contours {
      for segment in contour {
        switch segment {
        case .move(let x, let y): path.move(point(x, y))
        case .line(let x, let y): path.line(point(x, y))
        case .quadratic(let c, let e): path.quadratic(point(c.0, c.1), point(e.0, e.1))
        }
      }
      path.close()
    }
    return path.data
  }

  private mutating func add(_ run: TextRun) {
    let face = fonts.typeface(run.face)
    let whole = SVGNumber(precision: 1)
    let place = SVGNumber(precision: 100)
    var uses: [UInt8] = []
    for placed in fonts.shape(run.text, run.face).glyphs where !face.isBlank(placed.glyph) {
      let key = GlyphKey(face: run.face, glyph: placed.glyph)
      let index = glyphs[key] ?? order.count
      if index == order.count {
        glyphs[key] = index
        order.append(key)
      }
      uses += "<use href=\"#@".utf8
      whole.append(index, to: &uses)
      let x = Int((Double(placed.x) * 1000 / Double(face.unitsPerEm)).rounded())
      if x != 0 {
        uses += "\" x=\"".utf8
        whole.append(x, to: &uses)
      }
      uses += "\"/>".utf8
    }
    guard !uses.isEmpty else { return }
    let q = SVGNumber(precision: 100_000).text(run.size / 1000)
    write(
      "<g fill=\"\(run.colour)\" transform=\"translate(\(place.text(run.x)) \(place.text(run.y)))scale(\(q) -\(q))\">",
      uses, "</g>\n")
  }

  private func attributes(_ fill: Paint?) -> String {
    guard let fill else { return " fill=\"none\"" }
    let opacity =
      fill.opacity < 1
      ? " fill-opacity=\"\(SVGNumber(precision: 100).text(fill.opacity))\"" : ""
    return " fill=\"\(fill.colour)\"\(opacity)"
  }

  private func attributes(_ stroke: Stroke?) -> String {
    guard let stroke else { return "" }
    let n = SVGNumber(precision: 100)
    var text =
      " stroke=\"\(stroke.paint.colour)\" stroke-width=\"\(n.text(stroke.width))\" stroke-linejoin=\"round\""
    if stroke.roundCaps { text += " stroke-linecap=\"round\"" }
    if !stroke.dash.isEmpty {
      text += " stroke-dasharray=\"\(stroke.dash.map { n.text($0) }.joined(separator: " "))\""
    }
    return text
  }
}
