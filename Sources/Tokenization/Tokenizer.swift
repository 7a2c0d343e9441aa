/// Byte-level BPE as a `tokenizer.json` of the Hugging Face tokenizers library describes it.
///
/// Gives the ids that the library gives: added tokens are found first, the rest is normalised, cut by
/// the pre-tokeniser, and each piece's bytes are merged.
package struct Tokenizer: Sendable {
  package let path: String
  /// Entries of the vocabulary, added tokens included.
  package let vocabularySize: Int
  /// What the file asks for that is not done here, in words.
  package let notes: [String]

  /// Ids that the file's template puts before and behind a text.
  let prefix: [Int]
  let suffix: [Int]
  let normalises: Bool
  let preTokenizer: PreTokenizer
  /// Added tokens that are looked for in the text as it is, and in the normalised text.
  let literalTokens: AddedTokens
  let normalisedTokens: AddedTokens
  /// The token of each byte; `nil` where there is none.
  let byteTokens: [Int32?]
  let merges: BytePairMerges
  /// Pieces that are one token whatever the merges say; empty unless the file says so.
  let wholePieces: [[UInt8]: Int32]
  /// A token's content as the file writes it, by id.
  let contents: [Int: [UInt8]]

  /// Whether the file's template puts anything around a text.
  package var hasTemplate: Bool { !prefix.isEmpty || !suffix.isEmpty }

  /// The bytes that token `id` stands for; `nil` for an id that is none.
  package func bytes(of id: Int) -> [UInt8]? { contents[id].map(ByteAlphabet.decode) }

  /// The id of the token with this content, such as `<|endoftext|>`.
  package func id(of content: String) -> Int? {
    let bytes = Array(content.utf8)
    return contents.filter { $0.value == bytes }.keys.min()
  }

  /// The text of `ids`; bytes that are no UTF-8 become U+FFFD, ids that are none are left out.
  package func decode(_ ids: [Int]) -> String {
    String(decoding: ids.flatMap { bytes(of: $0) ?? [] }, as: UTF8.self)
  }

  /// The ids of `text`. With `usesTemplate` what the file's template puts around a text is there too,
  /// as the library does it by default.
  package func encode(
    _ text: String, usesTemplate: Bool = true
  ) throws(TokenizerError) -> [Int] {
    var encoder = TokenEncoder(self)
    return try encoder.encode(Array(text.utf8), of: "the text", usesTemplate: usesTemplate)
  }
}
