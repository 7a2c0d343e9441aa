extension VectorMath {
  /// y *= x for `count` elements.
  @inline(__always)
  static func multiply(
    _ y: UnsafeMutablePointer<Float>, by x: UnsafePointer<Float>, _ count: Int
  ) {
    var index = 0
    while index + 8 <= count {
      store(load(y + index) * load(x + index), y + index)
      index += 8
    }
    while index < count {
      y[index] *= x[index]
      index += 1
    }
  }
}
