/// Byte-pair merges (Sennrich et al. 2016): the pair of lowest rank first, the leftmost of equals.
struct BytePairMerges: Sendable {
  struct Merge: Equatable, Sendable {
    let rank: Int32
    let result: Int32
  }

  /// By the ids of both halves.
  private var merges: [UInt64: Merge] = [:]

  init(reserving count: Int) { merges.reserveCapacity(count) }

  /// A later merge of the same pair replaces an earlier one, as in the reference library.
  mutating func add(_ left: Int32, _ right: Int32, _ merge: Merge) {
    merges[Self.key(left, right)] = merge
  }

  private static func key(_ left: Int32, _ right: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
  }

  /// The tokens that `symbols` merge to. O(n log n) for n symbols: a queue of the pairs that can be
  /// merged, in which a pair that changed since is passed over.
  func apply(to symbols: [Int32]) -> [Int32] {
    guard symbols.count > 1 else { return symbols }
    var symbols = symbols
    let count = symbols.count
    // A list linked by index; -1 ends it. A symbol that was merged into its left has next = -2.
    var next = (1...count).map { Int32($0 < count ? $0 : -1) }
    var previous = (0..<count).map { Int32($0 - 1) }
    var queue = BinaryHeap<QueuedMerge>()
    for place in 0..<count - 1 {
      if let merge = merges[Self.key(symbols[place], symbols[place + 1])] {
        queue.push(.init(merge: merge, place: Int32(place)))
      }
    }
    while let top = queue.pop() {
      let place = Int(top.place)
      guard next[place] >= 0 else { continue }
      let right = Int(next[place])
      guard let merge = merges[Self.key(symbols[place], symbols[right])],
        merge.result == top.merge.result
      else { continue }
      symbols[place] = merge.result
      next[place] = next[right]
      next[right] = -2
      if next[place] >= 0 { previous[Int(next[place])] = Int32(place) }
      if previous[place] >= 0 {
        let left = previous[place]
        if let merge = merges[Self.key(symbols[Int(left)], symbols[place])] {
          queue.push(.init(merge: merge, place: left))
        }
      }
      if next[place] >= 0,
        let merge = merges[Self.key(symbols[place], symbols[Int(next[place])])]
      {
        queue.push(.init(merge: merge, place: Int32(place)))
      }
    }
    var merged: [Int32] = []
    var place = 0
    while place >= 0 {
      merged.append(symbols[place])
      place = Int(next[place])
    }
    return merged
  }
}

/// A merge that can be made; the lowest rank goes first, then the leftmost.
private struct QueuedMerge: Comparable {
  let merge: BytePairMerges.Merge
  let place: Int32

  static func < (a: Self, b: Self) -> Bool { (a.merge.rank, a.place) < (b.merge.rank, b.place) }
}
