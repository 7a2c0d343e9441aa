/// Token sequences of one length, sequence-major.
package struct TokenBatch: Sendable, Equatable {
  package let sequences: Int
  package let length: Int
  package let tokens: [Int]

  package init(sequences: Int, length: Int, tokens: [Int]) {
    precondition(
      tokens.count == sequences * length, "\(tokens.count) tokens for \(sequences) x \(length)")
    self.sequences = sequences
    self.length = length
    self.tokens = tokens
  }

  /// The sequences in `range`.
  package func selecting(_ range: Range<Int>) -> TokenBatch {
    TokenBatch(
      sequences: range.count, length: length,
      tokens: Array(tokens[range.lowerBound * length..<range.upperBound * length]))
  }

  /// Throws the first token that lies outside `0..<vocabulary`, a length beyond `context`, or a
  /// batch in which no token has a next one.
  package func validate(vocabulary: Int, context: Int) throws {
    guard sequences > 0, length > 1 else {
      throw LanguageModelError.noTargets(sequences: sequences, length: length)
    }
    guard length <= context else {
      throw LanguageModelError.sequenceTooLong(length: length, context: context)
    }
    if let index = tokens.firstIndex(where: { $0 < 0 || $0 >= vocabulary }) {
      throw LanguageModelError.tokenOutOfRange(
        token: tokens[index], sequence: index / length, position: index % length,
        vocabulary: vocabulary)
    }
  }
}
