import LinearAlgebra

/// The backward pass of one block for one micro-batch.
///
/// The inner activations are computed again from the block's input, but for those that were kept.
struct BlockBackward {
  private var workspace: BlockWorkspace
  private let weights: BlockWeights
  private let scratch: Scratch

  /// Buffers that a backward pass needs beside a forward pass's.
  struct Scratch {
    /// LN(·) as the MLP sees it, [rows, d].
    let normalisedForMLP: FloatBuffer
    /// The gradients of queries, keys and values, [rows, F].
    let fusedGradient: FloatBuffer
    /// What the MLP works on where it is not the block's own input (sequential residual), [rows, d].
    let betweenResiduals: FloatBuffer
    /// The gradient of what attention or MLP gave, where a norm comes after them, [rows, d].
    let branch: FloatBuffer

    init(rows: Int, _ configuration: ModelConfiguration) {
      let d = configuration.hiddenSize
      normalisedForMLP = FloatBuffer(count: rows * d)
      fusedGradient = FloatBuffer(count: rows * configuration.fusedSize)
      betweenResiduals = FloatBuffer(count: configuration.residual == .parallel ? 0 : rows * d)
      branch = FloatBuffer(count: configuration.residual == .normAfter ? rows * d : 0)
    }
  }

  /// - kept: inner activations of the forward pass, where they were kept.
  init(
    _ workspace: BlockWorkspace, _ weights: BlockWeights, _ scratch: Scratch,
    kept: InnerActivations?
  ) {
    self.workspace = workspace
    self.weights = weights
    self.scratch = scratch
    if let kept { self.workspace.inner = kept }
    keepsInner = kept != nil
  }

  private let keepsInner: Bool

  private var configuration: ModelConfiguration { workspace.configuration }
  private var lanes: Lanes { workspace.lanes }
  private var d: Int { configuration.hiddenSize }

  /// Replaces `dy`, the gradient of the block's output for `sequences` sequences, by that of its
  /// input `x`, and adds the parameters' gradients to `gradients`.
  func run(
    _ x: UnsafePointer<Float>, _ dy: UnsafeMutablePointer<Float>, sequences: Int,
    _ gradients: inout BlockGradients
  ) throws {
    let rows = sequences * workspace.length
    recompute(x, sequences: sequences)
    let mlpInput =
      configuration.residual == .parallel ? x : betweenResiduals(x, rows: rows)
    workspace.prepare(mlpInput, rows: rows, by: weights.mlpNorm, into: scratch.normalisedForMLP)
    if !keepsInner { workspace.expand(scratch.normalisedForMLP, rows: rows, weights) }
    workspace.activate(rows: rows)
    switch configuration.residual {
    case .parallel:
      feedForward(dy, rows: rows, &gradients)
      projection(dy, rows: rows, &gradients)
      try addNorm(weights.mlpNorm, at: mlpInput, to: dy, rows: rows, &gradients.mlpNorm)
    case .sequential:
      feedForward(dy, rows: rows, &gradients)
      try addNorm(weights.mlpNorm, at: mlpInput, to: dy, rows: rows, &gradients.mlpNorm)
      projection(dy, rows: rows, &gradients)
    case .normAfter:
      workspace.contract(rows: rows, weights)
      let mlp = try branch(
        dy, of: workspace.mlp, weights.mlpNorm, rows: rows, &gradients.mlpNorm)
      feedForward(mlp, rows: rows, &gradients)
      workspace.add(workspace.mlp, to: dy, rows: rows)
      let attention = try branch(
        dy, of: workspace.attention, weights.attentionNorm, rows: rows, &gradients.attentionNorm)
      projection(attention, rows: rows, &gradients)
    }
    mixing(sequences: sequences)
    try unnormaliseQueriesAndKeys(rows: rows, &gradients)
    queryKeyValue(rows: rows, &gradients)
    if configuration.residual == .normAfter {
      workspace.add(workspace.mlp, to: dy, rows: rows)
    } else {
      try addNorm(weights.attentionNorm, at: x, to: dy, rows: rows, &gradients.attentionNorm)
    }
  }

  /// Fills `normalised`, `inner.fused` and `context` from the block's input.
  private func recompute(_ x: UnsafePointer<Float>, sequences: Int) {
    let rows = sequences * workspace.length
    workspace.prepare(x, rows: rows, by: weights.attentionNorm)
    if !keepsInner {
      workspace.project(rows: rows, weights)
      workspace.rotate(rows: rows)
    }
    workspace.mix(sequences: sequences)
  }

  /// x + attention(LN x), or x + LN(attention x).
  private func betweenResiduals(_ x: UnsafePointer<Float>, rows: Int) -> UnsafePointer<Float> {
    workspace.projectContext(rows: rows, weights)
    let sum = scratch.betweenResiduals
    if configuration.residual == .normAfter {
      workspace.normalise(
        workspace.attention.start, rows: rows, by: weights.attentionNorm, into: sum)
      nonisolated(unsafe) let (x, y) = (x, sum.start)
      let d = d
      lanes.forEachRange(rows, grain: BlockWorkspace.rowGrain) { range in
        VectorMath.add(x + range.lowerBound * d, to: y + range.lowerBound * d, range.count * d)
      }
    } else {
      sum.start.update(from: x, count: rows * d)
      workspace.add(workspace.attention, to: sum.start, rows: rows)
    }
    return UnsafePointer(sum.start)
  }

  /// The gradient of `output` given that of its norm, for which `dy` stands.
  private func branch(
    _ dy: UnsafePointer<Float>, of output: FloatBuffer, _ norm: LayerNormalization, rows: Int,
    _ gradients: inout LayerNormalization.Gradients
  ) throws -> UnsafePointer<Float> {
    scratch.branch.start.update(from: dy, count: rows * d)
    gradients.add(
      try norm.replaceByInputGradient(
        scratch.branch.start, at: output.start, rows: rows, lanes: lanes))
    return UnsafePointer(scratch.branch.start)
  }

  /// From `dy` through the MLP: its parameters' gradients, and that of its input in `mlp`.
  private func feedForward(
    _ dy: UnsafePointer<Float>, rows: Int, _ gradients: inout BlockGradients
  ) {
    let (inner, expanded) = (configuration.intermediateSize, configuration.expandedSize)
    let hidden = workspace.hidden.start
    addProduct(dy, d, hidden, inner, rows: rows, to: &gradients.down)
    lanes.addColumnSums(of: dy, rows: rows, columns: d, to: &gradients.downBias)
    // `hidden` has served: it becomes its own gradient, then that of f's argument.
    lanes.multiply(
      .none, .none, m: rows, n: inner, k: d, dy, lda: d, weights.down, ldb: inner,
      hidden, ldc: inner)
    let gradient = configuration.gatesMLP ? gatedGradient(rows: rows) : plainGradient(rows: rows)
    if gradients.selection == .all {
      addProduct(
        gradient, expanded, scratch.normalisedForMLP.start, d, rows: rows, to: &gradients.up)
    }
    lanes.addColumnSums(of: gradient, rows: rows, columns: expanded, to: &gradients.upBias)
    lanes.multiply(
      .none, .none, m: rows, n: d, k: expanded, gradient, lda: expanded, weights.up, ldb: d,
      workspace.mlp.start, ldc: d)
  }

  /// Turns the gradient of f(up) in `hidden` into that of up, in place; [rows, inner].
  private func plainGradient(rows: Int) -> UnsafePointer<Float> {
    let (inner, activation) = (configuration.intermediateSize, configuration.activation)
    nonisolated(unsafe) let (argument, gradient) = (
      workspace.inner.preactivation.start, workspace.hidden.start
    )
    lanes.forEachRange(rows, grain: BlockWorkspace.rowGrain) { range in
      let start = range.lowerBound * inner
      activation.multiplyByDerivative(
        at: argument + start, gradient + start, count: range.count * inner)
    }
    return UnsafePointer(gradient)
  }

  /// The gradients of gate and up, [rows, gate then up], given that of f(gate) · up in `hidden`. They
  /// take the place of gate and up, which have served.
  private func gatedGradient(rows: Int) -> UnsafePointer<Float> {
    let (inner, activation) = (configuration.intermediateSize, configuration.activation)
    nonisolated(unsafe) let (arguments, gradients) = (
      workspace.inner.preactivation.start, workspace.hidden.start
    )
    lanes.forEachRange(rows, grain: BlockWorkspace.rowGrain) { range in
      let opened = FloatBuffer(count: inner)
      for row in range {
        let (gate, up) = (arguments + row * 2 * inner, arguments + row * 2 * inner + inner)
        let gradient = gradients + row * inner
        activation.apply(gate, opened.start, count: inner)
        VectorMath.multiply(up, by: gradient, inner)
        activation.multiplyByDerivative(at: gate, up, count: inner)
        gate.update(from: up, count: inner)
        VectorMath.multiply(opened.start, by: gradient, inner)
        up.update(from: opened.start, count: inner)
      }
    }
    return UnsafePointer(arguments)
  }

  /// From `dy` through W_O: its gradients, and that of the context in `context`.
  private func projection(
    _ dy: UnsafePointer<Float>, rows: Int, _ gradients: inout BlockGradients
  ) {
    let size = configuration.attentionSize
    addProduct(dy, d, workspace.context.start, size, rows: rows, to: &gradients.dense)
    lanes.addColumnSums(of: dy, rows: rows, columns: d, to: &gradients.denseBias)
    // The contexts have served: they become their own gradient.
    lanes.multiply(
      .none, .none, m: rows, n: size, k: d, dy, lda: d, weights.dense, ldb: size,
      workspace.context.start, ldc: size)
  }

  /// From the context's gradient in `context` to those of queries, keys and values before they are
  /// turned.
  private func mixing(sequences: Int) {
    let (layout, size) = (workspace.heads, configuration.attentionSize)
    let (length, softmax, rotary) = (workspace.length, workspace.softmax, workspace.rotary)
    nonisolated(unsafe) let (fused, dContext, dFused) = (
      workspace.inner.fused.start, workspace.context.start, scratch.fusedGradient.start
    )
    let groups = layout.keyValueHeads
    // Heads of a group add to the same key and value: one piece of work.
    lanes.forEachRange(sequences * groups, grain: groups) { range in
      let buffer = FloatBuffer(count: 2 * softmax.scratchCount)
      for index in range {
        let (first, group) = (index / groups * length, index % groups)
        let heads = group * layout.headsPerGroup..<(group + 1) * layout.headsPerGroup
        let rows = dFused + first * layout.width
        for position in 0..<length {
          let row = rows + position * layout.width
          (row + layout.key(heads.lowerBound)).update(repeating: 0, count: layout.headSize)
          (row + layout.value(heads.lowerBound)).update(repeating: 0, count: layout.headSize)
        }
        for head in heads {
          softmax.gradients(
            head: head, fused: fused + first * layout.width, dContext: dContext + first * size,
            dFused: rows, scratch: buffer.start)
        }
        guard let rotary else { continue }
        for position in 0..<length {
          let row = rows + position * layout.width
          for head in heads { rotary.rotateBack(row + layout.query(head), position: position) }
          rotary.rotateBack(row + layout.key(heads.lowerBound), position: position)
        }
      }
    }
  }

  /// From `fusedGradient` through the norms of queries and keys and the cut, where the model has them.
  private func unnormaliseQueriesAndKeys(
    rows: Int, _ gradients: inout BlockGradients
  ) throws {
    let (width, size) = (configuration.fusedSize, configuration.attentionSize)
    let (gradient, projected) = (scratch.fusedGradient.start, workspace.inner.projected.start)
    if let query = weights.queryNorm, let key = weights.keyNorm {
      gradients.queryNorm.add(
        try query.replaceByInputGradient(
          gradient, at: projected, rows: rows, stride: width, lanes: lanes))
      gradients.keyNorm.add(
        try key.replaceByInputGradient(
          gradient + size, at: projected + size, rows: rows, stride: width, lanes: lanes))
    }
    guard let clip = configuration.clip.map(Float.init) else { return }
    // What was cut does not pass its gradient on.
    for index in 0..<rows * width where abs(projected[index]) > clip { gradient[index] = 0 }
  }

  /// From `fusedGradient` through W_qkv: its gradients, and that of the norm's output in `mlp`.
  private func queryKeyValue(rows: Int, _ gradients: inout BlockGradients) {
    let (gradient, width) = (scratch.fusedGradient.start, configuration.fusedSize)
    addProduct(
      gradient, width, workspace.normalised.start, d, rows: rows, to: &gradients.queryKeyValue)
    lanes.addColumnSums(of: gradient, rows: rows, columns: width, to: &gradients.queryKeyValueBias)
    lanes.multiply(
      .none, .none, m: rows, n: d, k: width, gradient, lda: width, weights.queryKeyValue, ldb: d,
      workspace.mlp.start, ldc: d)
  }

  /// Adds to `dx` the gradient of a norm's input, given that of its output in `mlp`.
  private func addNorm(
    _ norm: LayerNormalization, at x: UnsafePointer<Float>, to dx: UnsafeMutablePointer<Float>,
    rows: Int, _ gradients: inout LayerNormalization.Gradients
  ) throws {
    gradients.add(
      try norm.replaceByInputGradient(workspace.mlp.start, at: x, rows: rows, lanes: lanes))
    workspace.add(workspace.mlp, to: dx, rows: rows)
  }

  /// sum += dyᵀ x for dy [rows, outputs] and x [rows, inputs].
  private func addProduct(
    _ dy: UnsafePointer<Float>, _ outputs: Int, _ x: UnsafePointer<Float>, _ inputs: Int,
    rows: Int, to sum: inout [Float]
  ) {
    lanes.multiply(
      .transposed, .none, m: outputs, n: inputs, k: rows, dy, lda: outputs, x, ldb: inputs,
      beta: 1, &sum, ldc: inputs)
  }
}
