package import LinearAlgebra

extension LanguageModel {
  /// Runs `batch` forward, shows `observer` the activations of every block, then runs backward and
  /// hands `receiver` the gradients of the mean next-token cross-entropy.
  ///
  /// One forward pass serves both. Gradients come as they are ready: final norm and output embedding,
  /// the layers from the last to the first, the input embedding (with tied embeddings both uses
  /// summed, at the end); what `receiver` does not keep is freed. Of `.analysed` only layers come.
  ///
  /// - activationMemory: bytes for what the forward pass keeps for the backward pass; the more there
  ///   is, the less is computed twice. Below the least that a pass needs, that least is taken.
  ///   The result has the same bits for every value.
  /// - Throws: as `forward`; `LanguageModelError.gradientNotFinite`; whatever `receiver` throws.
  @discardableResult
  package func gradients(
    _ batch: TokenBatch, of selection: GradientSelection = .all,
    observing observation: Observation = .none, lanes: Lanes = .single,
    activationMemory: Int = 2 << 30,
    observer: (BlockObservation) throws -> Void = { _ in },
    receiver: (ParameterGradients) throws -> Void
  ) throws -> ForwardResult {
    var kept = KeptActivations(
      configuration, tokens: batch.tokens.count, budget: activationMemory)
    let stream = try residualStream(
      batch, observing: observation, lanes: lanes, keeping: &kept, observer: observer)
    let (result, outputEmbedding) = try runHead(
      stream, batch, selection, lanes: lanes, receiver: receiver)
    // From here on `stream` holds the gradient of the residual stream.
    let groups = sequenceGroups(batch)
    let workspace = BlockWorkspace(
      model: self, sequences: groups[0].count, length: batch.length, lanes: lanes)
    let scratch = BlockBackward.Scratch(rows: groups[0].count * batch.length, configuration)
    for segment in kept.segments {
      var inputs = try restoreInputs(segment, &kept, groups, workspace)
      for layer in segment.reversed() {
        let weights = try readBlock(layer)
        let input = inputs.removeLast()
        let inner = kept.takeInner(layer: layer)
        var gradients = BlockGradients(selection, configuration)
        for (index, group) in groups.enumerated() {
          let first = group.lowerBound * batch.length * configuration.hiddenSize
          try BlockBackward(workspace, weights, scratch, kept: inner?[index]).run(
            input.start + first, stream.start + first, sequences: group.count, &gradients)
        }
        try receiver(gradients.finished(layer: layer, weights, of: self))
      }
    }
    if selection == .all {
      if let name = layout.positionEmbedding {
        try receiver(positionEmbeddingGradient(name, stream, batch))
      }
      try receiver(inputEmbeddingGradient(stream, batch, adding: outputEmbedding))
    }
    return result
  }

  /// Replaces `stream` by its gradient and hands over those of the final norm and of an output
  /// embedding of its own; returns the gradient of a tied one.
  private func runHead(
    _ stream: FloatBuffer, _ batch: TokenBatch, _ selection: GradientSelection, lanes: Lanes,
    receiver: (ParameterGradients) throws -> Void
  ) throws -> (ForwardResult, tied: [Float]) {
    let head = try OutputHead(self)
    let (result, found) = try head.lossAndGradients(
      of: stream, batch, includingEmbedding: selection == .all, lanes: lanes)
    guard selection == .all else { return (result, []) }
    var gradients: [String: [Float]] = [:]
    var weights: [String: [Float]] = [:]
    if let name = layout.finalNorm.scale {
      (gradients[name], weights[name]) = (found.norm.scale.map(Float.init), head.norm.scale)
    }
    if let name = layout.finalNorm.shift {
      (gradients[name], weights[name]) = (found.norm.shift.map(Float.init), head.norm.shift)
    }
    if layout.outputEmbedding != nil {
      gradients[outputEmbedding] = found.embedding
      weights[outputEmbedding] = head.embedding
    }
    try receiver(finiteGradients(gradients, weights))
    return (result, layout.outputEmbedding == nil ? found.embedding : [])
  }

  /// The inputs of a segment's layers, the first as kept, the others computed again.
  private func restoreInputs(
    _ segment: Range<Int>, _ kept: inout KeptActivations, _ groups: [Range<Int>],
    _ workspace: BlockWorkspace
  ) throws -> [FloatBuffer] {
    var inputs = [kept.takeInput(layer: segment.lowerBound)]
    for layer in segment.dropLast() {
      let weights = try readBlock(layer)
      let next = FloatBuffer(copying: inputs[inputs.count - 1])
      for group in groups {
        try runBlock(
          layer, weights,
          next.start + group.lowerBound * workspace.length * configuration.hiddenSize,
          sequences: group, workspace: workspace, observing: .none
        ) { _ in }
      }
      inputs.append(next)
    }
    return inputs
  }

  /// The input embedding's gradient: each position's row added to its token's.
  private func inputEmbeddingGradient(
    _ stream: FloatBuffer, _ batch: TokenBatch, adding tied: [Float]
  ) throws -> ParameterGradients {
    let d = configuration.hiddenSize
    var gradient =
      tied.isEmpty ? [Float](repeating: 0, count: configuration.vocabulary * d) : tied
    gradient.withUnsafeMutableBufferPointer { gradient in
      guard let start = gradient.baseAddress else { return }
      for (row, token) in batch.tokens.enumerated() {
        VectorMath.add(stream.start + row * d, to: start + token * d, d)
      }
    }
    let name = layout.inputEmbedding
    return try finiteGradients([name: gradient], [name: try read(name)])
  }

  /// The gradient of the table of positions: each position's rows of all sequences added.
  private func positionEmbeddingGradient(
    _ name: String, _ stream: FloatBuffer, _ batch: TokenBatch
  ) throws -> ParameterGradients {
    let d = configuration.hiddenSize
    var gradient = [Float](repeating: 0, count: configuration.context * d)
    gradient.withUnsafeMutableBufferPointer { gradient in
      guard let start = gradient.baseAddress else { return }
      for row in 0..<batch.tokens.count {
        VectorMath.add(stream.start + row * d, to: start + row % batch.length * d, d)
      }
    }
    return try finiteGradients([name: gradient], [name: try read(name)])
  }

  private func finiteGradients(
    _ gradients: [String: [Float]], _ weights: [String: [Float]]
  ) throws -> ParameterGradients {
    for (name, gradient) in gradients where !VectorMath.allFinite(gradient) {
      throw LanguageModelError.gradientNotFinite(tensor: name)
    }
    return ParameterGradients(
      layer: nil, gradients: gradients, weights: weights, analysed: nil)
  }
}
