import Tensors

/// The fields of a `tokenizer.json`, each read with the check that it needs.
struct TokenizerFields {
  let root: JSONValue
  let file: String

  init(_ root: JSONValue, file: String) {
    self.root = root
    self.file = file
  }

  /// The value of `value[name]`; `nil` where it is missing or null.
  static func member(_ value: JSONValue, _ name: String) -> JSONValue? {
    let found = value[name]
    return found?.isNull == true ? nil : found
  }

  func malformed(_ place: String, _ expected: String, _ found: JSONValue?) -> TokenizerError {
    .malformed(file: file, place: place, expected: expected, found: found?.kind ?? "nothing")
  }

  func unsupported(_ place: String, _ found: String, _ supported: String) -> TokenizerError {
    .unsupported(file: file, place: place, found: found, supported: supported)
  }

  func type(of value: JSONValue, _ place: String) throws(TokenizerError) -> String {
    guard let type = value["type"]?.string else {
      throw malformed("\(place).type", "the name of a type", value["type"])
    }
    return type
  }

  func flag(
    _ value: JSONValue, _ name: String, _ place: String, default fallback: Bool
  ) throws(TokenizerError) -> Bool {
    guard let found = Self.member(value, name) else { return fallback }
    guard let flag = found.bool else {
      throw malformed("\(place).\(name)", "true or false", found)
    }
    return flag
  }

  /// An id: what Int32 holds, not negative.
  func id(_ value: JSONValue?, _ place: String) throws(TokenizerError) -> Int {
    guard let id = value?.integer, (0...Int(Int32.max)).contains(id) else {
      throw malformed(place, "an id from 0 to \(Int32.max)", value)
    }
    return id
  }

  /// Whether text is brought into form C; the only normaliser that byte-level tokenizers use.
  func normalises() throws(TokenizerError) -> Bool {
    guard let normalizer = Self.member(root, "normalizer") else { return false }
    var normalises = false
    for (part, place) in try parts(of: normalizer, "normalizers", "normalizer") {
      let type = try type(of: part, place)
      guard type == "NFC" else {
        throw unsupported("\(place).type", TensorError.quoted(type), "NFC, none")
      }
      normalises = true
    }
    return normalises
  }

  /// The members of a `Sequence`, or the value alone.
  func parts(
    of value: JSONValue, _ name: String, _ place: String
  ) throws(TokenizerError) -> [(JSONValue, String)] {
    guard try type(of: value, place) == "Sequence" else { return [(value, place)] }
    guard let elements = value[name]?.elements else {
      throw malformed("\(place).\(name)", "a list", value[name])
    }
    guard elements.count <= 16 else {
      throw malformed("\(place).\(name)", "at most 16 of them", value[name])
    }
    return elements.enumerated().map { ($1, "\(place).\(name)[\($0)]") }
  }

  /// Tokens are decoded by the byte alphabet.
  func requireByteLevelDecoder() throws(TokenizerError) {
    guard let decoder = Self.member(root, "decoder") else { return }
    for (part, place) in try parts(of: decoder, "decoders", "decoder") {
      let type = try type(of: part, place)
      guard type == "ByteLevel" else {
        throw unsupported("\(place).type", TensorError.quoted(type), "ByteLevel")
      }
    }
  }

  /// What of the file is not done here.
  func notes() -> [String] {
    ["truncation", "padding"].compactMap { name in
      Self.member(root, name).map { _ in
        "\(file): \(name) is not applied: texts are tokenised whole"
      }
    }
  }
}

extension TokenizerFields {
  func preTokenizer() throws(TokenizerError) -> PreTokenizer {
    guard let value = Self.member(root, "pre_tokenizer") else {
      throw unsupported("pre_tokenizer", "none", "ByteLevel, or a Sequence that ends with it")
    }
    let parts = try parts(of: value, "pretokenizers", "pre_tokenizer")
    var stages: [PreTokenizer.Stage] = []
    for (index, (part, place)) in parts.enumerated() {
      let type = try type(of: part, place)
      switch type {
      case "ByteLevel":
        guard index == parts.count - 1 else {
          throw unsupported(place, "ByteLevel before others", "ByteLevel as the last")
        }
        let addsPrefixSpace = try flag(part, "add_prefix_space", place, default: true)
        guard !addsPrefixSpace || stages.isEmpty else {
          throw unsupported(
            "\(place).add_prefix_space", "true after other pre-tokenisers", "false there")
        }
        if try flag(part, "use_regex", place, default: true) { stages.append(.split(.gpt2)) }
        return PreTokenizer(stages: stages, addsPrefixSpace: addsPrefixSpace)
      case "Digits":
        stages.append(
          .digits(individually: try flag(part, "individual_digits", place, default: false)))
      case "Split": stages.append(.split(try pattern(of: part, place)))
      default:
        throw unsupported("\(place).type", TensorError.quoted(type), "ByteLevel, Digits, Split")
      }
    }
    throw unsupported("pre_tokenizer", "no ByteLevel at its end", "byte-level BPE")
  }

  /// The known pattern of a `Split` that keeps every match as a piece.
  private func pattern(
    of value: JSONValue, _ place: String
  ) throws(TokenizerError) -> SplitPattern {
    guard let text = value["pattern"]?["Regex"]?.string else {
      throw unsupported(
        "\(place).pattern", value["pattern"]?.kind ?? "nothing", SplitPattern.supported)
    }
    guard let pattern = SplitPattern(text) else {
      throw unsupported("\(place).pattern", TensorError.quoted(text), SplitPattern.supported)
    }
    let behaviour = value["behavior"]?.string ?? "nothing"
    let inverts = try flag(value, "invert", place, default: false)
    // The patterns match every character, so that nothing lies between two matches.
    guard (behaviour, inverts) == ("Isolated", false) || (behaviour, inverts) == ("Removed", true)
    else {
      throw unsupported(
        "\(place).behavior", "\(TensorError.quoted(behaviour)) with invert \(inverts)",
        "Isolated, or Removed with invert true")
    }
    return pattern
  }

  /// Ids that a template puts before and behind a single text.
  func template() throws(TokenizerError) -> (prefix: [Int], suffix: [Int]) {
    guard let value = Self.member(root, "post_processor") else { return ([], []) }
    var (prefix, suffix): ([Int], [Int]) = ([], [])
    for (part, place) in try parts(of: value, "processors", "post_processor") {
      let type = try type(of: part, place)
      switch type {
      case "ByteLevel": continue
      case "TemplateProcessing":
        let found = try template(of: part, place)
        // The last of several stands outermost.
        prefix = found.prefix + prefix
        suffix += found.suffix
      default:
        throw unsupported(
          "\(place).type", TensorError.quoted(type), "ByteLevel, TemplateProcessing")
      }
    }
    return (prefix, suffix)
  }

  private func template(
    of value: JSONValue, _ place: String
  ) throws(TokenizerError) -> (prefix: [Int], suffix: [Int]) {
    guard let pieces = value["single"]?.elements, pieces.count <= 64 else {
      throw malformed("\(place).single", "a list of at most 64 pieces", value["single"])
    }
    var (prefix, suffix): ([Int], [Int]) = ([], [])
    var isBehind = false
    for (index, piece) in pieces.enumerated() {
      let here = "\(place).single[\(index)]"
      if piece["Sequence"] != nil {
        guard !isBehind else { throw unsupported(here, "the text twice", "the text once") }
        isBehind = true
        continue
      }
      guard let name = piece["SpecialToken"]?["id"]?.string else {
        throw malformed(here, "a Sequence or a SpecialToken", piece)
      }
      let special = value["special_tokens"]?[name]
      guard let ids = special?["ids"]?.elements, ids.count <= 64 else {
        throw malformed(
          "\(place).special_tokens.\(TensorError.quoted(name)).ids", "a list of at most 64 ids",
          special?["ids"])
      }
      for id in ids {
        let id = try self.id(id, "\(place).special_tokens.\(TensorError.quoted(name)).ids")
        if isBehind { suffix.append(id) } else { prefix.append(id) }
      }
    }
    guard isBehind else { throw malformed("\(place).single", "a Sequence", value["single"]) }
    return (prefix, suffix)
  }
}
