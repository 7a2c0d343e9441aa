/// The activations inside a block that its gradients need and that cost a product to compute again.
struct InnerActivations {
  /// Queries, keys (both turned by their positions, once that step has run) and values, [rows, 3d],
  /// interleaved by head.
  let fused: FloatBuffer
  /// The argument of the MLP's non-linearity, [rows, 4d].
  let preactivation: FloatBuffer

  init(rows: Int, _ configuration: GPTNeoXConfiguration) {
    fused = FloatBuffer(count: rows * 3 * configuration.hiddenSize)
    preactivation = FloatBuffer(count: rows * configuration.intermediateSize)
  }

  /// Floats of one token.
  static func width(_ configuration: GPTNeoXConfiguration) -> Int {
    3 * configuration.hiddenSize + configuration.intermediateSize
  }
}
