/// Elements of a tensor that do not lie in row-major order.
struct StridedElements {
  let shape: [Int]
  /// Elements from one index to the next, by axis.
  let strides: [Int]
  /// Bytes of one element: 1, 2, 4 or 8.
  let size: Int

  /// The elements' bytes in row-major order; `stored` begins with the first element.
  func gathered(from stored: [UInt8]) -> [UInt8] {
    switch size {
    case 1: gather(UInt8.self, stored)
    case 2: gather(UInt16.self, stored)
    case 4: gather(UInt32.self, stored)
    case 8: gather(UInt64.self, stored)
    default: preconditionFailure("elements of \(size) bytes")
    }
  }

  /// Row by row of the last axis, the only loop that runs over single elements.
  private func gather<Word: FixedWidthInteger>(_: Word.Type, _ stored: [UInt8]) -> [UInt8] {
    let count = shape.reduce(1, *)
    guard count > 0 else { return [] }
    let (width, step) = (shape.last ?? 1, strides.last ?? 1)
    return [UInt8](unsafeUninitializedCapacity: count * size) { buffer, filled in
      let output = UnsafeMutableRawBufferPointer(buffer)
      stored.withUnsafeBytes { stored in
        var index = [Int](repeating: 0, count: max(0, shape.count - 1))
        var start = 0
        for first in stride(from: 0, to: count, by: width) {
          for column in 0..<width {
            let word = stored.loadUnaligned(
              fromByteOffset: (start + column * step) * size, as: Word.self)
            output.storeBytes(of: word, toByteOffset: (first + column) * size, as: Word.self)
          }
          for axis in index.indices.reversed() {
            index[axis] += 1
            start += strides[axis]
            if index[axis] < shape[axis] { break }
            start -= strides[axis] * shape[axis]
            index[axis] = 0
          }
        }
      }
      filled = count * size
    }
  }
}
