/// Which parameters' gradients a pass computes.
package enum GradientSelection: Sendable, Equatable {
  /// Every parameter's.
  case all
  /// Those of the analysed matrices alone, of every layer: the projections of queries, keys and
  /// values, W_O and W_down (METHODS section 2).
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
  /// The analysed matrices and their gradients, in one form for every architecture; `nil` for what
  /// belongs to no layer.
  package let analysed: (weights: AnalysedMatrices, gradients: AnalysedMatrices)?
}
