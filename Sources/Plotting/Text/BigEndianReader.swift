/// Reads big-endian numbers out of a font file; every read is checked against the bytes there are.
struct BigEndianReader {
  let bytes: [UInt8]
  let face: String

  func u8(_ at: Int, _ table: String) throws -> Int {
    guard at >= 0, at < bytes.count else { throw outside(at, table) }
    return Int(bytes[at])
  }

  func u16(_ at: Int, _ table: String) throws -> Int {
    guard at >= 0, at + 1 < bytes.count else { throw outside(at, table) }
    return Int(bytes[at]) << 8 | Int(bytes[at + 1])
  }

  func i16(_ at: Int, _ table: String) throws -> Int {
    Int(Int16(truncatingIfNeeded: try u16(at, table)))
  }

  func u32(_ at: Int, _ table: String) throws -> Int {
    try u16(at, table) << 16 | u16(at + 2, table)
  }

  func tag(_ at: Int) throws -> String {
    guard at >= 0, at + 3 < bytes.count else { throw outside(at, "directory") }
    return String(decoding: bytes[at..<(at + 4)], as: UTF8.self)
  }

  private func outside(_ at: Int, _ table: String) -> PlottingError {
    .font(
      face: face, table: table,
      problem: "byte \(at) is outside the file's \(bytes.count) bytes")
  }
}
