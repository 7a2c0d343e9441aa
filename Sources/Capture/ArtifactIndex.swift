import Files

/// The last part of an artifact: what it is the result of, and its sections with their digests.
///
/// An artifact is the sections back to back, then this index, then its length (UInt64), its
/// SHA-256 and the mark. Written in one pass; read from the end.
struct ArtifactIndex: Sendable, Equatable {
  struct Section: Sendable, Equatable {
    let name: String
    /// Rows and columns of a float32 matrix; zeros for other bytes.
    let rows: Int
    let columns: Int
    let offset: Int
    let count: Int
    let digest: [UInt8]
  }

  static let mark = Array("tend artifact 1\n".utf8)
  /// Length, digest, mark.
  static let trailerSize = 8 + 32 + 16
  /// Largest index that is read.
  static let largest = 64 << 20

  let inputs: UnitInputs
  /// The unit in words, such as `nano/512/a`: for people, and to tell what became stale.
  let unit: String
  let sections: [Section]

  func encoded() -> [UInt8] {
    var encoder = ByteEncoder()
    encoder.append(inputs.kind.rawValue)
    encoder.append(unit)
    encoder.append(UInt32(inputs.entries.count))
    for entry in inputs.entries {
      encoder.append(entry.name)
      encoder.append(entry.value)
    }
    encoder.append(UInt32(sections.count))
    for section in sections {
      encoder.append(section.name)
      encoder.append(UInt64(section.rows))
      encoder.append(UInt64(section.columns))
      encoder.append(UInt64(section.offset))
      encoder.append(UInt64(section.count))
      encoder.append(raw: section.digest)
    }
    return encoder.bytes
  }

  /// The index with its trailer.
  func bytes() -> [UInt8] {
    let index = encoded()
    var trailer = ByteEncoder()
    trailer.append(UInt64(index.count))
    trailer.append(raw: SHA256Digest(of: index).bytes)
    trailer.append(raw: Self.mark)
    return index + trailer.bytes
  }

  /// The index in `bytes`, whose sections must cover exactly `payload` bytes.
  init(_ bytes: [UInt8], payload: Int) throws(ByteDecoder.Malformed) {
    var decoder = ByteDecoder(bytes)
    let word = try decoder.text("a kind")
    guard let kind = UnitKind(rawValue: word) else {
      throw ByteDecoder.Malformed(offset: 0, expected: "a known kind")
    }
    unit = try decoder.text("a unit")
    var entries: [UnitInputs.Entry] = []
    for _ in 0..<(try decoder.count(ofAtLeast: 8, "inputs")) {
      entries.append(
        UnitInputs.Entry(name: try decoder.text("a name"), value: try decoder.text("a value")))
    }
    inputs = UnitInputs(kind: kind, storedEntries: entries)
    var sections: [Section] = []
    var end = 0
    for _ in 0..<(try decoder.count(ofAtLeast: 68, "sections")) {
      let name = try decoder.text("a section's name")
      var numbers: [Int] = []
      for _ in 0..<4 {
        guard let number = Int(exactly: try decoder.integer(UInt64.self, "a size")) else {
          throw ByteDecoder.Malformed(offset: decoder.offset, expected: "a size")
        }
        numbers.append(number)
      }
      let digest = try decoder.raw(32, "a digest")
      let section = Section(
        name: name, rows: numbers[0], columns: numbers[1], offset: numbers[2], count: numbers[3],
        digest: digest)
      let elements = section.rows.multipliedReportingOverflow(by: section.columns)
      guard section.offset == end, section.count <= payload - end, !elements.overflow,
        elements.partialValue == 0 || elements.partialValue == section.count / 4
      else {
        throw ByteDecoder.Malformed(offset: decoder.offset, expected: "sections back to back")
      }
      end += section.count
      sections.append(section)
    }
    guard end == payload, decoder.remaining == 0 else {
      throw ByteDecoder.Malformed(offset: decoder.offset, expected: "sections up to the index")
    }
    self.sections = sections
  }

  init(inputs: UnitInputs, unit: String, sections: [Section]) {
    self.inputs = inputs
    self.unit = unit
    self.sections = sections
  }
}
