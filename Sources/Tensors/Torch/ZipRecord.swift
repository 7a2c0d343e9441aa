import Files

/// One record of a zip archive's central directory, as far as entries of arrays and tensors need it.
struct ZipRecord {
  let nameBytes: [UInt8]
  let name: String
  let checksum: UInt32
  /// Bytes that the entry takes in the file.
  let size: Int
  /// Bytes that it was made from.
  let expandedSize: Int
  let headerOffset: Int
  /// Whether the data stands as it is, without compression.
  let isStored: Bool
  /// Whether it is compressed by DEFLATE, the method of every common writer.
  var isDeflated: Bool { method == 8 }
  private let flags: Int
  private let method: Int

  init(_ fields: inout ZipFields, file: String) throws(TensorError) {
    guard try fields.number(4) == 0x0201_4B50 else {
      throw fields.malformed("a record of the zip directory", "something else")
    }
    try fields.skip(4)
    flags = try fields.number(2)
    method = try fields.number(2)
    try fields.skip(4)
    checksum = UInt32(truncatingIfNeeded: try fields.number(4))
    var (stored, size) = (try fields.number(4), try fields.number(4))
    let (nameLength, extraLength, commentLength) = (
      try fields.number(2), try fields.number(2), try fields.number(2)
    )
    try fields.skip(2 + 2 + 4)
    var offset = try fields.number(4)
    nameBytes = Array(try fields.take(nameLength))
    guard let name = String(validating: nameBytes, as: UTF8.self) else {
      throw fields.malformed("entry names in UTF-8", "other bytes")
    }
    self.name = name
    // Extra field 1 holds, in this order, those numbers that do not fit into 32 bits.
    var extra = ZipFields(Array(try fields.take(extraLength)), file: file)
    var left = extraLength
    while left >= 4 {
      let (kind, length) = (try extra.number(2), try extra.number(2))
      var content = ZipFields(Array(try extra.take(length)), file: file)
      left -= 4 + length
      guard kind == 1 else { continue }
      if size == 0xFFFF_FFFF { size = try content.number(8) }
      if stored == 0xFFFF_FFFF { stored = try content.number(8) }
      if offset == 0xFFFF_FFFF { offset = try content.number(8) }
    }
    try fields.skip(commentLength)
    guard flags & 1 == 0 else {
      throw fields.malformed("entries that are not encrypted", TensorError.quoted(name))
    }
    isStored = method == 0
    guard !isStored || stored == size else {
      throw fields.malformed("one size of a stored entry", "two of \(TensorError.quoted(name))")
    }
    guard !name.hasPrefix("/"), !name.contains("\\"), !name.utf8.contains(0),
      !name.split(separator: "/", omittingEmptySubsequences: false).contains("..")
    else { throw fields.malformed("entry names inside the archive", TensorError.quoted(name)) }
    self.size = stored
    expandedSize = size
    headerOffset = offset
  }

  /// Where the data begins, after the local header was compared with this record.
  func dataStart(_ reader: FileReader, before end: Int) throws(TensorError) -> Int {
    func malformed(_ expected: String, _ found: String) -> TensorError {
      .malformed(
        file: reader.path, expected: expected,
        found: "\(found) in entry \(TensorError.quoted(name))")
    }
    guard headerOffset <= end - 30 else {
      throw malformed("an entry within the file", "a place outside")
    }
    var header = ZipFields(
      try reading { () throws(FileError) in try reader.read(at: headerOffset, count: 30) },
      file: reader.path)
    guard try header.number(4) == 0x0403_4B50 else { throw malformed("a local header", "none") }
    try header.skip(2)
    let localFlags = try header.number(2)
    let localMethod = try header.number(2)
    try header.skip(4 + 4)
    let (stored, size) = (try header.number(4), try header.number(4))
    let (nameLength, extraLength) = (try header.number(2), try header.number(2))
    guard localFlags == flags, localMethod == method, nameLength == nameBytes.count else {
      throw malformed("a local header like the directory's record", "a difference")
    }
    // With a data descriptor the sizes stand behind the data, and 0 or all ones here.
    for value in isStored ? [stored, size] : [stored]
    where value != self.size && value != 0 && value != 0xFFFF_FFFF {
      throw malformed("\(self.size) bytes as in the directory", "\(value)")
    }
    let start = headerOffset + 30 + nameLength + extraLength
    guard start <= end, self.size <= end - start else {
      throw malformed("data within the file", "\(self.size) bytes at \(start)")
    }
    let local = try reading { () throws(FileError) in
      try reader.read(at: headerOffset + 30, count: nameLength)
    }
    guard local == nameBytes else {
      throw malformed("the same name in directory and local header", "another")
    }
    return start
  }
}
