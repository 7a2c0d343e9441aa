/// The signs of the differences of a list over all pairs i < j, row by row: Kendall's balance of two
/// lists is the product of theirs.
///
/// Signs are taken of ranks, eight at once: a vector may reach past the end of its row, where the next
/// row writes over it. So a list of ranks has `padding` more places, and so has the last row of signs,
/// where they are 0.
enum SignVector {
  /// Pairs of a list of `count` values.
  static func length(_ count: Int) -> Int { count * max(0, count - 1) / 2 }

  /// The most values a list may have: the places of 16-bit ranks.
  static let mostValues = Int(Int16.max)

  static let padding = 8

  /// The width of a row of signs, with its padding.
  static func width(_ count: Int) -> Int { length(count) + padding }

  /// The signs of `values`, `width` of them, and the number of pairs that differ.
  static func signs(of values: [Double]) -> (signs: [Int16], untied: Int) {
    precondition(values.count <= mostValues, "signs of \(values.count) values")
    let ranks = denseRanks(of: values).map { Int16($0) } + [Int16](repeating: 0, count: padding)
    var signs = [Int16](repeating: 0, count: width(values.count))
    signs.withUnsafeMutableBufferPointer { signs in
      ranks.withUnsafeBufferPointer { fill(signs, $0) }
    }
    return (signs, signs.reduce(0) { $0 + Int($1 & 1) })
  }

  /// Puts the signs of `ranks` into `signs`; both with their padding.
  @inline(__always)
  static func fill(
    _ signs: UnsafeMutableBufferPointer<Int16>, _ ranks: UnsafeBufferPointer<Int16>
  ) {
    let count = ranks.count - padding
    precondition(
      count >= 0 && signs.count == width(count), "\(signs.count) signs for \(count) values")
    let target = UnsafeMutableRawBufferPointer(signs)
    let source = UnsafeRawBufferPointer(ranks)
    var place = 0
    for i in 0..<count {
      let own = SIMD8<Int16>(repeating: ranks[i])
      var j = i + 1
      while j < count {
        let other = source.loadUnaligned(fromByteOffset: 2 * j, as: SIMD8<Int16>.self)
        target.storeBytes(of: sign(own, other), toByteOffset: 2 * place, as: SIMD8<Int16>.self)
        let step = min(8, count - j)
        j += step
        place += step
      }
    }
    target.storeBytes(of: .zero, toByteOffset: 2 * place, as: SIMD8<Int16>.self)
  }

  @inline(__always)
  private static func sign(_ a: SIMD8<Int16>, _ b: SIMD8<Int16>) -> SIMD8<Int16> {
    let one = SIMD8<Int16>(repeating: 1)
    return SIMD8<Int16>.zero.replacing(with: one, where: a .> b)
      &- SIMD8<Int16>.zero.replacing(with: one, where: a .< b)
  }

  /// Puts the number of smaller values of each of `values` into `ranks`; their sum, the number of pairs
  /// that differ. The lists have room for whole vectors of four.
  @inline(__always)
  static func rank(
    _ values: UnsafeRawBufferPointer, count: Int, into ranks: UnsafeMutableBufferPointer<Int16>
  ) -> Int {
    precondition(values.count >= (count + 3) / 4 * 32 && ranks.count >= count + padding)
    let target = UnsafeMutableRawBufferPointer(ranks)
    let one = SIMD4<Int64>(repeating: 1)
    var start = 0
    while start < count {
      let own = values.loadUnaligned(fromByteOffset: 8 * start, as: SIMD4<Double>.self)
      var smaller = SIMD4<Int64>.zero
      for j in 0..<count {
        let other = values.loadUnaligned(fromByteOffset: 8 * j, as: Double.self)
        smaller &+= SIMD4<Int64>.zero.replacing(
          with: one, where: SIMD4<Double>(repeating: other) .< own)
      }
      target.storeBytes(
        of: SIMD4<Int16>(truncatingIfNeeded: smaller), toByteOffset: 2 * start,
        as: SIMD4<Int16>.self)
      start += 4
    }
    var untied = 0
    for i in 0..<count { untied += Int(ranks[i]) }
    return untied
  }
}
