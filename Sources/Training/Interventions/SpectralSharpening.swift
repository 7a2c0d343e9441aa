/// A control that lowers the rank of the weights once: σ_i ← σ_i^(1+strength) with the Frobenius norm kept.
struct SpectralSharpening: Intervention {
  let settings: InterventionSettings

  func begin(_ state: inout TrainingState) throws {
    try settings.raiseSpectra(of: &state, to: 1 + settings.strength)
  }
}
