import Files

/// The header of a safetensors file, checked by all of the format's rules before anything is used.
///
/// Format: https://github.com/huggingface/safetensors, with one rule more than its reference checks: a
/// name that occurs twice is an error.
struct SafetensorsHeader {
  /// Longest header that is read, the limit of the reference implementation.
  static let largestHeader = 100_000_000

  let tensors: SafetensorsTensors
  let metadata: [String: String]
  /// Most entries of the free-form `__metadata__`, which is built as a whole.
  static let mostMetadata = 65_536

  static func read(_ reader: FileReader) throws(TensorError) -> SafetensorsHeader {
    let path = reader.path
    guard reader.size >= 8 else {
      throw .malformed(
        file: path, expected: "at least 8 bytes, the length of the header",
        found: "\(reader.size) bytes\(reader.size == 0 ? "; the file is empty" : "")")
    }
    let prefix = try reading { () throws(FileError) in try reader.read(at: 0, count: 8) }
    let stored = prefix.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard let length = Int(exactly: stored), length <= largestHeader else {
      throw .malformed(
        file: path, expected: "a header of at most \(largestHeader) bytes",
        found: "\(stored); this is no safetensors file, or it is damaged")
    }
    guard length <= reader.size - 8 else {
      throw .malformed(
        file: path, expected: "a header of \(length) bytes",
        found: "\(reader.size - 8) bytes in the whole file; it is truncated")
    }
    let text = try reading { () throws(FileError) in try reader.read(at: 8, count: length) }
    // Before anything is built: so many entries take several times the header's size.
    let entries = countEntries(text)
    guard entries <= TensorFile.mostTensors + 1 else {
      throw .malformed(
        file: path, expected: "at most \(TensorFile.mostTensors) tensors",
        found: "\(entries) entries in the header")
    }
    return try content(text, entries: entries, available: reader.size - 8 - length, path)
  }

  /// The tensors of the header `text`, with `available` bytes of data behind it.
  private static func content(
    _ text: [UInt8], entries: Int, available: Int, _ path: String
  ) throws(TensorError) -> SafetensorsHeader {
    var name = ""
    do {
      var cursor = JSONCursor(text)
      try cursor.begin()
      guard cursor.skip("{") else {
        let kind = try JSONReader.read(at: &cursor, within: 0, depth: SafetensorsEntry.depth).kind
        try cursor.end()
        throw TensorError.malformed(file: path, expected: "an object as header", found: kind)
      }
      var metadata: [String: String]?
      var extents: [Extent] = []
      extents.reserveCapacity(entries)
      var names = NameTable(names: entries)
      cursor.skipSpace()
      _ = try cursor.current("a name or }")
      if !cursor.skip("}") {
        repeat {
          cursor.skipSpace()
          let start = cursor.place
          let quoted = try cursor.skipName()
          name = cursor.text(of: quoted)
          let isMetadata = name == "__metadata__"
          guard isMetadata ? metadata == nil : insert(start, quoted, cursor, into: &names) else {
            throw JSONSyntaxError.repeated(name, at: start)
          }
          if isMetadata {
            metadata = try self.metadata(
              JSONReader.read(
                at: &cursor, within: 1, depth: SafetensorsEntry.depth, mostMembers: mostMetadata),
              path)
          } else {
            let entry = try SafetensorsEntry.read(&cursor, available: available)
            extents.append(
              Extent(
                begin: entry.data.lowerBound, end: entry.data.upperBound, place: UInt32(start)))
          }
          cursor.skipSpace()
        } while cursor.skip(",")
        try cursor.expect("}", ", or }")
      }
      try cursor.end()
      guard extents.count <= TensorFile.mostTensors else {
        throw TensorError.malformed(
          file: path, expected: "at most \(TensorFile.mostTensors) tensors",
          found: "\(extents.count)")
      }
      try sort(&extents, text, available, path)
      return SafetensorsHeader(
        tensors: SafetensorsTensors(
          text: text, dataStart: 8 + text.count, available: available,
          places: extents.map(\.place), names: names),
        metadata: metadata ?? [:])
    } catch let error as JSONSyntaxError {
      throw .malformed(
        file: path, expected: "\(error.expected) at byte \(8 + error.offset) of the header",
        found: error.found)
    } catch let finding as SafetensorsEntry.Finding {
      throw .malformedTensor(
        file: path, tensor: name, expected: finding.expected, found: finding.found)
    } catch let error as TensorError {
      throw error
    } catch {
      preconditionFailure("an error of an unknown kind: \(error)")
    }
  }

  /// Where the data of a tensor lies behind the header, and where in the header its name stands.
  private struct Extent: Comparable {
    let begin: Int
    let end: Int
    let place: UInt32

    static func < (one: Extent, other: Extent) -> Bool {
      (one.begin, one.end, one.place) < (other.begin, other.end, other.place)
    }
  }

  /// Notes the name at `place`; false if there is one of the same bytes.
  private static func insert(
    _ place: Int, _ name: JSONCursor.Quoted, _ cursor: JSONCursor, into names: inout NameTable
  ) -> Bool {
    /// The name at a place where one was read.
    func quoted(_ place: Int) -> JSONCursor.Quoted {
      var there = cursor
      there.place = place
      do { return try there.skipString() } catch {
        preconditionFailure("a name that was read before: \(error)")
      }
    }
    return names.insert(place) {
      cursor.withText(of: $0 == place ? name : quoted($0)) { NameTable.hash($0) }
    } isEqual: { one, _ in
      cursor.withText(of: quoted(one)) { one in
        cursor.withText(of: name) { $0.elementsEqual(one) }
      }
    }
  }

  /// Entries of the outermost object by its commas; what is no JSON has any number and is an error
  /// anyway.
  private static func countEntries(_ text: [UInt8]) -> Int {
    var (depth, entries, isInString, isEscaped) = (0, 1, false, false)
    for byte in text {
      if isInString {
        if isEscaped {
          isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
          isEscaped = true
        } else if byte == UInt8(ascii: "\"") {
          isInString = false
        }
        continue
      }
      switch byte {
      case UInt8(ascii: "\""): isInString = true
      case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
      case UInt8(ascii: ","): entries += depth == 1 ? 1 : 0
      default: break
      }
    }
    return entries
  }

  private static func metadata(
    _ value: JSONValue, _ path: String
  ) throws(TensorError) -> [String: String] {
    if value.isNull { return [:] }
    guard let members = value.members else {
      throw .malformed(file: path, expected: "an object as __metadata__", found: value.kind)
    }
    var result: [String: String] = [:]
    for member in members {
      guard let text = member.value.string else {
        throw .malformed(
          file: path, expected: "text for \(TensorError.quoted(member.name)) in __metadata__",
          found: member.value.kind)
      }
      result[member.name] = text
    }
    return result
  }

  /// Puts `extents` in the order of the data, which must cover the file without holes, overlap or rest.
  private static func sort(
    _ extents: inout [Extent], _ text: [UInt8], _ available: Int, _ path: String
  ) throws(TensorError) {
    // Most files are written in this order.
    if !zip(extents, extents.dropFirst()).allSatisfy({ $0 < $1 }) { extents.sort() }
    var place = 0
    for extent in extents {
      guard extent.begin == place else {
        var cursor = JSONCursor(text, at: Int(extent.place))
        let name: String
        do { name = cursor.text(of: try cursor.skipString()) } catch {
          preconditionFailure("a name that was read before: \(error)")
        }
        throw .malformedTensor(
          file: path, tensor: name, expected: "data from offset \(place) on",
          found: "offset \(extent.begin); "
            + (extent.begin < place ? "tensors overlap" : "there is a hole"))
      }
      place = extent.end
    }
    guard place == available else {
      let start = 8 + text.count
      throw .malformed(
        file: path, expected: "\(start + place) bytes, which the header accounts for",
        found: "\(start + available), \(available - place) more")
    }
  }
}
