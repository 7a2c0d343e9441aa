/// The patterns that byte-level tokenizers cut text by, each recognised by its text and followed by
/// hand: a pattern from a file is never compiled, so none can take more than linear time.
enum SplitPattern: Sendable, Equatable {
  /// GPT-2's, which GPT-NeoX and OLMo 1 use too.
  case gpt2
  /// GPT-4's (cl100k), which Llama 3 and OLMo 2 use: numbers in groups of at most so many digits
  /// (3; 1 in Qwen's).
  case cl100k(digits: Int)

  /// The pattern whose text this is.
  init?(_ text: String) {
    guard let known = Self.known.first(where: { $0.text == text }) else { return nil }
    self = known.pattern
  }

  private static let known: [(text: String, pattern: SplitPattern)] = [
    (#"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#, .gpt2),
    (
      #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"#
        + #"|\s*[\r\n]+|\s+(?!\S)|\s+"#, .cl100k(digits: 3)
    ),
    (
      #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"#
        + #"|\s*[\r\n]+|\s+(?!\S)|\s+"#, .cl100k(digits: 1)
    ),
    // The same pieces, written with possessive quantifiers.
    (
      #"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*"#
        + #"|\s*[\r\n]|\s+(?!\S)|\s+"#, .cl100k(digits: 3)
    ),
  ]

  static let supported =
    "the patterns of GPT-2 (GPT-NeoX, OLMo), Llama 3 (GPT-4, OLMo 2) and Qwen 2"

  /// The end of the piece that begins at `start`, before the end of the text.
  func end(ofPieceAt start: Int, in text: TextScanner) -> Int {
    switch self {
    case .gpt2: Self.gpt2End(start, text)
    case .cl100k(let digits): Self.cl100kEnd(start, text, digits: digits)
    }
  }

  private static func gpt2End(_ start: Int, _ text: TextScanner) -> Int {
    if let end = contraction(at: start, text, folding: false) { return end }
    // ` ?\p{L}+`, ` ?\p{N}+`, ` ?[^\s\p{L}\p{N}]+`
    let first = text.bytes[start] == 0x20 ? start + 1 : start
    if let next = text.category(at: first), next.category != .space {
      return text.run(of: next.category, from: first + next.length)
    }
    return spaces(from: start, text)
  }

  private static func cl100kEnd(_ start: Int, _ text: TextScanner, digits: Int) -> Int {
    if let end = contraction(at: start, text, folding: true) { return end }
    guard let first = text.category(at: start) else { return text.end }
    // `[^\r\n\p{L}\p{N}]?\p{L}+`
    switch first.category {
    case .letter: return text.run(of: .letter, from: start + first.length)
    case .number: return text.run(of: .number, from: start, limit: digits)
    case .space, .other:
      if !isLineBreak(text.bytes[start]),
        let next = text.category(at: start + first.length), next.category == .letter
      {
        return text.run(of: .letter, from: start + first.length + next.length)
      }
    }
    // ` ?[^\s\p{L}\p{N}]+[\r\n]*`
    let symbols = text.bytes[start] == 0x20 ? start + 1 : start
    var end = text.run(of: .other, from: symbols)
    if end > symbols {
      while end < text.end, isLineBreak(text.bytes[end]) { end += 1 }
      return end
    }
    // `\s*[\r\n]+`: up to the last line break among the spaces.
    let run = text.run(of: .space, from: start)
    if let last = (start..<run).last(where: { isLineBreak(text.bytes[$0]) }) { return last + 1 }
    return spaces(from: start, text)
  }

  /// `\s+(?!\S)|\s+`: a run of spaces, but for its last one where something follows.
  private static func spaces(from start: Int, _ text: TextScanner) -> Int {
    let end = text.run(of: .space, from: start)
    guard end < text.end else { return end }
    let last = text.start(ofScalarBefore: end, from: start)
    return last > start ? last : end
  }

  /// The end of one of 's 't 're 've 'm 'll 'd; `folding`: in either case, U+017F as an s too.
  private static func contraction(
    at start: Int, _ text: TextScanner, folding: Bool
  ) -> Int? {
    guard text.bytes[start] == 0x27 else { return nil }
    func letter(_ offset: Int) -> UInt8 {
      guard offset < text.end else { return 0 }
      let byte = text.bytes[offset]
      return folding && (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
    }
    switch (letter(start + 1), letter(start + 2)) {
    case (UInt8(ascii: "s"), _), (UInt8(ascii: "t"), _), (UInt8(ascii: "m"), _),
      (UInt8(ascii: "d"), _):
      return start + 2
    case (UInt8(ascii: "r"), UInt8(ascii: "e")), (UInt8(ascii: "v"), UInt8(ascii: "e")),
      (UInt8(ascii: "l"), UInt8(ascii: "l")):
      return start + 3
    // U+017F, the long s, folds to s.
    case (0xC5, 0xBF) where folding: return start + 3
    default: return nil
    }
  }

  @inline(__always)
  private static func isLineBreak(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D }
}
