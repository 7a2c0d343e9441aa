import LinearAlgebra

/// The end of the model: final norm, output embedding, cross-entropy of the next token.
///
/// Logits are held for a block of rows at a time.
struct OutputHead {
  private let model: LanguageModel
  let norm: LayerNormalization
  /// [vocabulary, d].
  let embedding: [Float]

  init(_ model: LanguageModel) throws {
    self.model = model
    norm = try model.finalNorm()
    embedding = try model.read(model.outputEmbedding)
  }

  private var d: Int { model.configuration.hiddenSize }
  private var vocabulary: Int { model.configuration.vocabulary }

  /// The mean cross-entropy of predicting each token from those before it.
  func loss(of stream: FloatBuffer, _ batch: TokenBatch, lanes: Lanes) throws -> ForwardResult {
    var total: Double = 0
    forEachBlock(of: stream, batch, lanes: lanes) { block in
      total += block.losses(gradientScale: nil).reduce(0, +)
    }
    return try result(total, batch)
  }

  /// The same, with the gradients of the final norm and, where `includingEmbedding`, of the output
  /// embedding; replaces `stream` by the gradient of the last block's output.
  func lossAndGradients(
    of stream: FloatBuffer, _ batch: TokenBatch, includingEmbedding: Bool, lanes: Lanes
  ) throws -> (result: ForwardResult, gradients: Gradients) {
    var total: Double = 0
    var gradients = Gradients(
      norm: LayerNormalization.Gradients(width: d),
      embedding: .init(repeating: 0, count: includingEmbedding ? vocabulary * d : 0))
    let scale = 1 / Float(batch.sequences * (batch.length - 1))
    let normGradient = FloatBuffer(count: blockRows(batch) * d)
    try forEachBlock(of: stream, batch, lanes: lanes) { block in
      total += block.losses(gradientScale: scale).reduce(0, +)
      lanes.multiply(
        .none, .none, m: block.rows.count, n: d, k: vocabulary, block.logits.start,
        lda: vocabulary, embedding, ldb: d, normGradient.start, ldc: d)
      if includingEmbedding {
        lanes.multiply(
          .transposed, .none, m: vocabulary, n: d, k: block.rows.count, block.logits.start,
          lda: vocabulary, block.normalised.start, ldb: d, beta: 1, &gradients.embedding, ldc: d)
      }
      let input = stream.start + block.rows.lowerBound * d
      gradients.norm.add(
        try norm.replaceByInputGradient(
          normGradient.start, at: input, rows: block.rows.count, lanes: lanes))
      input.update(from: normGradient.start, count: block.rows.count * d)
    }
    return (try result(total, batch), gradients)
  }

  struct Gradients {
    var norm: LayerNormalization.Gradients
    /// [vocabulary, d]; empty where it was not asked for.
    var embedding: [Float]
  }

  private func result(_ total: Double, _ batch: TokenBatch) throws -> ForwardResult {
    let targets = batch.sequences * (batch.length - 1)
    let loss = total / Double(targets)
    guard loss.isFinite else { throw LanguageModelError.lossNotFinite }
    return ForwardResult(loss: loss, targets: targets)
  }

  /// Rows whose logits are held at once: about 128 MB of them at most.
  private func blockRows(_ batch: TokenBatch) -> Int {
    min(batch.tokens.count, max(16, min(1024, (32 << 20) / vocabulary)))
  }

  private func forEachBlock(
    of stream: FloatBuffer, _ batch: TokenBatch, lanes: Lanes, _ body: (LogitBlock) throws -> Void
  ) rethrows {
    let size = blockRows(batch)
    let normalised = FloatBuffer(count: size * d)
    let logits = FloatBuffer(count: size * vocabulary)
    for first in stride(from: 0, to: batch.tokens.count, by: size) {
      let rows = first..<min(first + size, batch.tokens.count)
      norm.apply(stream.start + first * d, normalised.start, rows: rows.count, lanes: lanes)
      lanes.multiply(
        .none, .transposed, m: rows.count, n: vocabulary, k: d, normalised.start, lda: d,
        embedding, ldb: d, logits.start, ldc: vocabulary)
      try body(
        LogitBlock(
          batch: batch, rows: rows, normalised: normalised, logits: logits,
          vocabulary: vocabulary, lanes: lanes))
    }
  }
}

/// The logits of consecutive rows of a batch.
private struct LogitBlock {
  let batch: TokenBatch
  let rows: Range<Int>
  /// LN(x), [rows, d].
  let normalised: FloatBuffer
  /// [rows, vocabulary].
  let logits: FloatBuffer
  let vocabulary: Int
  let lanes: Lanes

  /// Each row's cross-entropy, 0 for a sequence's last row. With `gradientScale`, `logits` become
  /// the gradient of that times the sum of losses.
  func losses(gradientScale: Float?) -> [Double] {
    var losses = [Double](repeating: 0, count: rows.count)
    let (batch, first, vocabulary) = (batch, rows.lowerBound, vocabulary)
    losses.withUnsafeMutableBufferPointer { losses in
      // SAFETY: each row writes its own loss and its own logits.
      nonisolated(unsafe) let losses = losses
      nonisolated(unsafe) let logits = logits.start
      lanes.forEachRange(rows.count, grain: 16) { range in
        for index in range {
          let z = logits + index * vocabulary
          let row = first + index
          guard row % batch.length != batch.length - 1 else {
            z.update(repeating: 0, count: vocabulary)
            continue
          }
          let target = batch.tokens[row + 1]
          losses[index] =
            if let gradientScale {
              CrossEntropy.lossAndGradient(
                z, count: vocabulary, target: target, scale: gradientScale)
            } else {
              CrossEntropy.loss(z, count: vocabulary, target: target)
            }
        }
      }
    }
    return losses
  }
}
