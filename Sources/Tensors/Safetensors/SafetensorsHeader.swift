import Files

/// The header of a safetensors file, checked by all of the format's rules before anything is used.
///
/// Format: https://github.com/huggingface/safetensors, with one rule more than its reference checks: a
/// name that occurs twice is an error.
struct SafetensorsHeader {
  /// Longest header that is read, the limit of the reference implementation.
  static let largestHeader = 100_000_000

  let tensors: [TensorDescription]
  let metadata: [String: String]

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
    let root: JSONValue
    do {
      root = try JSONReader.read(text, depth: 3, mostMembers: TensorFile.mostTensors + 1)
    } catch {
      throw .malformed(
        file: path, expected: "\(error.expected) at byte \(8 + error.offset) of the header",
        found: error.found)
    }
    guard let members = root.members else {
      throw .malformed(file: path, expected: "an object as header", found: root.kind)
    }
    guard members.count <= TensorFile.mostTensors else {
      throw .malformed(
        file: path, expected: "at most \(TensorFile.mostTensors) tensors",
        found: "\(members.count)")
    }
    var metadata: [String: String] = [:]
    var tensors: [TensorDescription] = []
    tensors.reserveCapacity(members.count)
    let start = 8 + length
    for member in members {
      if member.name == "__metadata__" {
        metadata = try self.metadata(member.value, path)
      } else {
        tensors.append(try describe(member, dataStart: start, size: reader.size, path))
      }
    }
    tensors.sort {
      ($0.bytes.lowerBound, $0.bytes.upperBound) < ($1.bytes.lowerBound, $1.bytes.upperBound)
    }
    try checkTiling(tensors, from: start, to: reader.size, path)
    return SafetensorsHeader(tensors: tensors, metadata: metadata)
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

  private static func describe(
    _ member: JSONMember, dataStart: Int, size: Int, _ path: String
  ) throws(TensorError) -> TensorDescription {
    func malformed(_ expected: String, _ found: String) -> TensorError {
      .malformedTensor(file: path, tensor: member.name, expected: expected, found: found)
    }
    guard let fields = member.value.members else {
      throw malformed("dtype, shape and data_offsets", member.value.kind)
    }
    if let extra = fields.first(where: { !["dtype", "shape", "data_offsets"].contains($0.name) }) {
      throw malformed("dtype, shape and data_offsets alone", TensorError.quoted(extra.name))
    }
    guard let typeName = member.value["dtype"]?.string else {
      throw malformed("dtype as text", member.value["dtype"]?.kind ?? "nothing")
    }
    let isName =
      (1...32).contains(typeName.utf8.count)
      && typeName.utf8.allSatisfy {
        (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
          || $0 == 0x5F
      }
    guard isName else { throw malformed("a dtype of the format", TensorError.quoted(typeName)) }
    // A type of a later version is listed; all other rules hold for it too.
    let type = DataType(rawValue: typeName) ?? .unknown
    let shape = try wholeNumbers(member.value["shape"], malformed, "shape")
    let offsets = try wholeNumbers(member.value["data_offsets"], malformed, "data_offsets")
    guard offsets.count == 2 else {
      throw malformed("two data_offsets", "\(offsets.count)")
    }
    let (begin, end) = (offsets[0], offsets[1])
    guard begin <= end else { throw malformed("data_offsets in order", "\(begin), \(end)") }
    guard end <= size - dataStart else {
      throw malformed(
        "data within the file's \(size - dataStart) bytes of data",
        "bytes up to \(end); the file is truncated")
    }
    guard let count = CheckedProduct.of(shape),
      let bits = CheckedProduct.of([count, max(type.bits, 1)])
    else { throw malformed("a shape that can be addressed", "\(shape)") }
    guard type == .unknown || bits % 8 == 0 && bits / 8 == end - begin else {
      throw malformed(
        "\(shape) of \(typeName), \(bits % 8 == 0 ? "\(bits / 8) bytes" : "\(bits) bits")",
        "\(end - begin) bytes")
    }
    return TensorDescription(
      name: member.name, type: type, typeName: typeName, shape: shape,
      bytes: dataStart + begin..<dataStart + end)
  }

  private static func wholeNumbers(
    _ value: JSONValue?, _ malformed: (String, String) -> TensorError, _ field: String
  ) throws(TensorError) -> [Int] {
    guard let elements = value?.elements else {
      throw malformed("\(field) as a list", value?.kind ?? "nothing")
    }
    var numbers: [Int] = []
    for element in elements {
      guard let number = element.integer, number >= 0, element.kind != "-0" else {
        throw malformed("\(field) of whole numbers of at least 0", element.kind)
      }
      numbers.append(number)
    }
    return numbers
  }

  /// Data that covers the file without holes, overlap or rest.
  private static func checkTiling(
    _ tensors: [TensorDescription], from start: Int, to end: Int, _ path: String
  ) throws(TensorError) {
    var place = start
    for tensor in tensors {
      guard tensor.bytes.lowerBound == place else {
        throw .malformedTensor(
          file: path, tensor: tensor.name, expected: "data from offset \(place - start) on",
          found: "offset \(tensor.bytes.lowerBound - start); "
            + (tensor.bytes.lowerBound < place ? "tensors overlap" : "there is a hole"))
      }
      place = tensor.bytes.upperBound
    }
    guard place == end else {
      throw .malformed(
        file: path, expected: "\(place) bytes, which the header accounts for",
        found: "\(end), \(end - place) more")
    }
  }
}
