import Files

/// Learns byte-level BPE from a text (Sennrich et al. 2016): the most frequent pair of neighbours within a
/// piece becomes a token, until the vocabulary is full.
///
/// Gives the merges of the Hugging Face tokenizers library's `BpeTrainer` with the byte alphabet: pieces
/// are cut by GPT-2's pattern after NFC, of equally frequent pairs the one with the smaller ids comes first.
/// Unlike there, `<|endoftext|>` in the text stands for the token and takes no part in the counts.
package struct BytePairTrainer {
  /// Entries, the end-of-text token and the 256 bytes included.
  let vocabulary: Int

  package static let endOfText = "<|endoftext|>"
  /// The end-of-text token and one for each byte.
  package static let smallestVocabulary = 257

  package init(vocabulary: Int) {
    precondition(vocabulary >= Self.smallestVocabulary, "a vocabulary of \(vocabulary)")
    self.vocabulary = vocabulary
  }

  /// The `tokenizer.json` learnt from `text`, UTF-8 that stands in `file`. It has fewer entries than asked
  /// for where the text has no more pairs.
  package func tokenizer(of text: [UInt8], named file: String) throws(TokenizerError) -> [UInt8] {
    // A tokenizer without merges cuts the text and checks it.
    let base = try Tokenizer(Self.json(tokens: Self.alphabet, merges: []), path: file)
    var words = try Words(text, of: file, base)
    var tokens = Self.alphabet
    var merges: [(Int, Int)] = []
    while tokens.count < vocabulary, let pair = words.mostFrequent() {
      merges.append((pair.left, pair.right))
      tokens.append(tokens[pair.left] + tokens[pair.right])
      words.merge(pair, into: tokens.count - 1)
    }
    return Self.json(tokens: tokens, merges: merges)
  }

  /// The end-of-text token, then the bytes' characters by their scalar.
  private static let alphabet: [[UInt8]] =
    [Array(endOfText.utf8)]
    + ByteAlphabet.characters.sorted {
      String(decoding: $0, as: UTF8.self).unicodeScalars.lexicographicallyPrecedes(
        String(decoding: $1, as: UTF8.self).unicodeScalars)
    }

  private static func json(tokens: [[UInt8]], merges: [(Int, Int)]) -> [UInt8] {
    func word(_ id: Int) -> String { String(decoding: tokens[id], as: UTF8.self) }
    let level =
      "\"type\":\"ByteLevel\",\"add_prefix_space\":false,\"trim_offsets\":true,\"use_regex\":true"
    let vocabulary = tokens.indices.map { "\(JSONString.quoted(word($0))):\($0)" }
    let pairs = merges.map { "[\(JSONString.quoted(word($0.0))),\(JSONString.quoted(word($0.1)))]" }
    let text =
      """
      {"version":"1.0","truncation":null,"padding":null,
      "added_tokens":[{"id":0,"content":\(JSONString.quoted(endOfText)),"single_word":false,"lstrip":false,\
      "rstrip":false,"normalized":false,"special":true}],
      "normalizer":{"type":"NFC"},
      "pre_tokenizer":{\(level)},
      "post_processor":{\(level)},
      "decoder":{\(level)},
      "model":{"type":"BPE","dropout":null,"unk_token":null,"continuing_subword_prefix":null,\
      "end_of_word_suffix":null,"fuse_unk":false,"byte_fallback":false,"ignore_merges":false,
      "vocab":{\(vocabulary.joined(separator: ","))},
      "merges":[\(pairs.joined(separator: ","))]}}

      """
    return Array(text.utf8)
  }
}

/// The distinct pieces of a text with their counts, and the counts of neighbours in them.
private struct Words {
  struct Pair: Hashable {
    let left: Int
    let right: Int
  }

  private struct Word {
    var symbols: [Int]
    let count: Int
  }

  private var words: [Word] = []
  private var counts: [Pair: Int] = [:]
  /// The words in which a pair stood at some time.
  private var places: [Pair: Set<Int>] = [:]
  private var queue = BinaryHeap<QueuedPair>()

  init(_ text: [UInt8], of file: String, _ tokenizer: Tokenizer) throws(TokenizerError) {
    var encoder = TokenEncoder(tokenizer)
    for (symbols, count) in try encoder.pieces(text, of: file) where symbols.count > 1 {
      let index = words.count
      words.append(Word(symbols: symbols, count: count))
      for (left, right) in zip(symbols, symbols.dropFirst()) {
        let pair = Pair(left: left, right: right)
        counts[pair, default: 0] += count
        places[pair, default: []].insert(index)
      }
    }
    for (pair, count) in counts { queue.push(.init(pair: pair, count: count)) }
  }

  /// The pair that stands most often, the smaller ids first among equals; `nil` where none is left.
  mutating func mostFrequent() -> Pair? {
    while let top = queue.pop() {
      // An entry whose count changed since has another in the queue.
      if let count = counts[top.pair], count == top.count, count > 0 { return top.pair }
    }
    return nil
  }

  mutating func merge(_ pair: Pair, into token: Int) {
    var changed: Set<Pair> = []
    for index in places[pair] ?? [] {
      let old = words[index]
      var symbols: [Int] = []
      symbols.reserveCapacity(old.symbols.count)
      var place = 0
      while place < old.symbols.count {
        if place + 1 < old.symbols.count, old.symbols[place] == pair.left,
          old.symbols[place + 1] == pair.right
        {
          symbols.append(token)
          place += 2
        } else {
          symbols.append(old.symbols[place])
          place += 1
        }
      }
      guard symbols.count < old.symbols.count else { continue }
      for (left, right) in zip(old.symbols, old.symbols.dropFirst()) {
        let pair = Pair(left: left, right: right)
        counts[pair, default: 0] -= old.count
        changed.insert(pair)
      }
      for (left, right) in zip(symbols, symbols.dropFirst()) {
        let pair = Pair(left: left, right: right)
        counts[pair, default: 0] += old.count
        places[pair, default: []].insert(index)
        changed.insert(pair)
      }
      words[index].symbols = symbols
    }
    counts[pair] = nil
    for pair in changed {
      guard let count = counts[pair] else { continue }
      if count == 0 { counts[pair] = nil } else { queue.push(.init(pair: pair, count: count)) }
    }
  }

  /// A pair that can be merged; the most frequent goes first, then the smaller ids.
  private struct QueuedPair: Comparable {
    let pair: Pair
    let count: Int

    static func < (a: Self, b: Self) -> Bool {
      if a.count != b.count { return a.count > b.count }
      return (a.pair.left, a.pair.right) < (b.pair.left, b.pair.right)
    }
  }
}
