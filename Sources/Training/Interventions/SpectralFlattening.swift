/// Raises the rank of the weights once: σ_i ← σ_i^(1-α) with the Frobenius norm kept, α the strength.
struct SpectralFlattening: Intervention {
  let settings: InterventionSettings

  func begin(_ state: inout TrainingState) throws {
    try settings.raiseSpectra(of: &state, to: 1 - settings.strength)
  }
}
