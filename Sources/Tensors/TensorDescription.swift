/// A tensor as a file describes it.
package struct TensorDescription: Sendable, Equatable {
  package let name: String
  package let type: DataType
  /// The type as the file calls it: the name of `type`, or of one that is not known.
  package let typeName: String
  package let shape: [Int]
  /// The bytes of the file that its elements lie in, from the file's start; of what a compressed entry
  /// expands to where `deflated` is one.
  package let bytes: Range<Int>
  /// Elements from one index to the next by axis; `nil` for row-major without gaps.
  let strides: [Int]?
  /// What the archive says that the CRC-32 is of these bytes, or of a record that holds them.
  let checksum: StoredChecksum?
  /// The compressed entry of the file that it lies in.
  let deflated: DeflatedRecord?

  init(
    name: String, type: DataType, typeName: String? = nil, shape: [Int], bytes: Range<Int>,
    strides: [Int]? = nil, checksum: StoredChecksum? = nil, deflated: DeflatedRecord? = nil
  ) {
    self.name = name
    self.type = type
    self.typeName = typeName ?? type.rawValue
    self.shape = shape
    self.bytes = bytes
    self.strides = strides
    self.checksum = checksum
    self.deflated = deflated
  }

  /// Whether its elements stand in the file as they are, row-major and with nothing to be checked.
  var isPlain: Bool { strides == nil && checksum == nil && deflated == nil }

  /// A tensor that only a list tells of: its bytes lie nowhere. nil for a negative dimension and for more
  /// bytes than there can be.
  package init?(listed name: String, typeName: String, shape: [Int]) {
    let type = DataType(rawValue: typeName) ?? .unknown
    guard shape.allSatisfy({ $0 >= 0 }), let count = CheckedProduct.of(shape),
      let bits = CheckedProduct.of([count, type.bits])
    else { return nil }
    self.init(name: name, type: type, typeName: typeName, shape: shape, bytes: 0..<bits / 8)
  }

  /// Elements: the product of the shape, 1 for a scalar.
  package var count: Int { shape.reduce(1, *) }
}

/// A CRC-32 that an archive gives for some of its bytes.
struct StoredChecksum: Sendable, Equatable {
  let value: UInt32
  let bytes: Range<Int>
}
