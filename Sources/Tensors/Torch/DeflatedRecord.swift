import Files

/// A compressed entry of an archive. It is expanded as a whole, into memory, when an array in it is
/// read; what could grow out of all proportion is refused before.
struct DeflatedRecord: Sendable, Equatable {
  /// The compressed bytes, from the file's start.
  let bytes: Range<Int>
  /// Bytes that they expand to, as the archive says.
  let size: Int
  let checksum: UInt32

  /// Bytes up to which any entry is expanded, and the growth that is allowed beyond: numbers of a
  /// network hardly shrink, token ids to an eighth; a bomb grows a thousandfold.
  private static let anySize = 16 << 20
  private static let mostGrowth = 64

  /// The size that an entry may have.
  private var largest: Int {
    let (grown, overflow) = bytes.count.multipliedReportingOverflow(by: Self.mostGrowth)
    return overflow ? .max : max(Self.anySize, grown)
  }

  /// Throws where the entry is said to expand to far more than it takes in the file.
  func checkSize(of name: String, in file: String) throws(TensorError) {
    guard size <= largest else {
      throw .malformed(
        file: file, expected: "at most \(largest) bytes in \(TensorError.quoted(name))",
        found: "\(size) bytes compressed to \(bytes.count); save it without compression")
    }
  }

  /// The first `count` bytes of the content, or all of it.
  func prefix(_ count: Int, _ reader: FileReader) throws(TensorError) -> [UInt8] {
    // What does not shrink takes five bytes more for every 16 KB at most.
    let stored = try reading { () throws(FileError) in
      try reader.read(at: bytes.lowerBound, count: min(bytes.count, count + 1024))
    }
    let expected = min(count, size)
    guard let expanded = Deflate.expand(stored, count: expected), expanded.count == expected else {
      throw damaged(reader)
    }
    return expanded
  }

  /// The content, its size and checksum compared.
  func content(_ reader: FileReader) throws(TensorError) -> [UInt8] {
    let stored = try reading { () throws(FileError) in
      try reader.read(at: bytes.lowerBound, count: bytes.count)
    }
    guard let content = Deflate.expand(stored, count: size), content.count == size,
      Deflate.checksum(of: content) == checksum
    else { throw damaged(reader) }
    return content
  }

  private func damaged(_ reader: FileReader) -> TensorError {
    .malformed(
      file: reader.path, expected: "\(size) bytes compressed by DEFLATE, with their checksum",
      found: "other data at byte \(bytes.lowerBound); the file is damaged, save or fetch it again")
  }
}
