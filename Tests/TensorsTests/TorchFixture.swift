/// Writes zip archives and pickles byte by byte, sound ones and others.
struct ZipFixture {
  struct Entry {
    var name: String
    var data: [UInt8]
    var checksum: UInt32 = 0
    var flags: UInt16 = 0
    var method: UInt16 = 0
    /// The size before compression, if another.
    var expandedSize: Int?
    /// The name in the local header, if another.
    var localName: String?
  }

  var entries: [Entry] = []

  /// The archive's bytes.
  func bytes() -> [UInt8] {
    var output: [UInt8] = []
    var directory: [UInt8] = []
    for entry in entries {
      let offset = output.count
      let name = Array(entry.name.utf8)
      let localName = Array((entry.localName ?? entry.name).utf8)
      let size = UInt32(entry.data.count)
      output += le(0x0403_4B50, 4) + le(0, 2) + le(UInt64(entry.flags), 2)
      output += le(UInt64(entry.method), 2) + le(0, 4) + le(UInt64(entry.checksum), 4)
      let expanded = UInt64(entry.expandedSize ?? entry.data.count)
      output += le(UInt64(size), 4) + le(expanded, 4)
      output += le(UInt64(localName.count), 2) + le(0, 2) + localName + entry.data
      directory += le(0x0201_4B50, 4) + le(0, 2) + le(0, 2) + le(UInt64(entry.flags), 2)
      directory += le(UInt64(entry.method), 2) + le(0, 4) + le(UInt64(entry.checksum), 4)
      directory += le(UInt64(size), 4) + le(expanded, 4) + le(UInt64(name.count), 2)
      directory += le(0, 2) + le(0, 2) + le(0, 2) + le(0, 2) + le(0, 4)
      directory += le(UInt64(offset), 4) + name
    }
    let start = output.count
    output += directory
    output += le(0x0605_4B50, 4) + le(0, 2) + le(0, 2)
    output += le(UInt64(entries.count), 2) + le(UInt64(entries.count), 2)
    output += le(UInt64(directory.count), 4) + le(UInt64(start), 4) + le(0, 2)
    return output
  }

  private func le(_ value: UInt64, _ size: Int) -> [UInt8] {
    (0..<size).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  /// An archive of one tensor called `a` over `storage`, described by pickle opcodes.
  static func tensor(
    storage: [UInt8], type: String = "FloatStorage", elements: UInt8, offset: UInt8 = 0,
    shape: [Int32], strides: [Int32], key: String = "0"
  ) -> ZipFixture {
    var pickle = PickleFixture()
    pickle.bytes += [0x80, 2] + Array("}".utf8)
    pickle.text("a")
    pickle.global("torch._utils", "_rebuild_tensor_v2")
    pickle.bytes += Array("(".utf8)
    pickle.bytes += Array("(".utf8)
    pickle.text("storage")
    pickle.global("torch", type)
    pickle.text(key)
    pickle.text("cpu")
    pickle.bytes += Array("K".utf8) + [elements] + Array("tQK".utf8) + [offset]
    pickle.integers(shape)
    pickle.integers(strides)
    pickle.bytes += [0x89]
    pickle.global("collections", "OrderedDict")
    pickle.bytes += Array(")RtRs.".utf8)
    return ZipFixture(entries: [
      Entry(name: "m/data.pkl", data: pickle.bytes),
      Entry(name: "m/byteorder", data: Array("little".utf8)),
      Entry(name: "m/data/0", data: storage),
    ])
  }
}

struct PickleFixture {
  var bytes: [UInt8] = []

  mutating func text(_ text: String) {
    let count = UInt32(text.utf8.count)
    bytes +=
      [0x58] + (0..<4).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) } + Array(text.utf8)
  }

  mutating func global(_ module: String, _ name: String) {
    bytes += Array("c\(module)\n\(name)\n".utf8)
  }

  /// A tuple of integers.
  mutating func integers(_ values: [Int32]) {
    bytes += Array("(".utf8)
    for value in values {
      bytes += [0x4A] + (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    bytes += Array("t".utf8)
  }
}
