import LanguageModels

/// A change to how a run is trained, in force for some matrices from some step on.
///
/// The hooks that an intervention does not need do nothing.
protocol Intervention: Sendable {
  var settings: InterventionSettings { get }

  /// Changes the weights once, when `settings.start` updates are done and before that step's checkpoint
  /// is written.
  func begin(_ state: inout TrainingState) throws

  /// Adds the gradient of a term of its own to those of the loss, before they are clipped.
  func addGradient(
    of weights: InMemoryWeights, to gradients: inout [String: [Float]]
  ) throws

  /// How a matrix is updated; `nil`: as without the intervention.
  func rule(for matrix: BlockMatrix) -> UpdateRule?
}

extension Intervention {
  func begin(_ state: inout TrainingState) throws {}
  func addGradient(of weights: InMemoryWeights, to gradients: inout [String: [Float]]) throws {}
  func rule(for matrix: BlockMatrix) -> UpdateRule? { nil }
}

/// How the optimiser turns a gradient into an update.
enum UpdateRule: Sendable, Equatable {
  /// AdamW's, its length times `factor`.
  case adamW(factor: Double)
  /// Muon's, the learning rate times `factor`.
  case muon(factor: Double)
}

extension InterventionSettings {
  var intervention: any Intervention {
    switch kind {
    case .muon: Muon(settings: self)
    case .spectralEntropy: SpectralEntropy(settings: self)
    case .orthogonalInitialisation: OrthogonalInitialisation(settings: self)
    case .spectralFlattening: SpectralFlattening(settings: self)
    case .spectralSharpening: SpectralSharpening(settings: self)
    case .lowRank: LowRank(settings: self)
    case .updateNorm: UpdateNorm(settings: self)
    }
  }
}
