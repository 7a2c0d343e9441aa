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

  /// Σ aᵢ bᵢ; both of the same length.
  func dot(_ other: LaneList) -> Double {
    precondition(count == other.count, "lists of \(count) and \(other.count) values do not pair")
    return withLanes { a in
      other.withLanes { b in
        var sum = SIMD4<Double>.zero
        for lane in 0..<a.count { sum += a[lane] * b[lane] }
        return sum.sum()
      }
    }
  }

  /// Σ aᵢ bᵢ wᵢ.
  func dot(_ other: LaneList, _ weights: LaneList) -> Double {
    precondition(count == other.count && count == weights.count, "lists of different lengths")
    return withLanes { a in
      other.withLanes { b in
        weights.withLanes { w in
          var sum = SIMD4<Double>.zero
          for lane in 0..<a.count { sum += a[lane] * b[lane] * w[lane] }
          return sum.sum()
        }
      }
    }
  }

  /// Σ of all values.
  var sum: Double {
    withLanes { a in
      var sum = SIMD4<Double>.zero
      for lane in 0..<a.count { sum += a[lane] }
      return sum.sum()
    }
  }

  /// wᵀ A w for this list as the rows of A, each padded to whole vectors.
  func quadraticForm(_ w: LaneList) -> Double {
    withLanes { rows in
      w.withLanes { w in
        precondition(rows.count == w.count * self.rows(w), "a matrix of another size")
        var sum = SIMD4<Double>.zero
        for i in 0..<rows.count / max(1, w.count) {
          let weight = w.value(i)
          guard weight > 0 else { continue }
          var row = SIMD4<Double>.zero
          for lane in 0..<w.count { row += rows[i * w.count + lane] * w[lane] }
          sum += row * weight
        }
        return sum.sum()
      }
    }
  }

  private func rows(_ w: Lanes) -> Int { w.count > 0 ? count / (4 * w.count) : 0 }

  /// Puts a + b into this list, on a grid of 2⁻³² and shifted by a constant: sums that are equal in
  /// exact arithmetic stay ties, and the order is kept. For |a + b| below 2¹⁸.
  mutating func placeSum(_ a: LaneList, _ b: LaneList) {
    precondition(count == a.count && count == b.count, "lists of different lengths")
    let whole = storage.count / 4
    // Adding 1.5 · 2⁵² rounds to whole numbers.
    let shift = SIMD4<Double>(repeating: 0x1.8p52)
    a.withLanes { a in
      b.withLanes { b in
        storage.withUnsafeMutableBytes { bytes in
          for lane in 0..<whole {
            let sum = (a[lane] + b[lane]) * 0x1p32 + shift
            bytes.storeBytes(of: sum, toByteOffset: 32 * lane, as: SIMD4<Double>.self)
          }
        }
      }
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
