import Tensors

extension TokenizerFields {
  /// The `model` of a file: vocabulary and merges.
  struct Model {
    /// By the UTF-8 of each token's content.
    var vocabulary: [[UInt8]: Int]
    var merges: BytePairMerges
    /// Whether a piece that is in the vocabulary is that token, whatever the merges say.
    var ignoresMerges: Bool
  }

  struct AddedToken {
    let token: AddedTokens.Token
    /// Whether it is looked for in the normalised text.
    let isNormalised: Bool
  }

  func model() throws(TokenizerError) -> Model {
    guard let value = Self.member(root, "model"), value.members != nil else {
      throw malformed("model", "an object", root["model"])
    }
    // Files of older versions leave the type out.
    if let type = Self.member(value, "type"), type.string != "BPE" {
      throw unsupported("model.type", type.kind, "BPE (byte-level)")
    }
    if let dropout = Self.member(value, "dropout"), dropout.double != 0 {
      throw unsupported("model.dropout", dropout.kind, "none: ids would be random")
    }
    for name in ["continuing_subword_prefix", "end_of_word_suffix"] {
      if let affix = Self.member(value, name), affix.string != "" {
        throw unsupported("model.\(name)", affix.kind, "none (byte-level BPE)")
      }
    }
    let vocabulary = try vocabulary(value)
    return Model(
      vocabulary: vocabulary, merges: try merges(value, vocabulary),
      ignoresMerges: try flag(value, "ignore_merges", "model", default: false))
  }

  private func vocabulary(_ model: JSONValue) throws(TokenizerError) -> [[UInt8]: Int] {
    guard let members = model["vocab"]?.members else {
      throw malformed("model.vocab", "an object of tokens and ids", model["vocab"])
    }
    var vocabulary: [[UInt8]: Int] = [:]
    vocabulary.reserveCapacity(members.count)
    var seen: Set<Int> = []
    seen.reserveCapacity(members.count)
    for member in members {
      guard let id = member.value.integer, (0...Int(Int32.max)).contains(id) else {
        throw malformed(
          "model.vocab.\(TensorError.quoted(member.name))", "an id from 0 to \(Int32.max)",
          member.value)
      }
      guard seen.insert(id).inserted else {
        throw malformed(
          "model.vocab.\(TensorError.quoted(member.name))", "an id that no other token has",
          member.value)
      }
      vocabulary[Array(member.name.utf8)] = id
    }
    return vocabulary
  }

  private func merges(
    _ model: JSONValue, _ vocabulary: [[UInt8]: Int]
  ) throws(TokenizerError) -> BytePairMerges {
    guard let entries = model["merges"]?.elements else {
      throw malformed("model.merges", "a list of pairs", model["merges"])
    }
    var merges = BytePairMerges(reserving: entries.count)
    for (index, entry) in entries.enumerated() {
      let (left, right) = try halves(of: entry, index)
      func token(_ content: [UInt8], _ what: String) throws(TokenizerError) -> Int32 {
        guard let id = vocabulary[content] else {
          throw malformed(
            "model.merges[\(index)]", "\(what) in model.vocab",
            .string(String(decoding: content, as: UTF8.self)))
        }
        return Int32(id)
      }
      merges.add(
        try token(left, "a left half"), try token(right, "a right half"),
        BytePairMerges.Merge(
          rank: Int32(clamping: index), result: try token(left + right, "a result")))
    }
    return merges
  }

  /// The halves of a merge, `["a", "b"]` or `"a b"`.
  private func halves(
    of entry: JSONValue, _ index: Int
  ) throws(TokenizerError) -> ([UInt8], [UInt8]) {
    switch entry {
    case .array(let pair) where pair.count == 2:
      if let left = pair[0].string, let right = pair[1].string {
        return (Array(left.utf8), Array(right.utf8))
      }
    case .string(let text):
      let halves = text.utf8.split(separator: 0x20, omittingEmptySubsequences: false)
      if halves.count == 2 { return (Array(halves[0]), Array(halves[1])) }
    default: break
    }
    throw malformed("model.merges[\(index)]", "two halves", entry)
  }

  /// The added tokens in the order of the file; each has the id that the reference library gives it.
  func addedTokens(_ model: Model) throws(TokenizerError) -> [AddedToken] {
    guard let value = Self.member(root, "added_tokens") else { return [] }
    guard let elements = value.elements, elements.count <= 65_536 else {
      throw malformed("added_tokens", "a list of at most 65,536 tokens", value)
    }
    var tokens: [AddedToken] = []
    var ids: [[UInt8]: Int] = [:]
    var largest: Int?
    for (index, element) in elements.enumerated() {
      let place = "added_tokens[\(index)]"
      guard let text = element["content"]?.string, !text.isEmpty else {
        throw malformed("\(place).content", "a text that is not empty", element["content"])
      }
      let content = Array(text.utf8)
      guard content.count <= AddedTokens.longestContent else {
        throw malformed(
          "\(place).content", "at most \(AddedTokens.longestContent) bytes", element["content"])
      }
      let id = try self.id(element["id"], "\(place).id")
      let size = model.vocabulary.count
      let expected =
        model.vocabulary[content] ?? ids[content] ?? largest.map { max($0 + 1, size) } ?? size
      guard id == expected else {
        throw malformed(
          "\(place).id",
          model.vocabulary[content] == nil
            ? "\(expected), the next that is free" : "\(expected), its id in model.vocab",
          element["id"])
      }
      largest = max(largest ?? id, id)
      ids[content] = id
      let isSpecial = try flag(element, "special", place, default: false)
      tokens.append(
        AddedToken(
          token: AddedTokens.Token(
            id: id, content: content,
            isSingleWord: try flag(element, "single_word", place, default: false),
            stripsLeft: try flag(element, "lstrip", place, default: false),
            stripsRight: try flag(element, "rstrip", place, default: false)),
          isNormalised: try flag(element, "normalized", place, default: !isSpecial)))
    }
    return tokens
  }
}
