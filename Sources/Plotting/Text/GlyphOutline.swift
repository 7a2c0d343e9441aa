/// A glyph's shape in font units, y upwards: contours of quadratic curves, all closed.
package struct GlyphOutline: Sendable, Equatable {
  package enum Segment: Sendable, Equatable {
    case move(Int, Int)
    case line(Int, Int)
    case quadratic(control: (Int, Int), end: (Int, Int))

    package static func == (a: Segment, b: Segment) -> Bool {
      switch (a, b) {
      case (.move(let x, let y), .move(let u, let v)): (x, y) == (u, v)
      case (.line(let x, let y), .line(let u, let v)): (x, y) == (u, v)
      case (.quadratic(let c, let e), .quadratic(let d, let f)): c == d && e == f
      default: false
      }
    }
  }

  package var contours: [[Segment]] = []
}

extension Typeface {
  /// The outline of a glyph; empty for a space. Composite glyphs are resolved (offsets only, as in the faces here).
  package func outline(of glyph: Int) throws -> GlyphOutline {
    try outline(of: glyph, depth: 0)
  }

  private func outline(of glyph: Int, depth: Int) throws -> GlyphOutline {
    let range = data(of: glyph)
    if range.isEmpty { return GlyphOutline() }
    guard depth < 6 else {
      throw PlottingError.font(face: name, table: "glyf", problem: "glyph \(glyph) nests too deep")
    }
    let file = BigEndianReader(bytes: bytes, face: name)
    let contours = try file.i16(range.lowerBound, "glyf")
    return contours >= 0
      ? try simple(file, at: range.lowerBound, contours: contours)
      : try composite(file, at: range.lowerBound, depth: depth)
  }

  private func composite(_ file: BigEndianReader, at start: Int, depth: Int) throws -> GlyphOutline
  {
    var result = GlyphOutline()
    var at = start + 10
    while true {
      let flags = try file.u16(at, "glyf")
      let part = try file.u16(at + 2, "glyf")
      at += 4
      guard flags & 2 != 0, flags & 0xc8 == 0 else {
        throw PlottingError.font(
          face: name, table: "glyf", problem: "a scaled composite, which this reader does not draw")
      }
      let (dx, dy): (Int, Int)
      if flags & 1 != 0 {
        (dx, dy) = (try file.i16(at, "glyf"), try file.i16(at + 2, "glyf"))
        at += 4
      } else {
        dx = Int(Int8(truncatingIfNeeded: try file.u8(at, "glyf")))
        dy = Int(Int8(truncatingIfNeeded: try file.u8(at + 1, "glyf")))
        at += 2
      }
      for contour in try outline(of: part, depth: depth + 1).contours {
        result.contours.append(contour.map { $0.moved(dx, dy) })
      }
      if flags & 0x20 == 0 { return result }
    }
  }

  private func simple(_ file: BigEndianReader, at start: Int, contours: Int) throws -> GlyphOutline
  {
    var at = start + 10
    var ends: [Int] = []
    for _ in 0..<contours {
      let end = try file.u16(at, "glyf")
      guard end >= (ends.last ?? -1) else {
        throw PlottingError.font(face: name, table: "glyf", problem: "contours out of order")
      }
      ends.append(end)
      at += 2
    }
    guard let last = ends.last else { return GlyphOutline() }
    at += 2 + (try file.u16(at, "glyf"))
    var flags: [Int] = []
    while flags.count <= last {
      let flag = try file.u8(at, "glyf")
      at += 1
      flags.append(flag)
      if flag & 8 != 0 {
        flags += Array(repeating: flag, count: try file.u8(at, "glyf"))
        at += 1
      }
    }
    func coordinates(short: Int, same: Int) throws -> [Int] {
      var value = 0
      return try (0...last).map { i in
        if flags[i] & short != 0 {
          value += (flags[i] & same != 0 ? 1 : -1) * (try file.u8(at, "glyf"))
          at += 1
        } else if flags[i] & same == 0 {
          value += try file.i16(at, "glyf")
          at += 2
        }
        return value
      }
    }
    let xs = try coordinates(short: 2, same: 16)
    let ys = try coordinates(short: 4, same: 32)
    var result = GlyphOutline()
    var first = 0
    for end in ends {
      if end >= first {
        result.contours.append(
          contour((first...end).map { (x: xs[$0], y: ys[$0], on: flags[$0] & 1 != 0) }))
      }
      first = end + 1
    }
    return result
  }

  /// TrueType's points to segments: between two off-curve points lies an implied one on the curve.
  private func contour(_ points: [(x: Int, y: Int, on: Bool)]) -> [GlyphOutline.Segment] {
    var full: [(x: Int, y: Int, on: Bool)] = []
    for (i, p) in points.enumerated() {
      let next = points[(i + 1) % points.count]
      full.append(p)
      if !p.on, !next.on { full.append(((p.x + next.x) / 2, (p.y + next.y) / 2, true)) }
    }
    guard let start = full.firstIndex(where: \.on) else { return [] }
    full = Array(full[start...] + full[..<start])
    var segments: [GlyphOutline.Segment] = [.move(full[0].x, full[0].y)]
    var i = 1
    while i < full.count {
      if full[i].on {
        segments.append(.line(full[i].x, full[i].y))
        i += 1
      } else {
        let end = full[(i + 1) % full.count]
        segments.append(.quadratic(control: (full[i].x, full[i].y), end: (end.x, end.y)))
        i += 2
      }
    }
    return segments
  }
}

extension GlyphOutline.Segment {
  fileprivate func moved(_ dx: Int, _ dy: Int) -> Self {
    switch self {
    case .move(let x, let y): .move(x + dx, y + dy)
    case .line(let x, let y): .line(x + dx, y + dy)
    case .quadratic(let c, let e):
      .quadratic(control: (c.0 + dx, c.1 + dy), end: (e.0 + dx, e.1 + dy))
    }
  }
}
