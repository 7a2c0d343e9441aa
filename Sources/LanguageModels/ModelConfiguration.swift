/// The shape of a decoder-only language model, as its architecture reads it from `config.json`.
package struct ModelConfiguration: Sendable, Equatable {
  /// How queries and keys learn of their positions.
  package enum Positions: Sendable, Equatable {
    case rotary(Rotary)
    /// A table of vectors that are added to the input embeddings.
    case learned
  }

  /// What is done to rows before they enter a part of a block, or after.
  package enum Norm: Sendable, Equatable {
    /// Layer normalisation with scale and shift.
    case layer
    /// Layer normalisation without parameters (OLMo 1).
    case plainLayer
    /// Root-mean-square normalisation with a scale (Zhang & Sennrich 2019).
    case rootMeanSquare
  }

  /// How the parts of a block stand to the residual stream.
  package enum Residual: Sendable, Equatable {
    /// x + attention(N₁ x) + mlp(N₂ x).
    case parallel
    /// y = x + attention(N₁ x), then y + mlp(N₂ y).
    case sequential
    /// y = x + N₁ attention(x), then y + N₂ mlp(y) (OLMo 2).
    case normAfter
  }

  /// The registered architecture, by its `model_type`.
  package var architecture: String
  /// d.
  package var hiddenSize: Int
  package var layers: Int
  /// H, query heads.
  package var heads: Int
  /// Key-value heads, a divisor of H: query head h uses that of index h / (H / keyValueHeads).
  package var keyValueHeads: Int
  /// d_h.
  package var headSize: Int
  /// Features inside the MLP.
  package var intermediateSize: Int
  package var vocabulary: Int
  /// Longest sequence.
  package var context: Int
  package var positions: Positions
  package var norm: Norm
  package var normEpsilon: Double
  package var residual: Residual
  package var activation: Activation
  /// f(gate) · up inside the MLP instead of f(up).
  package var gatesMLP = false
  /// Root-mean-square norms over all queries, and all keys, of a position before they are turned.
  package var normalisesQueriesAndKeys = false
  /// Queries, keys and values are cut to [-clip, clip].
  package var clip: Double?
  package var hasQueryKeyValueBias: Bool
  package var hasOutputBias: Bool
  package var hasMLPBias: Bool
  /// Whether the output embedding is the input embedding.
  package var tiesEmbeddings: Bool
  /// Whether the fused projection holds each head's query, key and value together (GPT-NeoX); else
  /// all queries, all keys, all values. The variant `published_layout` exists for the former alone.
  package var interleavesHeads = false

  package init(
    architecture: String, hiddenSize: Int, layers: Int, heads: Int, keyValueHeads: Int? = nil,
    headSize: Int? = nil, intermediateSize: Int, vocabulary: Int, context: Int,
    positions: Positions, norm: Norm, normEpsilon: Double, residual: Residual,
    activation: Activation, hasQueryKeyValueBias: Bool, hasOutputBias: Bool, hasMLPBias: Bool,
    tiesEmbeddings: Bool
  ) {
    self.architecture = architecture
    self.hiddenSize = hiddenSize
    self.layers = layers
    self.heads = heads
    self.keyValueHeads = keyValueHeads ?? heads
    self.headSize = headSize ?? hiddenSize / heads
    self.intermediateSize = intermediateSize
    self.vocabulary = vocabulary
    self.context = context
    self.positions = positions
    self.norm = norm
    self.normEpsilon = normEpsilon
    self.residual = residual
    self.activation = activation
    self.hasQueryKeyValueBias = hasQueryKeyValueBias
    self.hasOutputBias = hasOutputBias
    self.hasMLPBias = hasMLPBias
    self.tiesEmbeddings = tiesEmbeddings
  }

  /// H · d_h: the width of queries, contexts and value activations.
  package var attentionSize: Int { heads * headSize }

  /// Query heads that share a key-value head.
  var headsPerGroup: Int { heads / keyValueHeads }

  /// Features of queries, keys and values of one position together.
  var fusedSize: Int { (heads + 2 * keyValueHeads) * headSize }

  /// What the MLP's first product gives: gate and up, or up alone.
  var expandedSize: Int { (gatesMLP ? 2 : 1) * intermediateSize }

  /// The largest rank that W_O W_V, summed over heads, can have: heads of a group share their values.
  package var productRank: Int { min(hiddenSize, keyValueHeads * headSize) }

  /// The largest rank that the first-order change of W_O W_V can have.
  package var productGradientRank: Int { min(hiddenSize, 2 * keyValueHeads * headSize) }
}

/// Rotary position embedding (Su et al. 2021).
package struct Rotary: Sendable, Equatable {
  /// Features of each head that are turned, an even number.
  package var dimensions: Int
  package var base: Double
  package var scaling = Scaling.none
  /// Whether feature 2i is paired with 2i + 1; else i with i + dimensions / 2.
  package var pairsNeighbours = false

  package init(
    dimensions: Int, base: Double, scaling: Scaling = .none, pairsNeighbours: Bool = false
  ) {
    self.dimensions = dimensions
    self.base = base
    self.scaling = scaling
    self.pairsNeighbours = pairsNeighbours
  }

  /// How frequencies are stretched for long contexts, as transformers' `rope_type` names it.
  package enum Scaling: Sendable, Equatable {
    case none
    /// Every angle divided by `factor`.
    case linear(factor: Double)
    /// A larger base for sequences beyond `context` (NTK-aware).
    case dynamic(factor: Double, context: Int)
    /// Llama 3.1's: slow turns by `factor`, fast ones not, a ramp between.
    case llama3(factor: Double, low: Double, high: Double, context: Int)
    /// YaRN (Peng et al. 2023): a ramp between pair indices, and cosines and sines times
    /// `attention`.
    case yarn(factor: Double, attention: Double, from: Double, to: Double)
  }
}
