/// Loops over all elements of tensors, eight at a time.
enum Elementwise {
  typealias Vector = SIMD8<Float>

  @inline(__always)
  static func load(_ pointer: UnsafePointer<Float>) -> Vector {
    // SAFETY: callers pass a pointer with at least eight elements after it.
    UnsafeRawPointer(pointer).loadUnaligned(as: Vector.self)
  }

  @inline(__always)
  static func store(_ vector: Vector, _ pointer: UnsafeMutablePointer<Float>) {
    // SAFETY: as for `load`.
    UnsafeMutableRawPointer(pointer).storeBytes(of: vector, as: Vector.self)
  }

  /// Σ x², in double precision.
  static func sumOfSquares(_ x: [Float]) -> Double {
    x.withUnsafeBufferPointer { x in
      guard let start = x.baseAddress else { return 0 }
      var total = SIMD8<Double>.zero
      let whole = x.count / 8 * 8
      for index in stride(from: 0, to: whole, by: 8) {
        let vector = SIMD8<Double>(load(start + index))
        total += vector * vector
      }
      var sum = total.sum()
      for index in whole..<x.count { sum += Double(x[index]) * Double(x[index]) }
      return sum
    }
  }

  /// y ← a x + b y.
  static func combine(_ a: Float, _ x: [Float], _ b: Float, into y: inout [Float]) {
    precondition(x.count == y.count, "\(x.count) and \(y.count) elements")
    x.withUnsafeBufferPointer { x in
      y.withUnsafeMutableBufferPointer { y in
        guard let from = x.baseAddress, let to = y.baseAddress else { return }
        let whole = x.count / 8 * 8
        for index in stride(from: 0, to: whole, by: 8) {
          store(load(from + index) * a + load(to + index) * b, to + index)
        }
        for index in whole..<x.count { to[index] = from[index] * a + to[index] * b }
      }
    }
  }

  /// y ← factor · y.
  static func scale(_ y: inout [Float], by factor: Float) {
    y.withUnsafeMutableBufferPointer { y in
      guard let start = y.baseAddress else { return }
      let whole = y.count / 8 * 8
      for index in stride(from: 0, to: whole, by: 8) {
        store(load(start + index) * factor, start + index)
      }
      for index in whole..<y.count { start[index] *= factor }
    }
  }
}
