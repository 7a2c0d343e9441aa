/// The shape of a GPT-NeoX model (Black et al. 2022), as its `config.json` gives it.
package struct GPTNeoXConfiguration: Sendable, Equatable {
  /// d.
  package var hiddenSize: Int
  package var layers: Int
  package var heads: Int
  /// Features inside the MLP, 4d in all published Pythia models.
  package var intermediateSize: Int
  package var vocabulary: Int
  /// Longest sequence.
  package var context: Int
  /// The share of each head's features that rotary embedding turns.
  package var rotaryFraction: Double
  package var rotaryBase: Double
  package var layerNormEpsilon: Double
  /// x + attention(LN x) + mlp(LN x) if true, else the MLP sees the attention's result.
  package var usesParallelResidual: Bool
  package var activation: Activation
  /// Whether the attention's two projections have a bias.
  package var hasAttentionBias: Bool
  /// Whether the output embedding is the input embedding.
  package var tiesEmbeddings: Bool

  package init(
    hiddenSize: Int, layers: Int, heads: Int, intermediateSize: Int, vocabulary: Int, context: Int,
    rotaryFraction: Double = 0.25, rotaryBase: Double = 10_000, layerNormEpsilon: Double = 1e-5,
    usesParallelResidual: Bool = true, activation: Activation = .gelu,
    hasAttentionBias: Bool = true, tiesEmbeddings: Bool = false
  ) {
    self.hiddenSize = hiddenSize
    self.layers = layers
    self.heads = heads
    self.intermediateSize = intermediateSize
    self.vocabulary = vocabulary
    self.context = context
    self.rotaryFraction = rotaryFraction
    self.rotaryBase = rotaryBase
    self.layerNormEpsilon = layerNormEpsilon
    self.usesParallelResidual = usesParallelResidual
    self.activation = activation
    self.hasAttentionBias = hasAttentionBias
    self.tiesEmbeddings = tiesEmbeddings
  }

  /// d_h = d / H.
  package var headSize: Int { hiddenSize / heads }

  /// Features of each head that rotary embedding turns: ⌊d_h · fraction⌋, as the reference.
  package var rotaryDimensions: Int { Int(Double(headSize) * rotaryFraction) }
}
