/// Tokens that are found in a text as they stand, before it is cut and merged.
struct AddedTokens: Sendable {
  struct Token: Sendable, Equatable {
    let id: Int
    var content: [UInt8]
    /// Only where no word character touches it.
    let isSingleWord: Bool
    /// Takes the spaces on its left, or right, with it.
    let stripsLeft: Bool
    let stripsRight: Bool
  }

  /// A part of a text: a token, or what is still to be cut.
  enum Part: Equatable {
    case token(Int)
    case text(Range<Int>)
  }

  /// Longest content that is searched for, so that a search is linear in the text.
  static let longestContent = 512

  private let tokens: [Token]
  private var nodes = [Node()]

  private struct Node: Sendable {
    var children: [UInt8: Int] = [:]
    /// The token that ends here.
    var token: Int?
  }

  init(_ tokens: [Token]) {
    self.tokens = tokens
    for (index, token) in tokens.enumerated() {
      var node = 0
      for byte in token.content {
        if let child = nodes[node].children[byte] {
          node = child
        } else {
          nodes.append(Node())
          nodes[node].children[byte] = nodes.count - 1
          node = nodes.count - 1
        }
      }
      // Of equal contents the first is found.
      if nodes[node].token == nil { nodes[node].token = index }
    }
  }

  /// The parts of `text`: the longest token at the leftmost place, and so on.
  func parts(of bytes: [UInt8]) -> [Part] {
    guard !bytes.isEmpty else { return [] }
    guard !tokens.isEmpty else { return [.text(0..<bytes.count)] }
    let text = TextScanner(bytes: bytes, end: bytes.count)
    var parts: [Part] = []
    var done = 0
    var place = 0
    while place < text.end {
      guard let (token, length) = longest(at: place, in: text) else {
        place += 1
        continue
      }
      var (first, last) = (place, place + length)
      place = last
      if token.isSingleWord, touchesWord(first..<last, in: text) { continue }
      if token.stripsLeft { first = max(spacesStart(before: first, in: text, from: done), done) }
      if token.stripsRight { last = text.run(of: .space, from: last) }
      if done < first { parts.append(.text(done..<first)) }
      parts.append(.token(token.id))
      done = last
    }
    if done < text.end { parts.append(.text(done..<text.end)) }
    return parts
  }

  private func longest(at place: Int, in text: TextScanner) -> (Token, Int)? {
    var found: (Token, Int)?
    var (node, offset) = (0, place)
    while offset < text.end, let child = nodes[node].children[text.bytes[offset]] {
      node = child
      offset += 1
      if let index = nodes[node].token { found = (tokens[index], offset - place) }
    }
    return found
  }

  private func touchesWord(_ range: Range<Int>, in text: TextScanner) -> Bool {
    if range.lowerBound > 0 {
      let before = text.start(ofScalarBefore: range.lowerBound, from: 0)
      if let scalar = text.scalar(at: before)?.scalar, CharacterClass.isWord(scalar) { return true }
    }
    return text.scalar(at: range.upperBound).map { CharacterClass.isWord($0.scalar) } ?? false
  }

  private func spacesStart(before end: Int, in text: TextScanner, from start: Int) -> Int {
    var place = end
    while place > start {
      let before = text.start(ofScalarBefore: place, from: start)
      guard text.category(at: before)?.category == .space else { break }
      place = before
    }
    return place
  }
}
