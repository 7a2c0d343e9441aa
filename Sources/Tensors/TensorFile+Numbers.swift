import Files

extension TensorFile {
  /// All elements of a tensor of integers or booleans, row-major.
  package func integers(_ name: String) throws(TensorError) -> [Int] {
    guard let tensor = tensor(name) else { throw .missingTensor(file: path, tensor: name) }
    var values: [Int] = []
    var tooLarge = false
    func gather<Stored: FixedWidthInteger>(_: Stored.Type) throws(TensorError) {
      values.reserveCapacity(tensor.count)
      try withBytes(of: tensor) { bytes in
        for offset in stride(from: 0, to: bytes.count, by: MemoryLayout<Stored>.size) {
          let stored = bytes.loadUnaligned(fromByteOffset: offset, as: Stored.self)
          guard let value = Int(exactly: Stored(littleEndian: stored)) else {
            tooLarge = true
            return
          }
          values.append(value)
        }
      }
    }
    switch tensor.type {
    case .bool, .uint8: try gather(UInt8.self)
    case .int8: try gather(Int8.self)
    case .int16: try gather(Int16.self)
    case .uint16: try gather(UInt16.self)
    case .int32: try gather(Int32.self)
    case .uint32: try gather(UInt32.self)
    case .int64: try gather(Int64.self)
    case .uint64: try gather(UInt64.self)
    default:
      throw .unsupportedType(
        file: path, tensor: name, type: tensor.typeName, supported: "integers")
    }
    guard !tooLarge else {
      throw .malformedTensor(
        file: path, tensor: name, expected: "integers below 2^63", found: "a larger one")
    }
    return values
  }

  /// All elements of a tensor of floats or integers as Double, row-major; exact but for integers beyond
  /// 2⁵³.
  package func doubles(_ name: String) throws(TensorError) -> [Double] {
    guard let tensor = tensor(name) else { throw .missingTensor(file: path, tensor: name) }
    switch tensor.type {
    case .float64:
      var values: [Double] = []
      values.reserveCapacity(tensor.count)
      try withBytes(of: tensor) { bytes in
        for offset in stride(from: 0, to: bytes.count, by: 8) {
          values.append(bytes.loadUnaligned(fromByteOffset: offset, as: Double.self))
        }
      }
      return values
    case .float16, .bfloat16, .float32: return try floats(name).map(Double.init)
    default: return try integers(name).map(Double.init)
    }
  }
}
