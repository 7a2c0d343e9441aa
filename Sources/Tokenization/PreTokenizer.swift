/// The cuts that are made in a text before its pieces are merged.
struct PreTokenizer: Sendable {
  enum Stage: Sendable, Equatable {
    /// Each digit on its own, or runs of digits.
    case digits(individually: Bool)
    case split(SplitPattern)
  }

  let stages: [Stage]
  /// Whether a text that does not begin with a space is given one.
  let addsPrefixSpace: Bool

  /// The ends of the pieces of `text`, ascending; none is empty.
  func ends(in text: TextScanner) -> [Int] {
    guard text.end > 0 else { return [] }
    var ends = [text.end]
    for stage in stages {
      var refined: [Int] = []
      refined.reserveCapacity(ends.count)
      var place = 0
      for end in ends {
        let piece = TextScanner(bytes: text.bytes, end: end)
        while place < end {
          place = stage.end(ofPieceAt: place, in: piece)
          refined.append(place)
        }
      }
      ends = refined
    }
    return ends
  }
}

extension PreTokenizer.Stage {
  fileprivate func end(ofPieceAt start: Int, in text: TextScanner) -> Int {
    switch self {
    case .split(let pattern): return pattern.end(ofPieceAt: start, in: text)
    case .digits(let individually):
      guard let first = text.scalar(at: start) else { return text.end }
      let isDigit = CharacterClass.isDigit(first.scalar)
      var place = start + first.length
      if isDigit, individually { return place }
      while let next = text.scalar(at: place), CharacterClass.isDigit(next.scalar) == isDigit {
        place += next.length
      }
      return place
    }
  }
}
