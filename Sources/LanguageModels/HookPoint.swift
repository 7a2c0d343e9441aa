package import LinearAlgebra

/// A place in a block where activations are observed (METHODS section 2).
package enum HookPoint: String, Sendable, CaseIterable {
  /// The value activation of each position by query head, heads in order; [rows, H d_h].
  case value
  /// What the published analysis takes for the value activation: the last third of the fused
  /// query-key-value output, which for more than one head holds queries, keys and values of the
  /// last heads; [rows, d]. There is none where the projection is not interleaved by head.
  case publishedValue = "published_value"
  /// The attention's output after softmax mixing and output projection, bias included, before any
  /// norm; [rows, d].
  case attention
  /// The MLP's output, bias included, before any norm; [rows, d].
  case mlp
  /// The block's output; [rows, d].
  case residual
}

/// The activations of one block for a range of sequences, at the positions asked for.
package struct BlockObservation: Sendable {
  package let layer: Int
  package let sequences: Range<Int>
  /// Rows by hook point, sequence-major: row s * positions + p is sequence s of the range at the
  /// p-th position asked for.
  package let rows: [HookPoint: Matrix<Float>]
  /// W_O, [d, H d_h]; head h owns columns h * d_h ..< (h + 1) * d_h.
  package let outputProjection: Matrix<Float>
}

/// Which activations a pass shows its observer.
package struct Observation: Sendable {
  package let hooks: Set<HookPoint>
  /// Positions within a sequence, ascending.
  package let positions: [Int]

  package init(hooks: Set<HookPoint>, positions: [Int]) {
    self.hooks = hooks
    self.positions = positions
  }

  package static let none = Observation(hooks: [], positions: [])
}
