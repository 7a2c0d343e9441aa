extension Matrix {
  /// The same matrix in double precision; no copy where it is so already.
  package var inDouble: Matrix<Double> {
    if let already = self as? Matrix<Double> { return already }
    return Matrix<Double>(rows: rows, columns: columns, elements: elementsInDouble())
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func elementsInDouble() -> [Double] {
    [Double](unsafeUninitializedCapacity: elements.count) { target, count in
      elements.withUnsafeBufferPointer { source in
        for index in source.indices { target[index] = Double(source[index]) }
      }
      count = elements.count
    }
  }

  /// The largest magnitude of an entry; 0 for an empty matrix.
  package var largestMagnitude: Scalar { maximum() }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func maximum() -> Scalar {
    elements.withUnsafeBufferPointer { values in
      var largest: Scalar = 0
      for value in values where value.magnitude > largest { largest = value.magnitude }
      return largest
    }
  }

  /// A power of two that makes the squares of the entries safe from overflow and underflow: 1
  /// unless the largest entry is beyond what float32 can hold.
  var squaringScale: Double {
    let largest = Double(largestMagnitude)
    guard largest > 0, !(0x1p-150...0x1p150).contains(largest) else { return 1 }
    // 2 to the power of 1023 is the largest that there is.
    return Double(sign: .plus, exponent: min(-Int(largest.exponent), 1023), significand: 1)
  }

  /// The upper triangle of the Gram matrix of the shorter side, in Double, of `scale` times this
  /// matrix.
  ///
  /// Upcasts in slices, so that the work space beside the Gram matrix stays small however long the
  /// other side is. BLAS: dsyrk.
  func smallerGram(scale: Double) -> Matrix<Double> {
    let byRows = rows <= columns
    let (n, length) = byRows ? (rows, columns) : (columns, rows)
    var gram = Matrix<Double>(rows: n, columns: n)
    let sliceLength = min(length, 1024)
    var slice = [Double](repeating: 0, count: n * sliceLength)
    for start in stride(from: 0, to: length, by: sliceLength) {
      let count = min(sliceLength, length - start)
      fillSlice(&slice, from: start, count: count, byRows: byRows, scale: scale)
      Double.syrk(
        byRows ? .none : .transposed, n: n, k: count, alpha: 1, slice, lda: byRows ? count : n,
        beta: 1, &gram.elements, ldc: n)
    }
    return gram
  }

  /// Columns (`byRows`) or rows `start ..< start + count`, upcast and scaled, row-major.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func fillSlice(
    _ slice: inout [Double], from start: Int, count: Int, byRows: Bool, scale: Double
  ) {
    let (rows, columns) = (rows, columns)
    elements.withUnsafeBufferPointer { source in
      slice.withUnsafeMutableBufferPointer { target in
        if byRows {
          for row in 0..<rows {
            for column in 0..<count {
              target[row * count + column] = Double(source[row * columns + start + column]) * scale
            }
          }
        } else {
          for index in 0..<count * columns {
            target[index] = Double(source[start * columns + index]) * scale
          }
        }
      }
    }
  }
}
