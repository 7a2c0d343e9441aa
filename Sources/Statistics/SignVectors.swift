/// The signs of the differences of a list over all pairs i < j, row by row: Kendall's balance of two
/// lists is the product of theirs.
enum SignVector {
  static func length(_ count: Int) -> Int { count * max(0, count - 1) / 2 }

  /// Puts the signs of `values` into `signs` and gives the number of pairs that differ.
  @inline(__always)
  static func fill<Value: Comparable>(
    _ signs: UnsafeMutableBufferPointer<Int16>, _ values: UnsafeBufferPointer<Value>
  ) -> Int {
    let count = values.count
    precondition(signs.count == length(count), "\(signs.count) signs for \(count) values")
    var place = 0
    var untied = 0
    for i in 0..<count {
      let own = values[i]
      for j in i + 1..<max(i + 1, count) {
        let sign: Int16 = (own > values[j] ? 1 : 0) - (own < values[j] ? 1 : 0)
        signs[place] = sign
        untied += Int(sign & 1)
        place += 1
      }
    }
    return untied
  }

  static func signs(of values: [Double]) -> (signs: [Int16], untied: Int) {
    var signs = [Int16](repeating: 0, count: length(values.count))
    let untied = signs.withUnsafeMutableBufferPointer { signs in
      values.withUnsafeBufferPointer { fill(signs, $0) }
    }
    return (signs, untied)
  }
}
