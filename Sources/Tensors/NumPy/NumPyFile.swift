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
  /// The elements' type as safetensors calls it.
  package var typeName: String {
    switch type.letter {
    case "b": "BOOL"
    case let letter: "\(letter.uppercased())\(8 * type.size)"
    }
  }

  /// Whether a file that begins with `start` is an .npy array.
  package static func isOne(_ start: [UInt8]) -> Bool {
    start.starts(with: [0x93] + Array("NUMPY".utf8))
  }
  package var identity: FileIdentity { reader.identity }

  /// Opens `path` and checks its header against the file's size; reads no data.
  package init(_ path: String) throws(TensorError) {
    let reader = try reading { () throws(FileError) in try FileReader(path) }
    let layout = try NumPyLayout(reader, in: 0..<reader.size)
    let header = layout.header
    self.path = path
    self.reader = reader
    shape = header.shape
    type = header.type
    isColumnMajor = header.isColumnMajor
    dataStart = layout.data.lowerBound
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
    for index in 0..<total { try body(type.word(bytes, index), size) }
  }

  /// `values` in row-major order, given in the order of the file.
  private func rowMajor<Value>(_ values: [Value]) -> [Value] {
    isColumnMajor ? ArrayOrder.rowMajor(values, shape: shape) : values
  }
}
