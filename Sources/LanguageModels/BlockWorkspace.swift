import LinearAlgebra

/// The inner activations of one block for one micro-batch, and the steps that fill them.
///
/// Each step cuts its work at places that depend on the shapes alone, so that every number of lanes
/// gives the same bits.
struct BlockWorkspace {
  let configuration: ModelConfiguration
  let length: Int
  let lanes: Lanes
  /// LN(x) as the attention or the MLP sees it, [rows, d].
  let normalised: FloatBuffer
  /// What can be kept for the backward pass instead of being computed again.
  var inner: InnerActivations
  /// The heads' contexts, [rows, H d_h].
  let context: FloatBuffer
  /// The attention's output, [rows, d].
  let attention: FloatBuffer
  /// The MLP's inner activations after the non-linearity (and its product with up), [rows, inner].
  let hidden: FloatBuffer
  /// The MLP's output, [rows, d].
  let mlp: FloatBuffer

  let heads: HeadLayout
  let rotary: RotaryEmbedding?
  let softmax: CausalAttention

  /// A workspace for at most `sequences` sequences of `length` tokens.
  init(model: LanguageModel, sequences: Int, length: Int, lanes: Lanes) {
    configuration = model.configuration
    self.length = length
    self.lanes = lanes
    let rows = sequences * length
    let d = configuration.hiddenSize
    normalised = FloatBuffer(count: rows * d)
    inner = InnerActivations(rows: rows, configuration)
    context = FloatBuffer(count: rows * configuration.attentionSize)
    attention = FloatBuffer(count: rows * d)
    hidden = FloatBuffer(count: rows * configuration.intermediateSize)
    mlp = FloatBuffer(count: rows * d)
    rotary = model.rotary(length: length)
    heads = HeadLayout(configuration)
    softmax = CausalAttention(layout: heads, length: length)
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

  /// `normalised` = x as attention or MLP sees it: normalised, or as it is where norms come after.
  func prepare(
    _ x: UnsafePointer<Float>, rows: Int, by norm: LayerNormalization,
    into output: FloatBuffer? = nil
  ) {
    guard configuration.residual == .normAfter else {
      return normalise(x, rows: rows, by: norm, into: output)
    }
    (output ?? normalised).start.update(from: x, count: rows * configuration.hiddenSize)
  }

  /// `inner.fused` = `normalised` · W_qkvᵀ + b, cut and normalised where the model does so; queries
  /// and keys not yet turned.
  func project(rows: Int, _ weights: BlockWeights) {
    let (d, width) = (configuration.hiddenSize, configuration.fusedSize)
    linear(
      normalised.start, inputs: d, weights.queryKeyValue, weights.queryKeyValueBias,
      outputs: width, inner.fused.start, rows: rows)
    guard configuration.keepsProjection else { return }
    inner.projected.start.update(from: inner.fused.start, count: rows * width)
    if let clip = configuration.clip.map(Float.init) {
      nonisolated(unsafe) let fused = inner.fused.start
      lanes.forEachRange(rows, grain: Self.rowGrain) { range in
        VectorMath.map(
          fused + range.lowerBound * width, fused + range.lowerBound * width, range.count * width
        ) { VectorMath.clamp($0, -clip, clip) }
      }
    }
    if let query = weights.queryNorm, let key = weights.keyNorm {
      let (queries, keys) = (inner.fused.start, inner.fused.start + configuration.attentionSize)
      query.apply(queries, queries, rows: rows, stride: width, lanes: lanes)
      key.apply(keys, keys, rows: rows, stride: width, lanes: lanes)
    }
  }

  /// Turns queries and keys in `inner.fused` by their positions.
  func rotate(rows: Int) {
    guard let rotary else { return }
    let (heads, length) = (heads, length)
    nonisolated(unsafe) let fused = inner.fused.start
    lanes.forEachRange(rows, grain: Self.rowGrain) { range in
      for row in range {
        let start = fused + row * heads.width
        for head in 0..<heads.heads {
          rotary.rotate(start + heads.query(head), position: row % length)
          if head % heads.headsPerGroup == 0 {
            rotary.rotate(start + heads.key(head), position: row % length)
          }
        }
      }
    }
  }

  /// `context` from the turned `inner.fused`.
  func mix(sequences: Int) {
    let size = configuration.attentionSize
    let (layout, length, softmax) = (heads, length, softmax)
    nonisolated(unsafe) let (fused, context) = (inner.fused.start, context.start)
    lanes.forEachRange(sequences * layout.heads, grain: layout.heads) { range in
      let scratch = FloatBuffer(count: softmax.scratchCount)
      for index in range {
        let (sequence, head) = (index / layout.heads, index % layout.heads)
        softmax.apply(
          head: head, fused: fused + sequence * length * layout.width,
          context: context + sequence * length * size, scratch: scratch.start)
      }
    }
  }

  /// `attention` = `context` · W_Oᵀ + b.
  func projectContext(rows: Int, _ weights: BlockWeights) {
    linear(
      context.start, inputs: configuration.attentionSize, weights.dense, weights.denseBias,
      outputs: configuration.hiddenSize, attention.start, rows: rows)
  }

  /// `inner.preactivation` = `input` · W_upᵀ + b.
  func expand(_ input: FloatBuffer, rows: Int, _ weights: BlockWeights) {
    linear(
      input.start, inputs: configuration.hiddenSize, weights.up, weights.upBias,
      outputs: configuration.expandedSize, inner.preactivation.start, rows: rows)
  }

  /// `hidden` = f(`inner.preactivation`), or f(gate) · up.
  func activate(rows: Int) {
    let (inner, activation) = (configuration.intermediateSize, configuration.activation)
    nonisolated(unsafe) let (before, after) = (self.inner.preactivation.start, hidden.start)
    guard configuration.gatesMLP else {
      lanes.forEachRange(rows, grain: Self.rowGrain) { range in
        activation.apply(
          before + range.lowerBound * inner, after + range.lowerBound * inner,
          count: range.count * inner)
      }
      return
    }
    lanes.forEachRange(rows, grain: Self.rowGrain) { range in
      for row in range {
        let (gate, product) = (before + row * 2 * inner, after + row * inner)
        activation.apply(gate, product, count: inner)
        VectorMath.multiply(product, by: gate + inner, inner)
      }
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
    if !bias.isEmpty {
      lanes.forEachRange(rows, grain: Self.rowGrain) { range in
        bias.withUnsafeBufferPointer { bias in
          guard let start = bias.baseAddress else { return }
          for row in range { (target + row * outputs).update(from: start, count: outputs) }
        }
      }
    }
    lanes.multiply(
      .none, .transposed, m: rows, n: outputs, k: inputs, input, lda: inputs,
      weight, ldb: inputs, beta: bias.isEmpty ? 0 : 1, output, ldc: outputs)
  }
}

extension ModelConfiguration {
  /// Whether the backward pass needs queries, keys and values as they were projected.
  var keepsProjection: Bool { normalisesQueriesAndKeys || clip != nil }
}
