/// Rows of equal length, each padded with zeros to whole vectors of 32 bytes: inner loops read them
/// without a remainder.
struct RowTable<Element: BitwiseCopyable & ExpressibleByIntegerLiteral & Sendable>: Sendable {
  /// The elements of a row.
  let count: Int
  /// The bytes from a row to the next.
  let stride: Int
  private(set) var storage: [Element]

  /// Rows of zeros.
  init(rows: Int, of count: Int) {
    self.count = count
    let size = MemoryLayout<Element>.size
    stride = (count * size + 31) / 32 * 32
    storage = [Element](repeating: 0, count: rows * stride / size)
  }

  init(_ rows: [[Element]], of count: Int) {
    self.init(rows: rows.count, of: count)
    for (place, row) in rows.enumerated() {
      precondition(row.count == count, "a row of \(row.count) in a table of \(count)")
      withRow(place) { own in for i in row.indices { own[i] = row[i] } }
    }
  }

  mutating func withRow<R>(_ row: Int, _ body: (UnsafeMutableBufferPointer<Element>) -> R) -> R {
    let width = stride / MemoryLayout<Element>.size
    return storage.withUnsafeMutableBufferPointer { all in
      body(UnsafeMutableBufferPointer(rebasing: all[row * width..<row * width + count]))
    }
  }

  /// Puts row `row` of `other` into the first row, in `order`; what follows in the row stays.
  @inline(__always)
  mutating func put(_ row: Int, of other: RowTable, in order: [Int]) {
    let size = MemoryLayout<Element>.size
    withRow(0) { target in
      other.withRows { rows in
        order.withUnsafeBufferPointer { order in
          precondition(order.count <= target.count, "\(order.count) places in \(target.count)")
          let start = rows.place(row)
          for i in order.indices {
            target[i] = rows.bytes.loadUnaligned(
              fromByteOffset: start + size * order[i], as: Element.self)
          }
        }
      }
    }
  }

  /// All rows, valid in `body` alone.
  func withRows<R>(_ body: (Rows) -> R) -> R {
    storage.withUnsafeBytes { body(Rows(bytes: $0, stride: stride)) }
  }

  /// Bytes that live as long as the closure that got them.
  struct Rows {
    let bytes: UnsafeRawBufferPointer
    let stride: Int

    @inline(__always) func place(_ row: Int) -> Int { row * stride }
  }
}

extension RowTable.Rows where Element == Double {
  /// Σ of the products of one row with a row of another table of the same length.
  @inline(__always)
  func dot(_ row: Int, _ other: Self, _ otherRow: Int) -> Double {
    let (a, b) = (place(row), other.place(otherRow))
    precondition(
      stride == other.stride && a + stride <= bytes.count && b + stride <= other.bytes.count)
    var sum = SIMD4<Double>.zero
    var offset = 0
    while offset < stride {
      sum +=
        bytes.loadUnaligned(fromByteOffset: a + offset, as: SIMD4<Double>.self)
        * other.bytes.loadUnaligned(fromByteOffset: b + offset, as: SIMD4<Double>.self)
      offset += 32
    }
    return sum.sum()
  }
}

extension RowTable.Rows where Element == Float {
  @inline(__always)
  func dot(_ row: Int, _ other: Self, _ otherRow: Int) -> Double {
    let (a, b) = (place(row), other.place(otherRow))
    precondition(
      stride == other.stride && a + stride <= bytes.count && b + stride <= other.bytes.count)
    var sum = SIMD8<Float>.zero
    var offset = 0
    while offset < stride {
      sum +=
        bytes.loadUnaligned(fromByteOffset: a + offset, as: SIMD8<Float>.self)
        * other.bytes.loadUnaligned(fromByteOffset: b + offset, as: SIMD8<Float>.self)
      offset += 32
    }
    return Double(sum.sum())
  }
}

extension RowTable.Rows where Element == Int16 {
  /// As above for signs: a lane gains at most 1 a vector, so that 16-bit lanes hold 2¹⁴ of them; fewer
  /// than 2¹⁵ signs are summed up in 16 bits altogether.
  @inline(__always)
  func dot(_ row: Int, _ other: Self, _ otherRow: Int) -> Int {
    let (a, b) = (place(row), other.place(otherRow))
    precondition(
      stride == other.stride && a + stride <= bytes.count && b + stride <= other.bytes.count)
    if stride < 2 << 15 {
      var sum = SIMD16<Int16>.zero
      var offset = 0
      while offset < stride {
        sum &+=
          bytes.loadUnaligned(fromByteOffset: a + offset, as: SIMD16<Int16>.self)
          &* other.bytes.loadUnaligned(fromByteOffset: b + offset, as: SIMD16<Int16>.self)
        offset += 32
      }
      let eight = sum.lowHalf &+ sum.highHalf
      let four = eight.lowHalf &+ eight.highHalf
      let two = four.lowHalf &+ four.highHalf
      return Int(two[0] &+ two[1])
    }
    var total = 0
    var offset = 0
    while offset < stride {
      let end = min(stride, offset + 32 << 14)
      var sum = SIMD16<Int16>.zero
      while offset < end {
        sum &+=
          bytes.loadUnaligned(fromByteOffset: a + offset, as: SIMD16<Int16>.self)
          &* other.bytes.loadUnaligned(fromByteOffset: b + offset, as: SIMD16<Int16>.self)
        offset += 32
      }
      for lane in 0..<16 { total += Int(sum[lane]) }
    }
    return total
  }
}
