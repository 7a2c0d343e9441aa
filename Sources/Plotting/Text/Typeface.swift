/// One face of a TrueType font: what measuring and drawing text needs, read once from the file's bytes.
package struct Typeface: Sendable {
  package let name: String
  /// The file, for renderers that embed it.
  package let bytes: [UInt8]
  package let unitsPerEm: Int
  /// Advance of each glyph, in font units.
  package let advances: [Int]
  private let glyphs: [UInt32: Int]
  private let kerning: Kerning
  /// Glyph and kerning of ASCII, which almost all text is: looked up without hashing.
  private let plainGlyphs: [Int]
  private let plainKerning: [Int16]
  private let glyphData: Int
  private let glyphOffsets: [Int]

  /// Reads `head`, `maxp`, `hhea`, `hmtx`, `cmap`, `loca` and, where it is there, `GPOS`.
  package init(name: String, bytes: [UInt8]) throws {
    let file = BigEndianReader(bytes: bytes, face: name)
    let version = try file.u32(0, "directory")
    guard version == 0x0001_0000 || version == 0x7472_7565 else {
      throw PlottingError.font(
        face: name, table: "directory", problem: "not a TrueType file (version \(version))")
    }
    var tables: [String: (offset: Int, length: Int)] = [:]
    for i in 0..<(try file.u16(4, "directory")) {
      let entry = 12 + 16 * i
      let (offset, length) = (
        try file.u32(entry + 8, "directory"), try file.u32(entry + 12, "directory")
      )
      let tag = try file.tag(entry)
      guard offset + length <= bytes.count else {
        throw PlottingError.font(face: name, table: tag, problem: "reaches behind the file's end")
      }
      tables[tag] = (offset, length)
    }
    func table(_ tag: String) throws -> (offset: Int, length: Int) {
      guard let found = tables[tag] else {
        throw PlottingError.font(face: name, table: tag, problem: "is missing")
      }
      return found
    }
    let head = try table("head").offset
    let units = try file.u16(head + 18, "head")
    guard (16...16384).contains(units) else {
      throw PlottingError.font(face: name, table: "head", problem: "\(units) units to the em")
    }
    let count = try file.u16(try table("maxp").offset + 4, "maxp")
    let long = try file.u16(try table("hhea").offset + 34, "hhea")
    guard count > 0, long > 0, long <= count else {
      throw PlottingError.font(
        face: name, table: "hhea", problem: "\(long) advances for \(count) glyphs")
    }
    let hmtx = try table("hmtx").offset
    var advances = try (0..<long).map { try file.u16(hmtx + 4 * $0, "hmtx") }
    advances += Array(repeating: advances[long - 1], count: count - long)
    let wide = try file.i16(head + 50, "head") != 0
    let loca = try table("loca").offset
    let glyf = try table("glyf")
    let offsets = try (0...count).map {
      wide ? try file.u32(loca + 4 * $0, "loca") : 2 * (try file.u16(loca + 2 * $0, "loca"))
    }
    guard zip(offsets, offsets.dropFirst()).allSatisfy({ $0 <= $1 }), offsets[count] <= glyf.length
    else {
      throw PlottingError.font(face: name, table: "loca", problem: "offsets out of order")
    }
    self.name = name
    self.bytes = bytes
    self.unitsPerEm = units
    self.advances = advances
    let glyphs = try readCharacterMap(file, at: try table("cmap").offset, glyphs: count)
    self.glyphs = glyphs
    let kerning =
      try tables["GPOS"].map { try Kerning(file, at: $0.offset, glyphs: count) } ?? Kerning()
    self.kerning = kerning
    let plain = (0..<Self.plain).map { glyphs[UInt32($0)] ?? 0 }
    plainGlyphs = plain
    plainKerning = plain.flatMap { left in
      plain.map { Int16(truncatingIfNeeded: kerning.between(left, $0)) }
    }
    self.glyphData = glyf.offset
    self.glyphOffsets = offsets
  }

  private static let plain = 128

  /// The glyph of a Unicode scalar; 0, the empty box, for what the face lacks.
  func glyph(_ scalar: UInt32) -> Int {
    scalar < Self.plain ? plainGlyphs[Int(scalar)] : glyphs[scalar] ?? 0
  }

  /// How much closer the second glyph stands to the first, in font units. Digits are never kerned, so that columns of
  /// numbers stay aligned.
  func kerning(_ left: (glyph: Int, scalar: UInt32), _ right: (glyph: Int, scalar: UInt32)) -> Int {
    let digits: ClosedRange<UInt32> = 0x30...0x39
    if digits.contains(left.scalar), digits.contains(right.scalar) { return 0 }
    guard left.scalar < Self.plain, right.scalar < Self.plain else {
      return kerning.between(left.glyph, right.glyph)
    }
    return Int(plainKerning[Int(left.scalar) * Self.plain + Int(right.scalar)])
  }

  /// The bytes of a glyph in the file; empty for a space.
  func data(of glyph: Int) -> Range<Int> {
    guard glyph >= 0, glyph + 1 < glyphOffsets.count else { return 0..<0 }
    return (glyphData + glyphOffsets[glyph])..<(glyphData + glyphOffsets[glyph + 1])
  }
}

/// Character to glyph, from the first Unicode subtable of format 4.
private func readCharacterMap(_ file: BigEndianReader, at cmap: Int, glyphs: Int) throws
  -> [UInt32: Int]
{
  for i in 0..<(try file.u16(cmap + 2, "cmap")) {
    let entry = cmap + 4 + 8 * i
    let platform = try file.u16(entry, "cmap")
    let table = cmap + (try file.u32(entry + 4, "cmap"))
    guard platform == 0 || platform == 3, try file.u16(table, "cmap") == 4 else { continue }
    let segments = try file.u16(table + 6, "cmap") / 2
    let (ends, starts) = (table + 14, table + 16 + 2 * segments)
    let (deltas, offsets) = (starts + 2 * segments, starts + 4 * segments)
    var map: [UInt32: Int] = [:]
    for s in 0..<segments {
      let first = try file.u16(starts + 2 * s, "cmap")
      let last = try file.u16(ends + 2 * s, "cmap")
      let delta = try file.u16(deltas + 2 * s, "cmap")
      let offset = try file.u16(offsets + 2 * s, "cmap")
      guard first <= last else {
        throw PlottingError.font(face: file.face, table: "cmap", problem: "segment \(s) runs back")
      }
      for code in first...last where code != 0xffff {
        var glyph = code
        if offset != 0 {
          glyph = try file.u16(offsets + 2 * s + offset + 2 * (code - first), "cmap")
          if glyph == 0 { continue }
        }
        glyph = (glyph + delta) & 0xffff
        if glyph != 0, glyph < glyphs { map[UInt32(code)] = glyph }
      }
    }
    return map
  }
  throw PlottingError.font(
    face: file.face, table: "cmap", problem: "holds no Unicode table of format 4")
}

extension Typeface {
  /// Whether the glyph has no outline: a space.
  package func isBlank(_ glyph: Int) -> Bool { data(of: glyph).isEmpty }
}
