import Files

/// What an .npy array in a range of a file is, and where its elements lie.
struct NumPyLayout {
  let header: NumPyHeader
  /// The elements' bytes, from the start of the file.
  let data: Range<Int>

  /// Longest header that is read, NumPy's own limit.
  static let largestHeader = 10_000

  /// Checks the header against the size of `range`; reads no elements.
  init(_ reader: FileReader, in range: Range<Int>) throws(TensorError) {
    let count = min(range.count, Self.largestHeader + 12)
    let start = try reading { () throws(FileError) in
      try reader.read(at: range.lowerBound, count: count)
    }
    try self.init(start, at: range.lowerBound, size: range.count, file: reader.path)
  }

  /// Checks the header of an array in a compressed entry against the size that it expands to; `data`
  /// counts from the start of what it expands to.
  init(_ reader: FileReader, in record: DeflatedRecord) throws(TensorError) {
    let start = try record.prefix(Self.largestHeader + 12, reader)
    try self.init(start, at: 0, size: record.size, file: reader.path)
  }

  /// - beginning: the header's bytes at least, or everything there is.
  private init(
    _ beginning: [UInt8], at place: Int, size whole: Int, file: String
  ) throws(TensorError) {
    func malformed(_ expected: String, _ found: String) -> TensorError {
      .malformed(file: file, expected: expected, found: found)
    }
    let prefix = beginning.prefix(12)
    guard prefix.count >= 10, prefix.starts(with: [0x93] + Array("NUMPY".utf8)) else {
      throw malformed(
        "an .npy array",
        ForeignContent.recognise(Array(beginning.prefix(ForeignContent.prefixLength)))
          ?? "another kind of file; save it with numpy.save")
    }
    let major = prefix[6]
    guard (1...3).contains(major) else { throw malformed(".npy version 1, 2 or 3", "\(major)") }
    let lengthBytes = major == 1 ? 2 : 4
    guard prefix.count >= 8 + lengthBytes else {
      throw malformed("a header", "the end of the file")
    }
    let length = prefix[8..<8 + lengthBytes].reversed().reduce(0) { $0 << 8 | Int($1) }
    let start = 8 + lengthBytes
    guard length <= Self.largestHeader else {
      throw malformed("a header of at most \(Self.largestHeader) bytes", "\(length)")
    }
    guard length <= beginning.count - start else {
      throw malformed("a header of \(length) bytes", "the end of the file; it is truncated")
    }
    let text = Array(beginning[start..<start + length])
    do { header = try NumPyHeader(text) } catch { throw malformed(error.expected, error.found) }
    guard let count = CheckedProduct.of(header.shape),
      let size = CheckedProduct.of([count, header.type.size])
    else { throw malformed("a shape that can be addressed", "\(header.shape)") }
    let remaining = whole - start - length
    guard size == remaining else {
      throw malformed("\(size) bytes of data for shape \(header.shape)", "\(remaining)")
    }
    data = place + start + length..<place + whole
  }
}

/// The arrays of an `.npz`: a zip archive of .npy files, as `numpy.savez` and `savez_compressed` write it.
enum NumPyArchive {
  private static let suffix = ".npy"

  static func isOne(_ archive: ZipArchive) -> Bool {
    !archive.entries.isEmpty && archive.entries.allSatisfy { $0.name.hasSuffix(suffix) }
  }

  /// The arrays by the names that they were saved under, described; reads headers alone.
  static func tensors(
    of archive: ZipArchive, _ reader: FileReader
  ) throws(TensorError) -> [TensorDescription] {
    var tensors: [TensorDescription] = []
    for entry in archive.entries {
      let name = String(entry.name.dropLast(suffix.count))
      let layout: NumPyLayout
      if let deflated = entry.deflated {
        try deflated.checkSize(of: entry.name, in: reader.path)
        layout = try NumPyLayout(reader, in: deflated)
      } else if entry.isStored {
        layout = try NumPyLayout(reader, in: entry.bytes)
      } else {
        throw .malformed(
          file: reader.path, expected: "entries stored or compressed by DEFLATE",
          found: "\(TensorError.quoted(entry.name)) compressed by another method")
      }
      let header = layout.header
      guard let type = DataType(header.type) else {
        throw .unsupportedType(
          file: reader.path, tensor: name,
          type: "\(header.type.letter)\(header.type.size) in the byte order >",
          supported: "little-endian arrays; save them again with array.astype('<…')")
      }
      tensors.append(
        TensorDescription(
          name: name, type: type, shape: header.shape, bytes: layout.data,
          strides: header.isColumnMajor && header.shape.count > 1 && !layout.data.isEmpty
            ? columnMajorStrides(header.shape) : nil,
          checksum: entry.deflated == nil ? entry.check : nil, deflated: entry.deflated))
    }
    return tensors
  }

  private static func columnMajorStrides(_ shape: [Int]) -> [Int] {
    var strides = [Int](repeating: 1, count: shape.count)
    for axis in shape.indices.dropFirst() { strides[axis] = strides[axis - 1] * shape[axis - 1] }
    return strides
  }
}

extension DataType {
  /// The type of the elements of an .npy array; `nil` for big-endian ones.
  init?(_ type: NumPyFile.ElementType) {
    guard !type.isBigEndian || type.size == 1 else { return nil }
    switch (type.letter, type.size) {
    case ("f", 2): self = .float16
    case ("f", 4): self = .float32
    case ("f", 8): self = .float64
    case ("i", 1): self = .int8
    case ("i", 2): self = .int16
    case ("i", 4): self = .int32
    case ("i", 8): self = .int64
    case ("u", 1): self = .uint8
    case ("u", 2): self = .uint16
    case ("u", 4): self = .uint32
    case ("u", 8): self = .uint64
    case ("b", 1): self = .bool
    default: return nil
    }
  }
}
