/// The similarities beside linear CKA, by the names of the contract's `metric` column. Each is taken
/// of centred columns and is 1 for identical matrices. METHODS section 3.
package enum SimilarityMeasure: String, Sendable, CaseIterable {
  /// CKA with a Gaussian kernel of bandwidth 0.5 × the median distance, biased. Kornblith et al. 2019.
  case rbfCKA = "cka_rbf"
  /// The mean canonical correlation of the subspaces that hold 0.99 of each variance. Raghu et al. 2017.
  case svcca
  /// The same correlations weighted by how much of X each accounts for. Morcos et al. 2018.
  case pwcca
  /// 1 − 2/π · the angle between the matrices after the best orthogonal map. Williams et al. 2021.
  case procrustes
  /// Spearman's ρ of the two matrices' distances between rows. Kriegeskorte et al. 2008.
  case rsa
  /// The mean cosine of matched rows; needs equally many features.
  case cosine
  /// The mean share of each row's 10 nearest rows that both matrices have in common.
  case neighbourOverlap = "knn_overlap"
}

/// What a similarity does not see, or that it sees it.
package struct Invariances: Sendable, Equatable {
  /// An orthogonal map of X's columns.
  package let orthogonal: Bool
  /// A factor on all of X.
  package let scaling: Bool
  /// A constant added to each column of X.
  package let translation: Bool
  /// An invertible linear map of X's columns.
  package let linear: Bool
  /// X and Y exchanged.
  package let symmetry: Bool
}

extension SimilarityMeasure {
  /// The table that the report's "Methods" page shows and the tests hold.
  ///
  /// SVCCA cuts to the directions of largest variance, so a linear map that changes those changes
  /// it; PWCCA weighs by X's own columns, so even turning these changes it.
  package var invariances: Invariances {
    switch self {
    case .rbfCKA, .svcca, .procrustes, .rsa, .neighbourOverlap:
      Invariances(
        orthogonal: true, scaling: true, translation: true, linear: false, symmetry: true)
    case .pwcca:
      Invariances(
        orthogonal: false, scaling: true, translation: true, linear: false, symmetry: false)
    case .cosine:
      Invariances(
        orthogonal: false, scaling: true, translation: true, linear: false, symmetry: true)
    }
  }
}

extension CKAEstimator {
  /// Both estimators of linear CKA share theirs.
  package var invariances: Invariances {
    Invariances(orthogonal: true, scaling: true, translation: true, linear: false, symmetry: true)
  }
}
