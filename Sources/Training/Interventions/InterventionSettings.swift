import LanguageModels

/// An intervention as `training.yaml` switches it on.
package struct InterventionSettings: Sendable, Equatable {
  package enum Kind: String, Sendable, CaseIterable {
    case muon
    case spectralEntropy = "spectral_entropy"
    case orthogonalInitialisation = "orthogonal_initialisation"
    case spectralFlattening = "spectral_flattening"
    case spectralSharpening = "spectral_sharpening"
    case lowRank = "low_rank"
    case updateNorm = "update_norm"
  }

  package var kind: Kind
  package var strength: Double
  /// The first and last layer; `nil`: all.
  package var layers: ClosedRange<Int>?
  /// Updates that are done before it sets in.
  package var start: Int
  package var matrices: Set<BlockMatrix.Kind>

  package init(
    kind: Kind, strength: Double? = nil, layers: ClosedRange<Int>? = nil, start: Int = 0,
    matrices: Set<BlockMatrix.Kind> = Set(BlockMatrix.Kind.allCases)
  ) {
    self.kind = kind
    self.strength = strength ?? kind.defaultStrength
    self.layers = layers
    self.start = start
    self.matrices = matrices
  }

  /// Whether it acts on `matrix` at all.
  func covers(_ matrix: BlockMatrix) -> Bool {
    matrices.contains(matrix.kind) && (layers?.contains(matrix.layer) ?? true)
  }
}

extension InterventionSettings.Kind {
  package var defaultStrength: Double {
    switch self {
    case .muon, .orthogonalInitialisation: 1
    case .spectralEntropy: 0.1
    case .spectralFlattening, .spectralSharpening: 0.5
    case .lowRank: 0.75
    case .updateNorm: 2
    }
  }

  /// The strengths that make sense.
  package var strengths: ClosedRange<Double> {
    switch self {
    case .muon, .updateNorm: 0.001...1000
    case .spectralEntropy: -1000...1000
    case .orthogonalInitialisation, .spectralFlattening: 0.001...1
    case .spectralSharpening: 0.001...4
    case .lowRank: 0.001...0.999
    }
  }

  /// What the strength is.
  package var strengthWords: String {
    switch self {
    case .muon: "factor of the learning rate of orthogonalised updates"
    case .spectralEntropy: "weight of the entropy's term; below 0 it lowers the rank"
    case .orthogonalInitialisation, .spectralFlattening: "α in σ ← σ^(1-α); 1: all equal"
    case .spectralSharpening: "-α in σ ← σ^(1-α)"
    case .lowRank: "the share of the rank that is taken away"
    case .updateNorm: "factor of the updates"
    }
  }

  /// Whether it belongs to the initialisation, so that it cannot start later.
  package var isInitialisation: Bool { self == .orthogonalInitialisation }
}

/// One of the four matrices of a block.
package struct BlockMatrix: Sendable, Equatable {
  package enum Kind: String, Sendable, CaseIterable {
    case queryKeyValue = "query_key_value"
    case dense
    case up = "dense_h_to_4h"
    case down = "dense_4h_to_h"
  }

  let layer: Int
  let kind: Kind

  /// The block's matrix that tensor `name` is, or is a factor of; `nil` for everything else.
  init?(tensor name: String) {
    let parts = TrainedTensor.parameter(of: name).split(separator: ".")
    guard parts.count == 6, GPTNeoX.modelTypes.contains(String(parts[0])), parts[1] == "layers",
      parts[5] == "weight", let layer = Int(parts[2]), let kind = Kind(rawValue: String(parts[4]))
    else { return nil }
    self.layer = layer
    self.kind = kind
  }
}
