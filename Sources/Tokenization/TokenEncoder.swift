/// Encodes texts with a tokenizer, and keeps the tokens of pieces that come again.
package struct TokenEncoder {
  private let tokenizer: Tokenizer
  private var known: [[UInt8]: [Int32]] = [:]
  /// While pieces are counted: how often each stands there, and the how manieth its first is.
  private var counts: [[UInt8]: (count: Int, first: Int)]?

  /// Pieces that are kept, and the longest of them.
  private static let mostKnown = 1 << 18
  private static let longestKnown = 64

  package init(_ tokenizer: Tokenizer) { self.tokenizer = tokenizer }

  /// The ids of `text`, which is UTF-8 and stands in `file`.
  ///
  /// - usesTemplate: whether what the tokenizer's template puts around a text is added.
  /// - Throws: `TokenizerError.notUTF8`, `.byteWithoutToken`.
  package mutating func encode(
    _ text: [UInt8], of file: String, usesTemplate: Bool
  ) throws(TokenizerError) -> [Int] {
    guard String(validating: text, as: UTF8.self) != nil else {
      throw .notUTF8(file: file, offset: Self.validPrefix(of: text))
    }
    var ids = usesTemplate ? tokenizer.prefix : []
    for part in tokenizer.literalTokens.parts(of: text) {
      switch part {
      case .token(let id): ids.append(id)
      case .text(let range):
        let piece = range.count == text.count ? text : Array(text[range])
        try encodeNormalised(
          tokenizer.normalises ? CanonicalComposition.normalised(piece) : piece, into: &ids)
      }
    }
    if usesTemplate { ids += tokenizer.suffix }
    return ids
  }

  /// The distinct pieces of `text` that the pre-tokeniser cuts, as tokens, with how often each stands
  /// there, in the order of their first place.
  mutating func pieces(
    _ text: [UInt8], of file: String
  ) throws(TokenizerError) -> [(tokens: [Int], count: Int)] {
    counts = [:]
    defer { counts = nil }
    _ = try encode(text, of: file, usesTemplate: false)
    let found = counts ?? [:]
    return try found.sorted { $0.value.first < $1.value.first }.map {
      entry throws(TokenizerError) in
      var tokens: [Int] = []
      try merge(entry.key, into: &tokens)
      return (tokens, entry.value.count)
    }
  }

  private mutating func encodeNormalised(
    _ text: [UInt8], into ids: inout [Int]
  ) throws(TokenizerError) {
    for part in tokenizer.normalisedTokens.parts(of: text) {
      switch part {
      case .token(let id): ids.append(id)
      case .text(let range):
        var piece = range.count == text.count ? text : Array(text[range])
        if tokenizer.preTokenizer.addsPrefixSpace, piece.first != 0x20 { piece.insert(0x20, at: 0) }
        let scanner = TextScanner(bytes: piece, end: piece.count)
        var start = 0
        for end in tokenizer.preTokenizer.ends(in: scanner) {
          let part = Array(piece[start..<end])
          if let distinct = counts?.count {
            counts?[part, default: (0, distinct)].count += 1
          }
          try merge(part, into: &ids)
          start = end
        }
      }
    }
  }

  private mutating func merge(
    _ piece: [UInt8], into ids: inout [Int]
  ) throws(TokenizerError) {
    if let tokens = known[piece] {
      for token in tokens { ids.append(Int(token)) }
      return
    }
    var symbols: [Int32] = []
    if let whole = tokenizer.wholePieces[piece] {
      symbols = [whole]
    } else {
      symbols.reserveCapacity(piece.count)
      for byte in piece {
        guard let token = tokenizer.byteTokens[Int(byte)] else {
          throw .byteWithoutToken(file: tokenizer.path, byte: byte)
        }
        symbols.append(token)
      }
      symbols = tokenizer.merges.apply(to: symbols)
    }
    for token in symbols { ids.append(Int(token)) }
    guard piece.count <= Self.longestKnown else { return }
    if known.count == Self.mostKnown { known.removeAll(keepingCapacity: true) }
    known[piece] = symbols
  }

  /// Bytes before the first that is no UTF-8.
  private static func validPrefix(of text: [UInt8]) -> Int {
    var offset = 0
    var rest = text[...]
    while !rest.isEmpty {
      let length =
        switch rest[rest.startIndex] {
        case 0..<0x80: 1
        case 0..<0xE0: 2
        case 0..<0xF0: 3
        default: 4
        }
      guard String(validating: rest.prefix(length), as: UTF8.self) != nil else { break }
      offset += length
      rest = rest.dropFirst(length)
    }
    return offset
  }
}
