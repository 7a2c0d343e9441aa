package import LanguageModels

/// The batches that gradients are taken of.
package struct GradientBatches: Sendable, Equatable {
  /// A probe's name, or `batches`.
  package let name: String
  package let digest: String
  private let source: Source

  private enum Source: Sendable, Equatable {
    case read([TokenBatch])
    /// Read again when they are needed: around every checkpoint lie other ones.
    case indexed([IndexedSource])
  }

  /// A probe as the only batch.
  package init(_ probe: Probe) {
    name = probe.name
    digest = probe.digest
    source = .read([probe.batch])
  }

  /// Reads the array [b, n, L] of token ids in `path`.
  package init(path: String) throws(CaptureError) {
    let array = try TokenArray(path: path, dimensions: 3, axes: "[batches, sequences, tokens]")
    name = "batches"
    digest = TokenDigest.of(array.tokens, shape: array.shape)
    source = .read(array.batches)
  }

  /// The training batches of the steps t − `window` … t + `window` around the checkpoint of step t, as
  /// many of them as the data set has; at least one.
  package init(_ data: IndexedSource, around step: Int, window: Int) throws(CaptureError) {
    let sequences = try IndexedDataset(path: data.path).sequences
    let last = (sequences - 1) / data.batch
    let steps = max(0, step - window)...(step < .max - window ? max(0, step + window) : .max)
    guard sequences > 0, steps.lowerBound <= last else {
      throw .tokens(
        path: data.path,
        expected: "a batch of the steps \(steps.lowerBound) to \(steps.upperBound)",
        found:
          "\(sequences) sequences, at \(data.batch) a step the batches of the steps 0 to \(last)")
    }
    let sources = steps.clamped(to: 0...last).map { step in
      var source = data
      source.step = step
      return source
    }
    name = "batches"
    var digests: [String] = []
    for source in sources {
      let batch = try IndexedProbe(source).batch
      digests.append(TokenDigest.of(batch.tokens, shape: [batch.sequences, batch.length]))
    }
    digest = digests.joined(separator: " ")
    self.source = .indexed(sources)
  }

  /// The steps whose training batches these are; empty where they come from elsewhere.
  package var steps: [Int] {
    guard case .indexed(let sources) = source else { return [] }
    return sources.map(\.step)
  }

  /// The batches, read anew where they lie in a data set.
  package func batches() throws(CaptureError) -> [TokenBatch] {
    switch source {
    case .read(let batches): return batches
    case .indexed(let sources):
      var batches: [TokenBatch] = []
      for source in sources { batches.append(try IndexedProbe(source).batch) }
      return batches
    }
  }

  /// Throws the first token outside `0..<vocabulary`, or a length beyond `context`.
  package func validate(vocabulary: Int, context: Int) throws {
    for batch in try batches() { try batch.validate(vocabulary: vocabulary, context: context) }
  }
}
