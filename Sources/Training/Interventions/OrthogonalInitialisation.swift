/// Starts from matrices whose singular values are equal: the polar factor of a Gaussian matrix is uniform
/// over the orthogonal ones (Saxe et al. 2014; Chikuse 2003, theorem 2.2.1), and the Frobenius norm stays
/// that of the usual initialisation. A strength below 1 goes part of the way, σ ← σ^(1 - strength).
struct OrthogonalInitialisation: Intervention {
  let settings: InterventionSettings

  func begin(_ state: inout TrainingState) throws {
    try settings.raiseSpectra(of: &state, to: 1 - settings.strength)
  }
}
