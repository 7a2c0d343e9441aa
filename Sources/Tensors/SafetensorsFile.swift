package import Files

/// A tensor as a file's header describes it.
package struct TensorDescription: Sendable, Equatable {
  package let name: String
  package let type: DataType
  package let shape: [Int]
  /// Bytes of its data from the start of the file.
  package let bytes: Range<Int>

  /// Elements: the product of the shape, 1 for a scalar.
  package var count: Int { shape.reduce(1, *) }
}

/// A safetensors file, open: its header validated as a whole, its tensors read one by one by pread.
///
/// Format: https://github.com/huggingface/safetensors, with one rule more than its reference
/// checks: a name that occurs twice is an error.
package struct SafetensorsFile: Sendable {
  package let path: String
  /// In the order of their data.
  package let tensors: [TensorDescription]
  /// The free-form strings of `__metadata__`.
  package let metadata: [String: String]
  private let reader: FileReader
  private let places: [ArraySlice<UInt8>: Int]

  package static let largestHeader = 100_000_000
  package static let mostTensors = 1_000_000

  /// Opens `path` and checks its header; reads no data.
  package init(_ path: String) throws(TensorError) {
    let reader = try reading { () throws(FileError) in try FileReader(path) }
    let header = try SafetensorsHeader.read(reader)
    self.path = path
    self.reader = reader
    tensors = header.tensors
    metadata = header.metadata
    var places: [ArraySlice<UInt8>: Int] = [:]
    for (index, tensor) in header.tensors.enumerated() {
      places[Array(tensor.name.utf8)[...]] = index
    }
    self.places = places
  }

  package var identity: FileIdentity { reader.identity }

  /// The tensor called `name`, compared byte by byte.
  package func tensor(_ name: String) -> TensorDescription? {
    places[Array(name.utf8)[...]].map { tensors[$0] }
  }

  /// All elements of tensor `name` as Float, row-major. F16, BF16 and F32 are exact; F64 is rounded.
  package func floats(_ name: String) throws(TensorError) -> [Float] {
    guard let tensor = tensor(name) else { throw .missingTensor(file: path, tensor: name) }
    guard tensor.type.isComputable else {
      throw .unsupportedType(
        file: path, tensor: name, type: tensor.type.rawValue, supported: "F16, BF16, F32, F64")
    }
    var failure: FileError?
    let values = [Float](unsafeUninitializedCapacity: tensor.count) { buffer, filled in
      do throws(FileError) {
        try fill(buffer, tensor)
        filled = tensor.count
      } catch {
        failure = error
      }
    }
    if let failure { throw .file(failure) }
    return values
  }

  /// The stored bytes of tensor `name`, handed over in pieces.
  package func withBytes(
    of tensor: TensorDescription, _ body: (UnsafeRawBufferPointer) -> Void
  ) throws(TensorError) {
    let piece = UnsafeMutableRawBufferPointer.allocate(
      byteCount: min(Self.pieceBytes, max(tensor.bytes.count, 1)), alignment: 16)
    defer { piece.deallocate() }
    var offset = tensor.bytes.lowerBound
    while offset < tensor.bytes.upperBound {
      let count = min(piece.count, tensor.bytes.upperBound - offset)
      let part = UnsafeMutableRawBufferPointer(rebasing: piece[..<count])
      let start = offset
      try reading { () throws(FileError) in try reader.read(at: start, into: part) }
      body(UnsafeRawBufferPointer(part))
      offset += count
    }
  }

  /// Read at once: small enough to stay in the cache until it is converted.
  private static let pieceBytes = 256 << 10

  private func fill(
    _ buffer: UnsafeMutableBufferPointer<Float>, _ tensor: TensorDescription
  ) throws(FileError) {
    let target = UnsafeMutableBufferPointer(rebasing: buffer[..<tensor.count])
    if tensor.type == .float32 {
      try reader.read(at: tensor.bytes.lowerBound, into: UnsafeMutableRawBufferPointer(target))
      return
    }
    let size = tensor.type.bits / 8
    let perPiece = Self.pieceBytes / size
    let piece = UnsafeMutableRawBufferPointer.allocate(
      byteCount: min(perPiece, max(tensor.count, 1)) * size, alignment: 16)
    defer { piece.deallocate() }
    for first in stride(from: 0, to: tensor.count, by: perPiece) {
      let count = min(perPiece, tensor.count - first)
      let part = UnsafeMutableRawBufferPointer(rebasing: piece[..<(count * size)])
      try reader.read(at: tensor.bytes.lowerBound + first * size, into: part)
      FloatConversion.convert(
        UnsafeRawBufferPointer(part), tensor.type,
        into: UnsafeMutableBufferPointer(rebasing: target[first..<first + count]))
    }
  }
}
