import LinearAlgebra

extension NullFloor {
  /// As `pairSums` for sequences of r rows each, r ≥ 2, that stand together: a re-pairing moves
  /// blocks of r x r inner products, which lie in one piece after one change of layout.
  static func blockPairSums(
    _ a: Matrix<Double>, _ b: Matrix<Double>, pairings: [[Int32]], rowsPerSequence r: Int
  ) -> [Double] {
    let (sequences, size) = (a.rows / r, r * r)
    let partners = pairings.map { pairing in
      (0..<sequences).map { Int(pairing[$0 * r]) / r }
    }
    let (blocksOfA, blocksOfB) = (a.blocks(r), b.blocks(r))
    var totals = [Double](repeating: 0, count: pairings.count)
    blocksOfA.withUnsafeBufferPointer { a in
      blocksOfB.withUnsafeBufferPointer { b in
        // Sequence by sequence over all pairings: its rows of A stay in cache.
        for s in 0..<sequences {
          for (index, partner) in partners.enumerated() {
            let (own, other) = (s * sequences, partner[s] * sequences)
            var total = 0.0
            for t in 0..<s {
              total += dot(a, own + t, b, other + partner[t], size)
            }
            totals[index] += 2 * total + dot(a, own + s, b, other + partner[s], size)
          }
        }
      }
    }
    return totals
  }

  /// The inner product of two blocks, by their numbers.
  @inline(__always)
  private static func dot(
    _ a: UnsafeBufferPointer<Double>, _ i: Int, _ b: UnsafeBufferPointer<Double>, _ j: Int,
    _ size: Int
  ) -> Double {
    dotProduct(
      .init(rebasing: a[i * size..<(i + 1) * size]), .init(rebasing: b[j * size..<(j + 1) * size]))
  }
}

extension Matrix<Double> {
  /// The r x r blocks one after the other, by block row.
  fileprivate func blocks(_ r: Int) -> [Double] {
    let (count, n) = (rows / r, columns)
    return [Double](unsafeUninitializedCapacity: elements.count) { target, filled in
      elements.withUnsafeBufferPointer { source in
        var place = 0
        for top in 0..<count {
          for left in 0..<count {
            for row in top * r..<(top + 1) * r {
              for column in left * r..<(left + 1) * r {
                target[place] = source[row * n + column]
                place += 1
              }
            }
          }
        }
      }
      filled = elements.count
    }
  }
}
