/// What the audit found at a step (METHODS section 8): a row of `results/audit.csv`.
package struct CheckpointFinding: Sendable, Equatable {
  /// What was looked at.
  package enum Check: String, Sendable, CaseIterable { case content, shape, lineage, missing }

  /// What came out.
  package enum Kind: String, Sendable, CaseIterable {
    /// The content of the step before: collapsed, this step leaves the curves.
    case identicalNeighbour = "identical_neighbour"
    /// The content of the final step.
    case identicalFinal = "identical_final"
    /// The content of another step that is no neighbour.
    case identicalStep = "identical_step"
    /// Some matrices are those of another step.
    case mixedUpload = "mixed_upload"
    /// A model of another shape than the final step's.
    case otherShape = "other_shape"
    /// The weights do not lie on the way from the step before to the step after.
    case brokenLineage = "broken_lineage"
    /// Step 0 is as far from step 1 as an unrelated run's.
    case unrelatedInitialisation = "unrelated_initialisation"
    /// The final step is as far from the one before as an unrelated run's.
    case unrelatedFinal = "unrelated_final"
    case missingStep = "missing_step"
  }

  package var step: Int
  package var check: Check
  package var kind: Kind
  package var otherStep: Int?
  /// Whether the step leaves every statistic by default.
  package var excluded: Bool
  package var detail: String

  package init(
    step: Int, check: Check, kind: Kind, otherStep: Int? = nil, excluded: Bool, detail: String
  ) {
    self.step = step
    self.check = check
    self.kind = kind
    self.otherStep = otherStep
    self.excluded = excluded
    self.detail = detail
  }
}
