import Files
import Tensors

/// A Megatron indexed data set: sequences of token ids back to back in `.bin`, their lengths and
/// places in `.idx`.
///
/// `.idx` is the mark `MMIDIDX\0\0`, version 1 (UInt64), the code of the type of ids (UInt8), the
/// counts S of sequences and D of documents (UInt64), S lengths (Int32), S places in bytes (Int64), D
/// first sequences of documents (Int64), and perhaps S modes (Int8); little-endian. Only the head and
/// the range that is asked for are read: Pythia's index alone has 1.8 GB.
struct IndexedDataset {
  let sequences: Int
  private let index: FileReader
  private let data: FileReader
  private let type: ElementType

  private struct ElementType {
    let size: Int
    let isSigned: Bool

    init?(code: UInt8) {
      switch code {
      case 1: (size, isSigned) = (1, false)
      case 2: (size, isSigned) = (1, true)
      case 3: (size, isSigned) = (2, true)
      case 4: (size, isSigned) = (4, true)
      case 5: (size, isSigned) = (8, true)
      case 8: (size, isSigned) = (2, false)
      default: return nil
      }
    }
  }

  private static let mark = Array("MMIDIDX\0\0".utf8)
  private static let headSize = 34

  /// Opens the pair at `path`, with or without its ending, and checks the sizes.
  init(path: String) throws(CaptureError) {
    var stem = path
    for ending in [".bin", ".idx"] where stem.hasSuffix(ending) { stem.removeLast(4) }
    let (index, data) = (try Self.open(stem + ".idx"), try Self.open(stem + ".bin"))
    func malformed(_ expected: String, _ found: String) -> CaptureError {
      .tokens(path: index.path, expected: expected, found: found)
    }
    let head = try Self.bytes(of: index, at: 0, count: min(Self.headSize, index.size))
    guard head.count == Self.headSize, head.starts(with: Self.mark) else {
      let start = try Self.bytes(of: data, at: 0, count: min(Self.mark.count, data.size))
      throw malformed(
        "a Megatron index (MMIDIDX)",
        start == Self.mark ? "other bytes; .bin and .idx are swapped" : "other bytes")
    }
    let version = Self.integer(head[9..<17])
    guard version == 1 else { throw malformed("version 1", "\(version)") }
    guard let type = ElementType(code: head[17]) else {
      throw malformed("integers (type 1, 2, 3, 4, 5 or 8)", "type \(head[17])")
    }
    let (count, documents) = (Self.integer(head[18..<26]), Self.integer(head[26..<34]))
    // More than a file can hold is refused before anything is multiplied.
    guard count <= UInt64(index.size), documents <= UInt64(index.size) else {
      throw malformed(
        "counts that \(index.size) bytes can hold", "\(count) sequences, \(documents) documents")
    }
    let size = Self.headSize + 12 * Int(count) + 8 * Int(documents)
    guard index.size == size || index.size == size + Int(count) else {
      throw malformed(
        "\(size) bytes for \(count) sequences and \(documents) documents, or \(size + Int(count)) "
          + "with modes", "\(index.size); the file is truncated or damaged")
    }
    self.index = index
    self.data = data
    self.type = type
    sequences = Int(count)
  }

  /// The ids of the sequences in `range`, at most `limit` of each.
  func ids(of range: Range<Int>, limit: Int?) throws(CaptureError) -> [[Int]] {
    precondition(range.lowerBound >= 0 && range.upperBound <= sequences, "\(range) of \(sequences)")
    let lengths = try Self.bytes(
      of: index, at: Self.headSize + 4 * range.lowerBound, count: 4 * range.count)
    let places = try Self.bytes(
      of: index, at: Self.headSize + 4 * sequences + 8 * range.lowerBound, count: 8 * range.count)
    var found: [[Int]] = []
    var end: Int64 = 0
    for (row, sequence) in range.enumerated() {
      let length = Int(Int32(truncatingIfNeeded: Self.integer(lengths[4 * row..<4 * row + 4])))
      let place = Int64(bitPattern: Self.integer(places[8 * row..<8 * row + 8]))
      guard length >= 0, place >= end,
        place <= data.size, length <= (data.size - Int(place)) / type.size
      else {
        throw .tokens(
          path: index.path,
          expected:
            "sequence \(sequence) within the \(data.size) bytes of \(data.path), behind the "
            + "one before", found: "\(length) ids of \(type.size) bytes at \(place)")
      }
      end = place + Int64(length * type.size)
      let count = min(length, limit ?? length)
      let bytes = try Self.bytes(of: data, at: Int(place), count: count * type.size)
      found.append(try ids(in: bytes, sequence: sequence))
    }
    return found
  }

  private func ids(in bytes: [UInt8], sequence: Int) throws(CaptureError) -> [Int] {
    var ids: [Int] = []
    ids.reserveCapacity(bytes.count / type.size)
    let shift = UInt64(64 - 8 * type.size)
    for start in stride(from: 0, to: bytes.count, by: type.size) {
      let word = Self.integer(bytes[start..<start + type.size])
      let id = type.isSigned ? Int64(bitPattern: word << shift) >> shift : Int64(word)
      guard id >= 0 else {
        throw .tokens(
          path: data.path, expected: "ids from 0 on", found: "\(id) in sequence \(sequence)")
      }
      ids.append(Int(id))
    }
    return ids
  }

  private static func integer(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  private static func open(_ path: String) throws(CaptureError) -> FileReader {
    do { return try FileReader(path) } catch { throw .tensors(.file(error)) }
  }

  private static func bytes(
    of reader: FileReader, at offset: Int, count: Int
  ) throws(CaptureError) -> [UInt8] {
    do { return try reader.read(at: offset, count: count) } catch { throw .tensors(.file(error)) }
  }
}
