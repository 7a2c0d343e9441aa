/// A list of numbers laid out in whole vectors of four, padded with zeros: a kernel's inner loop reads
/// it without a remainder.
struct LaneList: Sendable {
  private var storage: [Double]
  let count: Int

  init(_ values: [Double]) {
    count = values.count
    let padding = (4 - values.count % 4) % 4
    storage = values + [Double](repeating: 0, count: padding)
  }

  /// Σ of all values.
  var sum: Double {
    withLanes { a in
      var sum = SIMD4<Double>.zero
      for lane in 0..<a.count { sum += a[lane] }
      return sum.sum()
    }
  }

  mutating func withValues(_ body: (UnsafeMutableBufferPointer<Double>) -> Void) {
    storage.withUnsafeMutableBufferPointer { all in
      body(UnsafeMutableBufferPointer(rebasing: all[0..<count]))
    }
  }

  func withLanes<R>(_ body: (Lanes) -> R) -> R {
    storage.withUnsafeBytes { body(Lanes(bytes: $0)) }
  }

  /// Vectors of four from memory that lives as long as the closure that got them.
  struct Lanes {
    let bytes: UnsafeRawBufferPointer
    var count: Int { bytes.count / 32 }

    subscript(lane: Int) -> SIMD4<Double> {
      bytes.loadUnaligned(fromByteOffset: 32 * lane, as: SIMD4<Double>.self)
    }

    func value(_ index: Int) -> Double {
      bytes.loadUnaligned(fromByteOffset: 8 * index, as: Double.self)
    }
  }
}
