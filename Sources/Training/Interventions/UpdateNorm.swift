/// A control that changes how long the updates are and not their rank: AdamW's times the strength.
struct UpdateNorm: Intervention {
  let settings: InterventionSettings

  func rule(for matrix: BlockMatrix) -> UpdateRule? { .adamW(factor: settings.strength) }
}
