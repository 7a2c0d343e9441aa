/// Pair kerning from a font's GPOS table: lookups of type 2, formats 1 (pairs) and 2 (classes).
struct Kerning: Sendable {
  private struct Classes: Sendable {
    let covered: Set<Int>
    let first: [Int: Int]
    let second: [Int: Int]
    let columns: Int
    let values: [Int]
  }

  private struct Pairs: Sendable {
    let covered: Set<Int>
    let values: [Int: Int]
  }

  private enum Subtable: Sendable {
    case pairs(Pairs)
    case classes(Classes)
  }

  private var subtables: [Subtable] = []

  init() {}

  init(_ file: BigEndianReader, at gpos: Int, glyphs: Int) throws {
    let features = gpos + (try file.u16(gpos + 6, "GPOS"))
    let lookups = gpos + (try file.u16(gpos + 8, "GPOS"))
    // The first kern feature serves: a face cut to Latin and Greek kerns the same in every script.
    for i in 0..<(try file.u16(features, "GPOS")) {
      guard try file.tag(features + 2 + 6 * i) == "kern" else { continue }
      let feature = features + (try file.u16(features + 6 + 6 * i, "GPOS"))
      for k in 0..<(try file.u16(feature + 2, "GPOS")) {
        let index = try file.u16(feature + 4 + 2 * k, "GPOS")
        let lookup = lookups + (try file.u16(lookups + 2 + 2 * index, "GPOS"))
        let type = try file.u16(lookup, "GPOS")
        for s in 0..<(try file.u16(lookup + 4, "GPOS")) {
          var table = lookup + (try file.u16(lookup + 6 + 2 * s, "GPOS"))
          var kind = type
          if kind == 9 {
            kind = try file.u16(table + 2, "GPOS")
            table += try file.u32(table + 4, "GPOS")
          }
          if kind == 2, let read = try Self.subtable(file, at: table) { subtables.append(read) }
        }
      }
      return
    }
  }

  /// The change of the left glyph's advance before the right one, in font units.
  func between(_ left: Int, _ right: Int) -> Int {
    for subtable in subtables {
      switch subtable {
      case .pairs(let pairs):
        guard pairs.covered.contains(left) else { continue }
        if let value = pairs.values[left << 16 | right] { return value }
      case .classes(let classes):
        guard classes.covered.contains(left) else { continue }
        let row = classes.first[left] ?? 0
        let column = classes.second[right] ?? 0
        return classes.values[row * classes.columns + column]
      }
    }
    return 0
  }

  private static func subtable(_ file: BigEndianReader, at table: Int) throws -> Subtable? {
    let format = try file.u16(table, "GPOS")
    let covered = try coverage(file, at: table + (try file.u16(table + 2, "GPOS")))
    let mask1 = try file.u16(table + 4, "GPOS")
    let mask2 = try file.u16(table + 6, "GPOS")
    guard mask1 & 4 != 0 else { return nil }
    let size1 = 2 * mask1.nonzeroBitCount
    let size2 = 2 * mask2.nonzeroBitCount
    let advance = 2 * (mask1 & 3).nonzeroBitCount
    if format == 1 {
      var values: [Int: Int] = [:]
      let count = try file.u16(table + 8, "GPOS")
      for (i, left) in covered.prefix(count).enumerated() {
        let set = table + (try file.u16(table + 10 + 2 * i, "GPOS"))
        for p in 0..<(try file.u16(set, "GPOS")) {
          let record = set + 2 + p * (2 + size1 + size2)
          let right = try file.u16(record, "GPOS")
          values[left << 16 | right] = try file.i16(record + 2 + advance, "GPOS")
        }
      }
      return .pairs(Pairs(covered: Set(covered), values: values))
    }
    guard format == 2 else { return nil }
    let first = try classes(file, at: table + (try file.u16(table + 8, "GPOS")))
    let second = try classes(file, at: table + (try file.u16(table + 10, "GPOS")))
    let rows = try file.u16(table + 12, "GPOS")
    let columns = try file.u16(table + 14, "GPOS")
    guard first.values.allSatisfy({ $0 < rows }), second.values.allSatisfy({ $0 < columns }),
      rows > 0, columns > 0
    else {
      throw PlottingError.font(face: file.face, table: "GPOS", problem: "class out of range")
    }
    var values: [Int] = []
    for cell in 0..<(rows * columns) {
      values.append(try file.i16(table + 16 + cell * (size1 + size2) + advance, "GPOS"))
    }
    return .classes(
      Classes(
        covered: Set(covered), first: first, second: second, columns: columns, values: values))
  }

  private static func coverage(_ file: BigEndianReader, at table: Int) throws -> [Int] {
    let count = try file.u16(table + 2, "GPOS")
    if try file.u16(table, "GPOS") == 1 {
      return try (0..<count).map { try file.u16(table + 4 + 2 * $0, "GPOS") }
    }
    return try ranges(file, at: table + 4, count: count).flatMap { Array($0.glyphs) }
  }

  private static func classes(_ file: BigEndianReader, at table: Int) throws -> [Int: Int] {
    var result: [Int: Int] = [:]
    if try file.u16(table, "GPOS") == 1 {
      let first = try file.u16(table + 2, "GPOS")
      for i in 0..<(try file.u16(table + 4, "GPOS")) {
        result[first + i] = try file.u16(table + 6 + 2 * i, "GPOS")
      }
      return result
    }
    for range in try ranges(file, at: table + 4, count: try file.u16(table + 2, "GPOS")) {
      for glyph in range.glyphs { result[glyph] = range.value }
    }
    return result
  }

  private static func ranges(_ file: BigEndianReader, at start: Int, count: Int) throws -> [(
    glyphs: ClosedRange<Int>, value: Int
  )] {
    try (0..<count).map { i in
      let first = try file.u16(start + 6 * i, "GPOS")
      let last = try file.u16(start + 6 * i + 2, "GPOS")
      guard first <= last else {
        throw PlottingError.font(face: file.face, table: "GPOS", problem: "range runs back")
      }
      return (first...last, try file.u16(start + 6 * i + 4, "GPOS"))
    }
  }
}
