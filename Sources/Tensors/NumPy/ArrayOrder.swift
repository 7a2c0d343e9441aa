/// Elements in the order of their indices.
enum ArrayOrder {
  /// `values` in row-major order, given in column-major order (Fortran's) for `shape`.
  static func rowMajor<Value>(_ values: [Value], shape: [Int]) -> [Value] {
    guard shape.count > 1, !values.isEmpty else { return values }
    var strides = [Int](repeating: 1, count: shape.count)
    for axis in 1..<shape.count { strides[axis] = strides[axis - 1] * shape[axis - 1] }
    var index = [Int](repeating: 0, count: shape.count)
    var place = 0
    return (0..<values.count).map { _ in
      let value = values[place]
      for axis in shape.indices.reversed() {
        index[axis] += 1
        place += strides[axis]
        if index[axis] < shape[axis] { break }
        place -= strides[axis] * shape[axis]
        index[axis] = 0
      }
      return value
    }
  }
}

extension NumPyFile.ElementType {
  /// Element `index` of `bytes` as the word that its bytes make.
  func word(_ bytes: [UInt8], _ index: Int) -> UInt64 {
    var word: UInt64 = 0
    for place in 0..<size {
      word = word << 8 | UInt64(bytes[index * size + (isBigEndian ? place : size - 1 - place)])
    }
    return word
  }

  /// All elements of `bytes` as Double; integers beyond 2⁵³ are rounded.
  func doubles(_ bytes: [UInt8]) -> [Double] {
    (0..<bytes.count / size).map { index in
      let word = word(bytes, index)
      switch (letter, size) {
      case ("f", 2): return Double(Float16(bitPattern: UInt16(word)))
      case ("f", 4): return Double(Float(bitPattern: UInt32(word)))
      case ("f", _): return Double(bitPattern: word)
      case ("i", _):
        let shift = 64 - 8 * size
        return Double(Int64(bitPattern: word << shift) >> shift)
      default: return Double(word)
      }
    }
  }
}
