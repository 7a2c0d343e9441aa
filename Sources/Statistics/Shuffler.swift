/// Puts parts of a list into uniformly random orders, each within its segment (Fisher–Yates).
///
/// Several indices come from one random word: with bounds b₁ … b_k and their product below 2⁴⁸, the
/// high halves of successive full-width products are uniform and independent once the last low half
/// passes Lemire's test against the product (Brackett-Rozinsky & Lemire 2024).
struct Shuffler: Sendable {
  /// Swaps with one random word: the places `first`, `first` − 1, … of a segment.
  private struct Batch {
    let start: Int
    let first: Int
    let count: Int
    let product: UInt64
  }

  private let batches: [Batch]
  /// One past the last place that is touched.
  private let end: Int

  init(_ segments: [Range<Int>]) {
    var batches: [Batch] = []
    for segment in segments {
      var place = segment.count - 1
      while place > 0 {
        let first = place
        var product: UInt64 = 1
        while place > 0, product * UInt64(place + 1) < 1 << 48 {
          product *= UInt64(place + 1)
          place -= 1
        }
        batches.append(
          Batch(
            start: segment.lowerBound, first: first, count: first - place, product: product))
      }
    }
    self.batches = batches
    end = segments.map(\.upperBound).max() ?? 0
  }

  func shuffle<Element: BitwiseCopyable>(
    _ list: UnsafeMutableBufferPointer<Element>, using generator: inout SeededGenerator
  ) {
    precondition(list.count >= end, "segments up to \(end) in a list of \(list.count)")
    for batch in batches {
      var word = generator.next()
      if word &* batch.product < batch.product {
        let threshold = (0 &- batch.product) % batch.product
        while word &* batch.product < threshold { word = generator.next() }
      }
      for k in 0..<batch.count {
        let place = batch.first - k
        let (high, low) = word.multipliedFullWidth(by: UInt64(truncatingIfNeeded: place + 1))
        word = low
        let other = batch.start + Int(truncatingIfNeeded: high)
        let here = batch.start + place
        // `other` ≤ `here` < `end` ≤ list.count.
        (list[here], list[other]) = (list[other], list[here])
      }
    }
  }
}

/// Counts how often each of `count` things is drawn in `count` draws with replacement, segment by
/// segment; several indices a random word, as above.
struct Resampler: Sendable {
  private struct Part {
    let range: Range<Int>
    /// Draws a word.
    let batch: Int
    let product: UInt64
    /// Of the last, shorter batch.
    let rest: Int
    let restProduct: UInt64
  }

  private let parts: [Part]
  private let end: Int

  init(_ segments: [Range<Int>]) {
    parts = segments.filter { !$0.isEmpty }.map { range in
      let bound = UInt64(range.count)
      var batch = 1
      var product = bound
      while product * bound < 1 << 48, bound > 1 {
        product *= bound
        batch += 1
      }
      let rest = range.count % batch
      var restProduct: UInt64 = 1
      for _ in 0..<rest { restProduct *= bound }
      return Part(
        range: range, batch: batch, product: product, rest: rest, restProduct: restProduct)
    }
    end = segments.map(\.upperBound).max() ?? 0
  }

  func draw(
    _ counts: UnsafeMutableBufferPointer<Double>, using generator: inout SeededGenerator
  ) {
    precondition(counts.count >= end, "segments up to \(end) in a list of \(counts.count)")
    for part in parts {
      for place in part.range { counts[place] = 0 }
      var left = part.range.count
      while left > 0 {
        let isRest = left == part.rest
        let take = isRest ? part.rest : part.batch
        let product = isRest ? part.restProduct : part.product
        var word = generator.next()
        if word &* product < product {
          let threshold = (0 &- product) % product
          while word &* product < threshold { word = generator.next() }
        }
        for _ in 0..<take {
          let (high, low) = word.multipliedFullWidth(
            by: UInt64(truncatingIfNeeded: part.range.count))
          word = low
          counts[part.range.lowerBound + Int(truncatingIfNeeded: high)] += 1
        }
        left -= take
      }
    }
  }
}
