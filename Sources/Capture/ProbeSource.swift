/// Where a probe's tokens come from.
package enum ProbeSource: Sendable, Equatable {
  /// A .npy array, or a safetensors file with one tensor, [n, L] integers.
  case tokens(path: String)
  case text(TextSource)
  case indexed(IndexedSource)

  /// The file that it is made from.
  package var path: String {
    switch self {
    case .tokens(let path): path
    case .text(let source): source.path
    case .indexed(let source): source.path
    }
  }

  /// All files that it is made from.
  package var files: [String] {
    switch self {
    case .tokens(let path): [path]
    case .text(let source): [source.path, source.tokenizer]
    case .indexed(let source): [source.stem + ".idx", source.stem + ".bin"]
    }
  }

  /// The key of study.yaml that names it.
  package var key: String {
    switch self {
    case .tokens: "tokens"
    case .text: "text"
    case .indexed: "indexed"
    }
  }
}

/// A text in UTF-8, or JSON objects with a text, one a line (.jsonl); cut into sequences.
package struct TextSource: Sendable, Equatable {
  package var path: String
  /// A tokenizer.json.
  package var tokenizer: String
  /// L, tokens of a sequence.
  package var length = 256
  /// n; `nil`: 128, or as many as there are.
  package var sequences: Int?
  /// Tokens at the beginning that are passed over.
  package var skip = 0
  /// The token behind each document of a .jsonl file; `nil`: `<|endoftext|>`.
  package var separator: String?
  /// The field of a .jsonl file's objects.
  package var field = "text"

  package init(path: String, tokenizer: String) {
    self.path = path
    self.tokenizer = tokenizer
  }

  static let defaultSequences = 128
  static let defaultSeparator = "<|endoftext|>"

  var isJSONLines: Bool { path.hasSuffix(".jsonl") || path.hasSuffix(".ndjson") }
}

/// A Megatron data set (`.bin` and `.idx`), of which one training batch is taken.
package struct IndexedSource: Sendable, Hashable {
  /// With or without its ending.
  package var path: String
  /// t: the batch that takes the model from step t to step t + 1.
  package var step: Int
  /// Sequences of a training batch.
  package var batch = 1024
  /// The first so many of the batch; `nil`: all.
  package var sequences: Int?
  /// The first so many tokens of each; `nil`: as stored, without the last where 2^k + 1 are stored.
  package var length: Int?

  /// The path without its ending.
  var stem: String {
    [".bin", ".idx"].contains { path.hasSuffix($0) } ? String(path.dropLast(4)) : path
  }

  package init(path: String, step: Int) {
    self.path = path
    self.step = step
  }
}
