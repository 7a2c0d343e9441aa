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
    /// The gradients of queries, keys and values, [rows, 3d].
    let fusedGradient: FloatBuffer
    /// The input of the MLP's norm where it is not the block's own (sequential residual), [rows, d].
    let betweenResiduals: FloatBuffer

    init(rows: Int, _ configuration: GPTNeoXConfiguration) {
      let d = configuration.hiddenSize
      normalisedForMLP = FloatBuffer(count: rows * d)
      fusedGradient = FloatBuffer(count: rows * 3 * d)
      betweenResiduals = FloatBuffer(count: configuration.usesParallelResidual ? 0 : rows * d)
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

  private var configuration: GPTNeoXConfiguration { workspace.configuration }
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
    let mlpInput = configuration.usesParallelResidual ? x : betweenResiduals(x, rows: rows)
    workspace.normalise(mlpInput, rows: rows, by: weights.mlpNorm, into: scratch.normalisedForMLP)
    if !keepsInner { workspace.expand(scratch.normalisedForMLP, rows: rows, weights) }
    workspace.activate(rows: rows)
    feedForward(dy, rows: rows, &gradients)
    if configuration.usesParallelResidual {
      projection(dy, rows: rows, &gradients)
      try addNorm(weights.mlpNorm, at: mlpInput, to: dy, rows: rows, &gradients.mlpNorm)
    } else {
      try addNorm(weights.mlpNorm, at: mlpInput, to: dy, rows: rows, &gradients.mlpNorm)
      projection(dy, rows: rows, &gradients)
    }
    mixing(sequences: sequences)
    queryKeyValue(rows: rows, &gradients)
    try addNorm(weights.attentionNorm, at: x, to: dy, rows: rows, &gradients.attentionNorm)
  }

  /// Fills `normalised`, `inner.fused` and `context` from the block's input.
  private func recompute(_ x: UnsafePointer<Float>, sequences: Int) {
    let rows = sequences * workspace.length
    workspace.normalise(x, rows: rows, by: weights.attentionNorm)
    if !keepsInner {
      workspace.project(rows: rows, weights)
      workspace.rotate(rows: rows)
    }
    workspace.mix(sequences: sequences)
  }

  /// x + attention(LN x).
  private func betweenResiduals(_ x: UnsafePointer<Float>, rows: Int) -> UnsafePointer<Float> {
    workspace.projectContext(rows: rows, weights)
    scratch.betweenResiduals.start.update(from: x, count: rows * d)
    workspace.add(workspace.attention, to: scratch.betweenResiduals.start, rows: rows)
    return UnsafePointer(scratch.betweenResiduals.start)
  }

  /// From `dy` through the MLP: its parameters' gradients, and that of its input in `mlp`.
  private func feedForward(
    _ dy: UnsafePointer<Float>, rows: Int, _ gradients: inout BlockGradients
  ) {
    let (inner, activation) = (configuration.intermediateSize, configuration.activation)
    let hidden = workspace.hidden.start
    addProduct(dy, d, hidden, inner, rows: rows, to: &gradients.down)
    lanes.addColumnSums(of: dy, rows: rows, columns: d, to: &gradients.downBias)
    // `hidden` has served: it becomes its own gradient, then that of f's argument.
    lanes.multiply(
      .none, .none, m: rows, n: inner, k: d, dy, lda: d, weights.down, ldb: inner,
      hidden, ldc: inner)
    nonisolated(unsafe) let (argument, gradient) = (workspace.inner.preactivation.start, hidden)
    lanes.forEachRange(rows, grain: BlockWorkspace.rowGrain) { range in
      let start = range.lowerBound * inner
      activation.multiplyByDerivative(
        at: argument + start, gradient + start, count: range.count * inner)
    }
    if gradients.selection == .all {
      addProduct(
        hidden, inner, scratch.normalisedForMLP.start, d, rows: rows, to: &gradients.up)
    }
    lanes.addColumnSums(of: hidden, rows: rows, columns: inner, to: &gradients.upBias)
    lanes.multiply(
      .none, .none, m: rows, n: d, k: inner, hidden, lda: inner, weights.up, ldb: d,
      workspace.mlp.start, ldc: d)
  }

  /// From `dy` through W_O: its gradients, and that of the context in `attention`.
  private func projection(
    _ dy: UnsafePointer<Float>, rows: Int, _ gradients: inout BlockGradients
  ) {
    addProduct(dy, d, workspace.context.start, d, rows: rows, to: &gradients.dense)
    lanes.addColumnSums(of: dy, rows: rows, columns: d, to: &gradients.denseBias)
    lanes.multiply(
      .none, .none, m: rows, n: d, k: d, dy, lda: d, weights.dense, ldb: d,
      workspace.attention.start, ldc: d)
  }

  /// From the context's gradient in `attention` to those of queries, keys and values as projected.
  private func mixing(sequences: Int) {
    let (heads, headSize, d) = (configuration.heads, configuration.headSize, d)
    let (length, softmax, rotary) = (workspace.length, workspace.softmax, workspace.rotary)
    nonisolated(unsafe) let (fused, dContext, dFused) = (
      workspace.inner.fused.start, workspace.attention.start, scratch.fusedGradient.start
    )
    lanes.forEachRange(sequences * heads, grain: heads) { range in
      let buffer = FloatBuffer(count: 2 * softmax.scratchCount)
      for index in range {
        let (first, head) = (index / heads * length, index % heads)
        softmax.gradients(
          head: head, fused: fused + first * 3 * d, dContext: dContext + first * d,
          dFused: dFused + first * 3 * d, scratch: buffer.start)
        for position in 0..<length {
          let query = dFused + ((first + position) * heads + head) * 3 * headSize
          rotary.rotateBack(query, position: position)
          rotary.rotateBack(query + headSize, position: position)
        }
      }
    }
  }

  /// From `fusedGradient` through W_qkv: its gradients, and that of the norm's output in `mlp`.
  private func queryKeyValue(rows: Int, _ gradients: inout BlockGradients) {
    let gradient = scratch.fusedGradient.start
    addProduct(
      gradient, 3 * d, workspace.normalised.start, d, rows: rows, to: &gradients.queryKeyValue)
    lanes.addColumnSums(of: gradient, rows: rows, columns: 3 * d, to: &gradients.queryKeyValueBias)
    lanes.multiply(
      .none, .none, m: rows, n: d, k: 3 * d, gradient, lda: 3 * d, weights.queryKeyValue, ldb: d,
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
