/// Floats on the heap, uninitialised until written; freed with the last reference.
final class FloatBuffer {
  let start: UnsafeMutablePointer<Float>
  let count: Int

  init(count: Int) {
    self.count = count
    start = UnsafeMutablePointer<Float>.allocate(capacity: max(count, 1))
  }

  /// A buffer of zeros.
  convenience init(zeros count: Int) {
    self.init(count: count)
    start.initialize(repeating: 0, count: count)
  }

  convenience init(copying other: FloatBuffer) {
    self.init(count: other.count)
    start.update(from: other.start, count: count)
  }

  deinit { start.deallocate() }

  /// Element `index`, for tests and small reads.
  subscript(index: Int) -> Float {
    precondition(index >= 0 && index < count, "element \(index) of \(count)")
    return start[index]
  }
}
