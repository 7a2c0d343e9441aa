/// A tensor as a file describes it.
package struct TensorDescription: Sendable, Equatable {
  package let name: String
  package let type: DataType
  package let shape: [Int]
  /// The bytes of the file that its elements lie in, from the file's start.
  package let bytes: Range<Int>
  /// Elements from one index to the next by axis; `nil` for row-major without gaps.
  let strides: [Int]?
  /// What the archive says that the CRC-32 of exactly these bytes is.
  let checksum: UInt32?

  init(
    name: String, type: DataType, shape: [Int], bytes: Range<Int>, strides: [Int]? = nil,
    checksum: UInt32? = nil
  ) {
    self.name = name
    self.type = type
    self.shape = shape
    self.bytes = bytes
    self.strides = strides
    self.checksum = checksum
  }

  /// Elements: the product of the shape, 1 for a scalar.
  package var count: Int { shape.reduce(1, *) }
}
