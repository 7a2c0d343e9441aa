/// Why a quantity has no value. Written beside the missing number; never a NaN.
///
/// Raw values are what tables and pages show.
package enum Gap: String, Error, Sendable, CaseIterable, CustomStringConvertible {
  /// The estimator needs more rows: 2 for the biased, 4 for the debiased form of CKA.
  case tooFewRows = "too_few_rows"
  /// Every row is the same, so that nothing is left after centring.
  case constantMatrix = "constant_matrix"
  /// The debiased estimator sees pairs of different rows only, and these carry nothing here: one
  /// row alone differs from the rest.
  case noPairVariation = "no_pair_variation"
  /// Every entry (every singular value) is 0.
  case zeroMatrix = "zero_matrix"
  /// An entry is NaN or infinite.
  case nonFinite = "non_finite"
  /// The dimensions kept reach half the rows: the measure is near 1 there whatever the data.
  case tooFewRowsForDimensions = "n_le_d"
  /// The smallest singular value is 0 to the precision of the stored data.
  case singularMatrix = "singular_matrix"
  /// Too few different values for a fit.
  case tooFewValues = "too_few_values"
  /// Some row has length 0, so that it has no direction.
  case zeroRow = "zero_row"
  /// More than half of all pairs of rows are equal, so that a kernel has no bandwidth.
  case zeroMedianDistance = "zero_median_distance"
  /// All rows are equally far from each other: there is no order to compare.
  case constantDistances = "constant_distances"
  /// The measure matches features, and the matrices have different numbers of them.
  case differentFeatures = "different_features"
  /// Sequences have different numbers of rows, so that they cannot be re-paired.
  case unequalSequences = "unequal_sequences"
  /// LAPACK did not converge by either algorithm.
  case notConverged = "not_converged"

  /// The caller did not ask for it.
  case notRequested = "not_requested"

  package var description: String { rawValue }
}
