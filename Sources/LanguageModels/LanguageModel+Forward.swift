package import LinearAlgebra

/// What a forward pass gives besides the activations that its observer saw.
package struct ForwardResult: Sendable {
  /// Mean next-token cross-entropy in nats over all targets.
  package let loss: Double
  /// Targets: n · (L - 1).
  package let targets: Int
}

extension LanguageModel {
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
    var kept = KeptActivations.none
    let stream = try residualStream(
      batch, observing: observation, lanes: lanes, keeping: &kept, observer: observer)
    return try OutputHead(self).loss(of: stream, batch, lanes: lanes)
  }

  /// The logits of every position, [n · L, vocabulary]; for short batches and tests.
  package func logits(_ batch: TokenBatch, lanes: Lanes = .single) throws -> Matrix<Float> {
    var kept = KeptActivations.none
    let stream = try residualStream(
      batch, observing: .none, lanes: lanes, keeping: &kept
    ) { _ in }
    let rows = batch.sequences * batch.length
    let (d, vocabulary) = (configuration.hiddenSize, configuration.vocabulary)
    let norm = try finalNorm()
    let embedding = try read(outputEmbedding)
    for row in 0..<rows { norm.apply(stream.start + row * d, stream.start + row * d) }
    var logits = Matrix<Float>(rows: rows, columns: vocabulary)
    lanes.multiply(
      .none, .transposed, m: rows, n: vocabulary, k: d, stream.start, lda: d, embedding, ldb: d,
      &logits.elements, ldc: vocabulary)
    return logits
  }

  /// The last block's output for every position, [n · L, d]; `kept` takes what its plan wants.
  func residualStream(
    _ batch: TokenBatch, observing observation: Observation, lanes: Lanes,
    keeping kept: inout KeptActivations, observer: (BlockObservation) throws -> Void
  ) throws -> FloatBuffer {
    try batch.validate(vocabulary: configuration.vocabulary, context: configuration.context)
    precondition(
      observation.positions.allSatisfy { 0..<batch.length ~= $0 },
      "positions \(observation.positions) of sequences of \(batch.length) tokens")
    let stream = try embed(batch)
    let groups = sequenceGroups(batch)
    var workspace = BlockWorkspace(
      model: self, sequences: groups[0].count, length: batch.length, lanes: lanes)
    for layer in 0..<configuration.layers {
      let weights = try readBlock(layer)
      kept.keepInput(stream, layer: layer)
      for group in groups {
        kept.prepareInner(of: &workspace, layer: layer, rows: group.count * batch.length)
        try runBlock(
          layer, weights, stream.start + group.lowerBound * batch.length * configuration.hiddenSize,
          sequences: group, workspace: workspace, observing: observation, observer: observer)
      }
    }
    return stream
  }

  /// The ranges of sequences that pass through a block together.
  func sequenceGroups(_ batch: TokenBatch) -> [Range<Int>] {
    let size = min(batch.sequences, microBatch(length: batch.length))
    return stride(from: 0, to: batch.sequences, by: size).map {
      $0..<min($0 + size, batch.sequences)
    }
  }

  /// The input embeddings of `batch` with those of positions where they are learned, [n · L, d].
  private func embed(_ batch: TokenBatch) throws -> FloatBuffer {
    let d = configuration.hiddenSize
    let embedding = try read(layout.inputEmbedding)
    let stream = FloatBuffer(count: batch.tokens.count * d)
    embedding.withUnsafeBufferPointer { embedding in
      guard let rows = embedding.baseAddress else { return }
      for (row, token) in batch.tokens.enumerated() {
        (stream.start + row * d).update(from: rows + token * d, count: d)
      }
    }
    guard let name = layout.positionEmbedding else { return stream }
    try read(name).withUnsafeBufferPointer { positions in
      guard let start = positions.baseAddress else { return }
      for row in 0..<batch.tokens.count {
        VectorMath.add(start + row % batch.length * d, to: stream.start + row * d, d)
      }
    }
    return stream
  }

  /// Runs one block on `x` ([rows, d], in place) and shows its activations.
  func runBlock(
    _ layer: Int, _ weights: BlockWeights, _ x: UnsafeMutablePointer<Float>,
    sequences: Range<Int>, workspace: BlockWorkspace, observing observation: Observation,
    observer: (BlockObservation) throws -> Void
  ) throws {
    let rows = sequences.count * workspace.length
    var recorder = BlockRecorder(
      observation, layer: layer, sequences: sequences, length: workspace.length)
    workspace.prepare(x, rows: rows, by: weights.attentionNorm)
    workspace.project(rows: rows, weights)
    recorder.recordValues(of: workspace.inner.fused, workspace.heads)
    workspace.rotate(rows: rows)
    workspace.mix(sequences: sequences.count)
    workspace.projectContext(rows: rows, weights)
    switch configuration.residual {
    case .parallel:
      workspace.normalise(x, rows: rows, by: weights.mlpNorm)
      workspace.add(workspace.attention, to: x, rows: rows)
    case .sequential:
      workspace.add(workspace.attention, to: x, rows: rows)
      workspace.normalise(x, rows: rows, by: weights.mlpNorm)
    case .normAfter:
      workspace.normalise(workspace.attention.start, rows: rows, by: weights.attentionNorm)
      workspace.add(workspace.normalised, to: x, rows: rows)
      workspace.prepare(x, rows: rows, by: weights.mlpNorm)
    }
    workspace.expand(workspace.normalised, rows: rows, weights)
    workspace.activate(rows: rows)
    workspace.contract(rows: rows, weights)
    if configuration.residual == .normAfter {
      workspace.normalise(workspace.mlp.start, rows: rows, by: weights.mlpNorm)
      workspace.add(workspace.normalised, to: x, rows: rows)
    } else {
      workspace.add(workspace.mlp, to: x, rows: rows)
    }

    let d = configuration.hiddenSize
    recorder.record(.attention, workspace.attention.start, columns: d)
    recorder.record(.mlp, workspace.mlp.start, columns: d)
    recorder.record(.residual, x, columns: d)
    guard !observation.hooks.isEmpty else { return }
    try observer(
      recorder.finished(
        outputProjection: Matrix(
          rows: d, columns: configuration.attentionSize, elements: weights.dense)))
  }
}
