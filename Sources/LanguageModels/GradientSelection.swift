/// Which parameters' gradients a pass computes.
package enum GradientSelection: Sendable, Equatable {
  /// Every parameter's.
  case all
  /// Those of the analysed matrices alone, of every layer: `attention.query_key_value.weight`,
  /// `attention.dense.weight` and `mlp.dense_4h_to_h.weight` (METHODS section 2).
  case analysed
}

/// Gradients of some of a model's parameters.
package struct ParameterGradients: Sendable {
  /// The layer they belong to; `nil` for the embeddings and the final norm.
  package let layer: Int?
  /// By checkpoint key, in the parameter's own shape, row-major.
  package let gradients: [String: [Float]]
  /// The same parameters' weights, as read for this pass.
  package let weights: [String: [Float]]
}
