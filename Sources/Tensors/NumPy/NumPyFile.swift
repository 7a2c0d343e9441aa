package import Files

/// An array in NumPy's .npy format, versions 1 to 3.
///
/// Format: numpy.lib.format. Object and structured types are refused: they hold pickles. Both byte
/// orders and both memory orders are read; elements come out row-major.
package struct NumPyFile: Sendable {
  /// The elements' type: its letter (i, u, f, b) and bytes.
  package struct ElementType: Sendable, Equatable {
    package let letter: Character
    package let size: Int
    let isBigEndian: Bool
  }

  package let path: String
  package let shape: [Int]
  package let type: ElementType
  private let isColumnMajor: Bool
  private let dataStart: Int
  private let reader: FileReader

  package var count: Int { shape.reduce(1, *) }
  package var identity: FileIdentity { reader.identity }

  /// Longest header that is read, NumPy's own limit.
  static let largestHeader = 10_000

  /// Opens `path` and checks its header against the file's size; reads no data.
  package init(_ path: String) throws(TensorError) {
    let reader = try reading { () throws(FileError) in try FileReader(path) }
    func malformed(_ expected: String, _ found: String) -> TensorError {
      .malformed(file: path, expected: expected, found: found)
    }
    let prefixLength = min(12, reader.size)
    let prefix = try reading { () throws(FileError) in try reader.read(at: 0, count: prefixLength) }
    guard prefix.count >= 10, prefix.starts(with: [0x93] + Array("NUMPY".utf8)) else {
      throw malformed("an .npy array", "another kind of file; save it with numpy.save")
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
    guard length <= reader.size - start else {
      throw malformed("a header of \(length) bytes", "the end of the file; it is truncated")
    }
    let text = try reading { () throws(FileError) in try reader.read(at: start, count: length) }
    let header: NumPyHeader
    do { header = try NumPyHeader(text) } catch { throw malformed(error.expected, error.found) }
    guard let count = CheckedProduct.of(header.shape),
      let size = CheckedProduct.of([count, header.type.size])
    else { throw malformed("a shape that can be addressed", "\(header.shape)") }
    guard size == reader.size - start - length else {
      throw malformed(
        "\(size) bytes of data for shape \(header.shape)", "\(reader.size - start - length)")
    }
    self.path = path
    self.reader = reader
    shape = header.shape
    type = header.type
    isColumnMajor = header.isColumnMajor
    dataStart = start + length
  }

  /// All elements of an array of integers, row-major.
  package func integers() throws(TensorError) -> [Int] {
    guard type.letter == "i" || type.letter == "u" else {
      throw .malformed(
        file: path, expected: "integers", found: "elements of type \(type.letter)\(type.size)")
    }
    let isSigned = type.letter == "i"
    var values: [Int] = []
    values.reserveCapacity(count)
    try forEachWord { word, size throws(TensorError) in
      let shift = 64 - 8 * size
      if isSigned {
        values.append(Int(Int64(bitPattern: word << shift) >> shift))
      } else {
        guard let value = Int(exactly: word) else {
          throw .malformed(file: path, expected: "integers below 2^63", found: "\(word)")
        }
        values.append(value)
      }
    }
    return rowMajor(values)
  }

  /// All elements of an array of numbers as Double, row-major; float16, 32 and 64 and integers.
  package func doubles() throws(TensorError) -> [Double] {
    if type.letter == "i" || type.letter == "u" { return try integers().map(Double.init) }
    guard type.letter == "f", [2, 4, 8].contains(type.size) else {
      throw .malformed(
        file: path, expected: "numbers", found: "elements of type \(type.letter)\(type.size)")
    }
    var values: [Double] = []
    values.reserveCapacity(count)
    try forEachWord { word, size throws(TensorError) in
      switch size {
      case 2: values.append(Double(Float16(bitPattern: UInt16(word))))
      case 4: values.append(Double(Float(bitPattern: UInt32(word))))
      default: values.append(Double(bitPattern: word))
      }
    }
    return rowMajor(values)
  }

  private func forEachWord(
    _ body: (UInt64, Int) throws(TensorError) -> Void
  ) throws(TensorError) {
    let (size, total) = (type.size, count)
    let bytes = try reading { () throws(FileError) in
      try reader.read(at: dataStart, count: total * size)
    }
    for index in 0..<total {
      var word: UInt64 = 0
      for place in 0..<size {
        let byte = bytes[index * size + (type.isBigEndian ? place : size - 1 - place)]
        word = word << 8 | UInt64(byte)
      }
      try body(word, size)
    }
  }

  /// `values` in row-major order, given in the order of the file.
  private func rowMajor<Value>(_ values: [Value]) -> [Value] {
    guard isColumnMajor, shape.count > 1, !values.isEmpty else { return values }
    var strides = [Int](repeating: 1, count: shape.count)
    for axis in 1..<shape.count { strides[axis] = strides[axis - 1] * shape[axis - 1] }
    var index = [Int](repeating: 0, count: shape.count)
    return (0..<values.count).map { _ in
      let value = values[zip(index, strides).reduce(0) { $0 + $1.0 * $1.1 }]
      for axis in shape.indices.reversed() {
        index[axis] += 1
        if index[axis] < shape[axis] { break }
        index[axis] = 0
      }
      return value
    }
  }
}

/// The dictionary in an .npy header, a Python literal of which only the form that NumPy writes is
/// understood.
struct NumPyHeader {
  struct Finding: Error {
    let expected: String
    let found: String
  }

  private(set) var shape: [Int] = []
  private(set) var type = NumPyFile.ElementType(letter: "f", size: 0, isBigEndian: false)
  private(set) var isColumnMajor = false
  private var rest: Substring

  init(_ bytes: [UInt8]) throws(Finding) {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Finding(expected: "a header in UTF-8", found: "other bytes")
    }
    rest = text[...]
    try expect("{")
    var seen: Set<String> = []
    while !take("}") {
      let key = try quoted()
      guard seen.insert(key).inserted else {
        throw Finding(expected: "each key once in the header", found: "\(key) twice")
      }
      try expect(":")
      switch key {
      case "descr": type = try Self.type(try quoted())
      case "fortran_order": isColumnMajor = try flag()
      case "shape": shape = try tuple()
      default:
        throw Finding(
          expected: "the keys descr, fortran_order and shape", found: TensorError.quoted(key))
      }
      if !take(",") {
        try expect("}")
        break
      }
    }
    guard seen.count == 3 else {
      throw Finding(
        expected: "the keys descr, fortran_order and shape",
        found: seen.sorted().joined(separator: ", "))
    }
    skipSpace()
    guard rest.isEmpty else { throw unexpected("the end of the header") }
  }

  private static func type(_ text: String) throws(Finding) -> NumPyFile.ElementType {
    let characters = Array(text)
    guard characters.count >= 3, "<>|=".contains(characters[0]),
      let size = Int(String(characters[2...])), "iufb".contains(characters[1]),
      [1, 2, 4, 8].contains(size)
    else {
      throw Finding(
        expected: "elements that are integers or floats", found: "dtype \(TensorError.quoted(text))"
      )
    }
    return NumPyFile.ElementType(
      letter: characters[1], size: size, isBigEndian: characters[0] == ">")
  }

  private mutating func tuple() throws(Finding) -> [Int] {
    try expect("(")
    var numbers: [Int] = []
    while !take(")") {
      skipSpace()
      let digits = rest.prefix { $0.isASCII && $0.isNumber }
      guard let number = Int(digits), number >= 0, numbers.count < 32 else {
        throw unexpected("a shape of whole numbers")
      }
      numbers.append(number)
      rest = rest.dropFirst(digits.count)
      if !take(",") {
        try expect(")")
        break
      }
    }
    return numbers
  }

  private mutating func flag() throws(Finding) -> Bool {
    if take("True") { return true }
    if take("False") { return false }
    throw unexpected("True or False")
  }

  private mutating func quoted() throws(Finding) -> String {
    skipSpace()
    guard let mark = rest.first, mark == "'" || mark == "\"" else {
      throw unexpected("a key in quotes")
    }
    rest = rest.dropFirst()
    let text = rest.prefix { $0 != mark && $0 != "\\" }
    rest = rest.dropFirst(text.count)
    guard rest.first == mark else { throw unexpected("a closing quote") }
    rest = rest.dropFirst()
    return String(text)
  }

  private mutating func take(_ word: String) -> Bool {
    skipSpace()
    guard rest.hasPrefix(word) else { return false }
    rest = rest.dropFirst(word.count)
    return true
  }

  private mutating func expect(_ word: String) throws(Finding) {
    guard take(word) else { throw unexpected(word) }
  }

  private mutating func skipSpace() { rest = rest.drop { $0 == " " || $0 == "\n" || $0 == "\t" } }

  private func unexpected(_ expected: String) -> Finding {
    Finding(
      expected: "\(expected) in the header",
      found: rest.isEmpty ? "its end" : TensorError.quoted(String(rest.prefix(20))))
  }
}
