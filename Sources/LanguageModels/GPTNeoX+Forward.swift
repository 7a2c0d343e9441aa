package import LinearAlgebra

/// What a forward pass gives besides the activations that its observer saw.
package struct ForwardResult: Sendable {
  /// Mean next-token cross-entropy in nats over all targets.
  package let loss: Double
  /// Targets: n · (L - 1).
  package let targets: Int
}

extension GPTNeoX {
  /// Runs `batch` through the model and shows `observer` the activations of every block.
  ///
  /// The observer is called on the caller's thread, for each layer in order and within a layer for
  /// consecutive ranges of sequences.
  ///
  /// - Throws: `LanguageModelError` for tokens outside the vocabulary, a sequence longer than the
  ///   context, weights that are not finite, or activations that overflow; whatever `source` and
  ///   `observer` throw.
  @discardableResult
  package func forward(
    _ batch: TokenBatch, observing observation: Observation = .none, lanes: Lanes = .single,
    observer: (BlockObservation) throws -> Void = { _ in }
  ) throws -> ForwardResult {
    let stream = try residualStream(
      batch, observing: observation, lanes: lanes, observer: observer)
    return try nextTokenLoss(stream, batch, lanes: lanes)
  }

  /// The logits of every position, [n · L, vocabulary]; for short batches and tests.
  package func logits(_ batch: TokenBatch, lanes: Lanes = .single) throws -> Matrix<Float> {
    let stream = try residualStream(batch, observing: .none, lanes: lanes) { _ in }
    let rows = batch.sequences * batch.length
    let (d, vocabulary) = (configuration.hiddenSize, configuration.vocabulary)
    let norm = try finalNorm()
    let embedding = try read(outputEmbedding)
    for row in 0..<rows { norm.apply(stream.start + row * d, stream.start + row * d) }
    var logits = Matrix<Float>(rows: rows, columns: vocabulary)
    lanes.gemm(
      .none, .transposed, m: rows, n: vocabulary, k: d, stream.start, lda: d, embedding, ldb: d,
      &logits.elements, ldc: vocabulary)
    return logits
  }

  /// The last block's output for every position, [n · L, d].
  ///
  /// `inputs`, where given, receive each block's input before it runs, one buffer a layer.
  func residualStream(
    _ batch: TokenBatch, observing observation: Observation, lanes: Lanes,
    keepingInputs inputs: [FloatBuffer] = [],
    observer: (BlockObservation) throws -> Void
  ) throws -> FloatBuffer {
    try batch.validate(vocabulary: configuration.vocabulary, context: configuration.context)
    precondition(
      observation.positions.allSatisfy { 0..<batch.length ~= $0 },
      "positions \(observation.positions) of sequences of \(batch.length) tokens")
    let (d, length) = (configuration.hiddenSize, batch.length)
    let stream = try embed(batch)
    let group = min(batch.sequences, microBatch(length: length))
    let workspace = BlockWorkspace(model: self, sequences: group, length: length, lanes: lanes)
    for layer in 0..<configuration.layers {
      let weights = try readBlock(layer)
      if layer < inputs.count {
        inputs[layer].start.update(from: stream.start, count: stream.count)
      }
      for first in stride(from: 0, to: batch.sequences, by: group) {
        let sequences = first..<min(first + group, batch.sequences)
        try runBlock(
          layer, weights, stream.start + first * length * d, sequences: sequences,
          workspace: workspace, observing: observation, observer: observer)
      }
    }
    return stream
  }

  /// The input embeddings of `batch`, [n · L, d].
  private func embed(_ batch: TokenBatch) throws -> FloatBuffer {
    let d = configuration.hiddenSize
    let embedding = try read(GPTNeoXParameters.inputEmbedding)
    let stream = FloatBuffer(count: batch.tokens.count * d)
    embedding.withUnsafeBufferPointer { embedding in
      guard let rows = embedding.baseAddress else { return }
      for (row, token) in batch.tokens.enumerated() {
        (stream.start + row * d).update(from: rows + token * d, count: d)
      }
    }
    return stream
  }

  /// Runs one block on `x` ([rows, d], in place) and shows its activations.
  private func runBlock(
    _ layer: Int, _ weights: BlockWeights, _ x: UnsafeMutablePointer<Float>,
    sequences: Range<Int>, workspace: BlockWorkspace, observing observation: Observation,
    observer: (BlockObservation) throws -> Void
  ) throws {
    let rows = sequences.count * workspace.length
    var recorder = BlockRecorder(
      observation, layer: layer, sequences: sequences, length: workspace.length)
    workspace.normalise(x, rows: rows, by: weights.attentionNorm)
    workspace.project(rows: rows, weights)
    recorder.recordValues(of: workspace.fused, configuration)
    workspace.rotate(rows: rows)
    workspace.attend(sequences: sequences.count, weights)
    if configuration.usesParallelResidual {
      workspace.normalise(x, rows: rows, by: weights.mlpNorm)
      workspace.add(workspace.attention, to: x, rows: rows)
    } else {
      workspace.add(workspace.attention, to: x, rows: rows)
      workspace.normalise(x, rows: rows, by: weights.mlpNorm)
    }
    workspace.feedForward(rows: rows, weights)
    workspace.add(workspace.mlp, to: x, rows: rows)

    let d = configuration.hiddenSize
    recorder.record(.attention, workspace.attention.start, columns: d)
    recorder.record(.mlp, workspace.mlp.start, columns: d)
    recorder.record(.residual, x, columns: d)
    guard !observation.hooks.isEmpty else { return }
    try observer(recorder.finished(outputProjection: weights.dense, size: d))
  }

  /// The mean cross-entropy of predicting each token from those before it.
  private func nextTokenLoss(
    _ stream: FloatBuffer, _ batch: TokenBatch, lanes: Lanes
  ) throws -> ForwardResult {
    let (d, vocabulary, length) = (
      configuration.hiddenSize, configuration.vocabulary, batch.length
    )
    let norm = try finalNorm()
    let embedding = try read(outputEmbedding)
    let rows = batch.sequences * length
    let grain = LogitBlock.rows(vocabulary: vocabulary)
    nonisolated(unsafe) let stream = stream.start
    // One sum a block of rows, added in order: the same for every number of lanes.
    let sums = try lanes.map((rows + grain - 1) / grain) { block in
      let range = block * grain..<min(rows, (block + 1) * grain)
      let logits = FloatBuffer(count: range.count * vocabulary)
      let normalised = FloatBuffer(count: range.count * d)
      for row in range { norm.apply(stream + row * d, normalised.start + (row - range.lowerBound) * d) }
      Float.gemm(
        .none, .transposed, m: range.count, n: vocabulary, k: d, alpha: 1,
        normalised.start, lda: d, embedding, ldb: d, beta: 0, logits.start, ldc: vocabulary)
      var sum: Double = 0
      for row in range where row % length != length - 1 {
        sum += CrossEntropy.loss(
          logits.start + (row - range.lowerBound) * vocabulary, count: vocabulary,
          target: batch.tokens[row + 1])
      }
      return sum
    }
    let targets = batch.sequences * (length - 1)
    let loss = sums.reduce(0, +) / Double(targets)
    guard loss.isFinite else { throw LanguageModelError.lossNotFinite }
    return ForwardResult(loss: loss, targets: targets)
  }
}

/// The cut of the output embedding's product into blocks of rows.
enum LogitBlock {
  /// Rows whose logits are held at once: about 32 MB of them.
  static func rows(vocabulary: Int) -> Int { max(16, min(512, (8 << 20) / vocabulary)) }
}
