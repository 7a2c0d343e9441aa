/// The words that the columns of `results/measurements.csv` may hold (DESIGN, "Contracts").
package enum MeasurementVocabulary {
  package static let components = ["mlp", "ov", "attention", "residual", "qk", "model"]
  package static let objects = ["activations", "weights", "gradients", "loss"]
  package static let variants = [
    "default", "published_layout", "published_truncation", "published", "pico",
  ]
  package static let rows = ["", "last", "all", "sample"]

  /// Similarities to the final checkpoint: these curves have a settling, an area and so on. The
  /// headline's candidates stand first.
  package static let similarities = [
    "cka_debiased", "cka", "cka_minibatch", "cka_rbf", "svcca", "pwcca", "procrustes", "rsa",
    "cosine", "knn_overlap",
  ]
  /// Other quantities of activations: nulls, rates of change, influence.
  static let activationMetrics = [
    "cka_null_mean", "cka_null_q95", "cka_debiased_null_mean", "cka_debiased_null_q95",
    "cka_previous", "cka_debiased_previous", "cka_seed_ceiling", "row_influence", "top_row_share",
  ]
  /// Quantities of weights and gradients.
  static let matrixMetrics = [
    "per", "per_shuffled", "effective_rank", "stable_rank", "participation_ratio",
    "numerical_rank", "condition_number", "spectral_norm", "nuclear_norm", "frobenius_norm",
    "spectral_entropy", "alpha", "hoyer", "gini", "relative_change",
  ]
  package static let metrics = similarities + activationMetrics + matrixMetrics + ["loss"]

  static func isSimilarity(_ metric: String) -> Bool { similarities.contains(metric) }
}
