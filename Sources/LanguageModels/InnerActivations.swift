/// The activations inside a block that its gradients need and that cost a product to compute again.
struct InnerActivations {
  /// Queries, keys (both turned by their positions, once that step has run) and values, [rows, F] in
  /// the model's layout of heads.
  let fused: FloatBuffer
  /// The same as projected, before norms and cuts; empty where a model has neither.
  let projected: FloatBuffer
  /// The argument of the MLP's non-linearity, [rows, inner], or [rows, gate then up].
  let preactivation: FloatBuffer

  init(rows: Int, _ configuration: ModelConfiguration) {
    fused = FloatBuffer(count: rows * configuration.fusedSize)
    projected = FloatBuffer(
      count: configuration.keepsProjection ? rows * configuration.fusedSize : 0)
    preactivation = FloatBuffer(count: rows * configuration.expandedSize)
  }

  /// Floats of one token.
  static func width(_ configuration: ModelConfiguration) -> Int {
    (configuration.keepsProjection ? 2 : 1) * configuration.fusedSize + configuration.expandedSize
  }
}
