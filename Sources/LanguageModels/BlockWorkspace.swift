import LinearAlgebra

/// The inner activations of one block for one micro-batch, and the steps that fill them.
///
/// Each step cuts its work at places that depend on the shapes alone, so that every number of lanes
/// gives the same bits.
struct BlockWorkspace {
  let configuration: GPTNeoXConfiguration
  let length: Int
  let lanes: Lanes
  /// LN(x) as the attention or the MLP sees it, [rows, d].
  let normalised: FloatBuffer
  /// What can be kept for the backward pass instead of being computed again.
  var inner: InnerActivations
  /// The heads' contexts, [rows, d].
  let context: FloatBuffer
  /// The attention's output, [rows, d].
  let attention: FloatBuffer
  /// The MLP's inner activations after the non-linearity, [rows, 4d].
  let hidden: FloatBuffer
  /// The MLP's output, [rows, d].
  let mlp: FloatBuffer

  let rotary: RotaryEmbedding
  let softmax: CausalAttention

  /// A workspace for at most `sequences` sequences of `length` tokens.
  init(model: GPTNeoX, sequences: Int, length: Int, lanes: Lanes) {
    configuration = model.configuration
    self.length = length
    self.lanes = lanes
    let rows = sequences * length
    let d = configuration.hiddenSize
    normalised = FloatBuffer(count: rows * d)
    inner = InnerActivations(rows: rows, configuration)
    context = FloatBuffer(count: rows * d)
    attention = FloatBuffer(count: rows * d)
    hidden = FloatBuffer(count: rows * configuration.intermediateSize)
    mlp = FloatBuffer(count: rows * d)
    rotary = model.rotary(length: length)
    softmax = CausalAttention(
      heads: configuration.heads, headSize: configuration.headSize, length: length)
  }

  /// Rows of element-wise work that one piece takes.
  static let rowGrain = 64

  /// `output`, `normalised` by default, = LN(x).
  func normalise(
    _ x: UnsafePointer<Float>, rows: Int, by norm: LayerNormalization,
    into output: FloatBuffer? = nil
  ) {
    norm.apply(x, (output ?? normalised).start, rows: rows, lanes: lanes)
  }

  /// `inner.fused` = `normalised` · W_qkvᵀ + b, queries and keys not yet turned.
  func project(rows: Int, _ weights: BlockWeights) {
    let d = configuration.hiddenSize
    linear(
      normalised.start, inputs: d, weights.queryKeyValue, weights.queryKeyValueBias,
      outputs: 3 * d, inner.fused.start, rows: rows)
  }

  /// Turns queries and keys in `inner.fused` by their positions.
  func rotate(rows: Int) {
    let (heads, headSize) = (configuration.heads, configuration.headSize)
    let (length, rotary) = (length, rotary)
    nonisolated(unsafe) let fused = inner.fused.start
    lanes.forEachRange(rows, grain: Self.rowGrain) { range in
      for row in range {
        for head in 0..<heads {
          let query = fused + (row * heads + head) * 3 * headSize
          rotary.rotate(query, position: row % length)
          rotary.rotate(query + headSize, position: row % length)
        }
      }
    }
  }

  /// `context` from the turned `inner.fused`.
  func mix(sequences: Int) {
    let d = configuration.hiddenSize
    let (heads, length, softmax) = (configuration.heads, length, softmax)
    nonisolated(unsafe) let (fused, context) = (inner.fused.start, context.start)
    lanes.forEachRange(sequences * heads, grain: heads) { range in
      let scratch = FloatBuffer(count: softmax.scratchCount)
      for index in range {
        let (sequence, head) = (index / heads, index % heads)
        softmax.apply(
          head: head, fused: fused + sequence * length * 3 * d,
          context: context + sequence * length * d, scratch: scratch.start)
      }
    }
  }

  /// `attention` = `context` · W_Oᵀ + b.
  func projectContext(rows: Int, _ weights: BlockWeights) {
    let d = configuration.hiddenSize
    linear(
      context.start, inputs: d, weights.dense, weights.denseBias, outputs: d, attention.start,
      rows: rows)
  }

  /// `inner.preactivation` = `input` · W_upᵀ + b.
  func expand(_ input: FloatBuffer, rows: Int, _ weights: BlockWeights) {
    linear(
      input.start, inputs: configuration.hiddenSize, weights.up, weights.upBias,
      outputs: configuration.intermediateSize, inner.preactivation.start, rows: rows)
  }

  /// `hidden` = f(`inner.preactivation`).
  func activate(rows: Int) {
    let (inner, activation) = (configuration.intermediateSize, configuration.activation)
    nonisolated(unsafe) let (before, after) = (self.inner.preactivation.start, hidden.start)
    lanes.forEachRange(rows, grain: Self.rowGrain) { range in
      activation.apply(
        before + range.lowerBound * inner, after + range.lowerBound * inner,
        count: range.count * inner)
    }
  }

  /// `mlp` = `hidden` · W_downᵀ + b.
  func contract(rows: Int, _ weights: BlockWeights) {
    linear(
      hidden.start, inputs: configuration.intermediateSize, weights.down, weights.downBias,
      outputs: configuration.hiddenSize, mlp.start, rows: rows)
  }

  /// x += y for `rows` rows of d.
  func add(_ y: FloatBuffer, to x: UnsafeMutablePointer<Float>, rows: Int) {
    let d = configuration.hiddenSize
    nonisolated(unsafe) let (x, y) = (x, y.start)
    lanes.forEachRange(rows, grain: Self.rowGrain) { range in
      VectorMath.add(y + range.lowerBound * d, to: x + range.lowerBound * d, range.count * d)
    }
  }

  /// output = input · Wᵀ + b for W [outputs, inputs].
  private func linear(
    _ input: UnsafePointer<Float>, inputs: Int, _ weight: [Float], _ bias: [Float], outputs: Int,
    _ output: UnsafeMutablePointer<Float>, rows: Int
  ) {
    nonisolated(unsafe) let target = output
    // The bias goes in first and the product is added to it: one pass over the output less.
    lanes.forEachRange(rows, grain: Self.rowGrain) { range in
      bias.withUnsafeBufferPointer { bias in
        guard let start = bias.baseAddress else { return }
        for row in range { (target + row * outputs).update(from: start, count: outputs) }
      }
    }
    lanes.multiply(
      .none, .transposed, m: rows, n: outputs, k: inputs, input, lda: inputs,
      weight, ldb: inputs, beta: 1, output, ldc: outputs)
  }
}
