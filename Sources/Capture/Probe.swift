import Files
package import LanguageModels

/// A fixed batch of token sequences, the same for every checkpoint and every run.
package struct Probe: Sendable, Equatable {
  package let name: String
  package let path: String
  package let batch: TokenBatch
  /// The files that it was made from.
  package let files: [String]
  /// The SHA-256 of shape and tokens, whatever they were made from.
  package let digest: String
  /// How the tokens were made, where that is not plain: one line each.
  package let notes: [String]

  /// Reads or makes the tokens of `source`; n ≥ 1, L ≥ 2.
  package init(name: String, source: ProbeSource) throws(CaptureError) {
    self.name = name
    path = source.path
    files = source.files
    switch source {
    case .tokens(let path):
      batch = try TokenArray(path: path, dimensions: 2, axes: "[sequences, tokens]").batches[0]
      notes = []
    case .text(let text):
      let made = try TextProbe(text)
      (batch, notes) = (made.batch, made.notes)
    case .indexed(let indexed):
      let made = try IndexedProbe(indexed)
      (batch, notes) = (made.batch, made.notes)
    }
    digest = TokenDigest.of(batch.tokens, shape: [batch.sequences, batch.length])
  }

  /// Reads the array [n, L] of token ids in `path`.
  package init(name: String, path: String) throws(CaptureError) {
    try self.init(name: name, source: .tokens(path: path))
  }
}

enum TokenDigest {
  static func of(_ tokens: [Int], shape: [Int]) -> String {
    var hasher = SHA256Hasher()
    hasher.update("tokens \(shape)\n")
    hasher.update(
      tokens.flatMap { token in withUnsafeBytes(of: Int64(token).littleEndian, Array.init) })
    return hasher.finalize().hex
  }
}
