import Files

/// The entries of a zip archive as PyTorch and NumPy write them.
///
/// Everything comes from the central directory (APPNOTE 6.3.9, sections 4.3.12 to 4.3.16); the local
/// headers are only compared with it. There is no search for entries that it does not list.
struct ZipArchive {
  struct Entry {
    let name: String
    /// The data, from the start of the file.
    let bytes: Range<Int>
    /// `nil` where the writer did not compute it.
    let checksum: UInt32?
    /// Whether the data stands as it is, without compression.
    let isStored: Bool
    /// What the data is made from, where it is compressed by DEFLATE.
    let deflated: DeflatedRecord?

    /// The checksum with what it is of.
    var check: StoredChecksum? { checksum.map { StoredChecksum(value: $0, bytes: bytes) } }
  }

  static let signature: [UInt8] = [0x50, 0x4B, 0x03, 0x04]
  static let mostEntries = 1_000_000

  let entries: [Entry]

  init(_ reader: FileReader) throws(TensorError) {
    let directory = try Self.directory(of: reader)
    let bytes = try reading { () throws(FileError) in
      try reader.read(at: directory.start, count: directory.size)
    }
    var fields = ZipFields(bytes, file: reader.path)
    var entries: [Entry] = []
    var headers: [Range<Int>] = []
    var names: Set<[UInt8]> = []
    for _ in 0..<directory.count {
      let record = try ZipRecord(&fields, file: reader.path)
      guard names.insert(record.nameBytes).inserted else {
        throw fields.malformed("each entry once", "\(TensorError.quoted(record.name)) twice")
      }
      let start = try record.dataStart(reader, before: directory.start)
      entries.append(
        Entry(
          name: record.name, bytes: start..<start + record.size,
          checksum: record.checksum == 0 ? nil : record.checksum, isStored: record.isStored,
          deflated: record.isDeflated
            ? DeflatedRecord(
              bytes: start..<start + record.size, size: record.expandedSize,
              checksum: record.checksum) : nil))
      headers.append(record.headerOffset..<start + record.size)
    }
    headers.sort { ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound) }
    for (first, second) in zip(headers, headers.dropFirst())
    where first.upperBound > second.lowerBound {
      throw fields.malformed("entries that do not overlap", "overlap at byte \(second.lowerBound)")
    }
    self.entries = entries
  }

  /// Throws if an entry is compressed: an archive of PyTorch's never is, and none can grow here.
  func checkStored(_ reader: FileReader) throws(TensorError) {
    guard let first = entries.first(where: { !$0.isStored }) else { return }
    throw .malformed(
      file: reader.path, expected: "stored entries, as torch.save writes them",
      found: "\(TensorError.quoted(first.name)) compressed; save it again without compression")
  }

  /// Where the central directory lies, from the record at the end of the file.
  private static func directory(
    of reader: FileReader
  ) throws(TensorError) -> (start: Int, size: Int, count: Int) {
    let path = reader.path
    // 22 bytes, and a comment of at most 65,535 behind them.
    let tailSize = min(reader.size, 22 + 65_535)
    let tailStart = reader.size - tailSize
    let tail = try reading { () throws(FileError) in try reader.read(at: tailStart, count: tailSize)
    }
    guard
      let place = stride(from: tail.count - 22, through: 0, by: -1).first(where: { place in
        tail[place...].starts(with: [0x50, 0x4B, 0x05, 0x06])
          && place + 22 + Int(tail[place + 20]) + Int(tail[place + 21]) << 8 == tail.count
      })
    else {
      throw .malformed(
        file: path, expected: "a zip archive's directory at the end of the file",
        found: "none; the file is truncated")
    }
    var end = ZipFields(Array(tail[place...]), file: path)
    try end.skip(4)
    let (disk, firstDisk) = (try end.number(2), try end.number(2))
    let (here, count) = (try end.number(2), try end.number(2))
    let (size, start) = (try end.number(4), try end.number(4))
    guard disk == 0 || disk == 0xFFFF, firstDisk == 0 || firstDisk == 0xFFFF, here == count else {
      throw end.malformed("an archive in one file", "a part of one")
    }
    var directory = (start: start, size: size, count: count)
    if count == 0xFFFF || size == 0xFFFF_FFFF || start == 0xFFFF_FFFF {
      directory = try longDirectory(reader, before: tailStart + place)
    }
    guard directory.start <= reader.size, directory.size <= reader.size - directory.start,
      directory.count <= mostEntries, directory.count * 46 <= directory.size
    else {
      throw end.malformed(
        "a directory within the file's \(reader.size) bytes",
        "\(directory.count) entries in \(directory.size) bytes at \(directory.start)")
    }
    return directory
  }

  /// The same in the form for more than 4 GB (zip64).
  private static func longDirectory(
    _ reader: FileReader, before end: Int
  ) throws(TensorError) -> (start: Int, size: Int, count: Int) {
    func read(at place: Int, count: Int) throws(TensorError) -> ZipFields {
      guard place >= 0, place + count <= end else {
        throw .malformed(
          file: reader.path, expected: "a zip64 directory", found: "a place outside the file")
      }
      return ZipFields(
        try reading { () throws(FileError) in try reader.read(at: place, count: count) },
        file: reader.path)
    }
    var locator = try read(at: end - 20, count: 20)
    guard try locator.number(4) == 0x0706_4B50 else {
      throw locator.malformed("a zip64 locator", "something else")
    }
    try locator.skip(4)
    let place = try locator.number(8)
    var record = try read(at: place, count: 56)
    guard try record.number(4) == 0x0606_4B50 else {
      throw record.malformed("a zip64 directory", "something else")
    }
    try record.skip(8 + 2 + 2 + 4 + 4)
    let (here, count) = (try record.number(8), try record.number(8))
    guard here == count else { throw record.malformed("an archive in one file", "a part of one") }
    let (size, start) = (try record.number(8), try record.number(8))
    return (start, size, count)
  }
}

/// Little-endian numbers out of a zip record, each checked against what remains.
struct ZipFields {
  private let bytes: [UInt8]
  private let file: String
  private var place = 0

  init(_ bytes: [UInt8], file: String) {
    self.bytes = bytes
    self.file = file
  }

  mutating func number(_ size: Int) throws(TensorError) -> Int {
    let field = try take(size)
    let value = field.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard let number = Int(exactly: value) else {
      throw malformed("a number below 2^63", "\(value)")
    }
    return number
  }

  mutating func take(_ count: Int) throws(TensorError) -> ArraySlice<UInt8> {
    guard count <= bytes.count - place else {
      throw malformed("\(count) more bytes of a zip record", "\(bytes.count - place)")
    }
    defer { place += count }
    return bytes[place..<place + count]
  }

  mutating func skip(_ count: Int) throws(TensorError) { _ = try take(count) }

  func malformed(_ expected: String, _ found: String) -> TensorError {
    .malformed(file: file, expected: expected, found: found)
  }
}
