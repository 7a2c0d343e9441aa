/// What the table's words are called in figures and sentences.
enum Vocabulary {
  /// The order in which components stand everywhere.
  static let components = ["mlp", "ov", "attention", "residual"]

  /// A component's activation: `MLP output`.
  static func activation(_ component: String) -> String {
    switch component {
    case "mlp": "MLP output"
    case "ov": "OV activation"
    case "attention": "Attention output"
    case "residual": "Residual stream"
    case "qk": "QK circuit"
    case "model": "Whole model"
    default: component
    }
  }

  /// A component in few letters: `MLP`.
  static func short(_ component: String) -> String {
    switch component {
    case "mlp": "MLP"
    case "ov": "OV"
    case "attention": "Attention"
    case "residual": "Residual"
    case "qk": "QK"
    case "model": "Model"
    default: component
    }
  }

  /// In the middle of a sentence: `the MLP output`.
  static func inSentence(_ component: String) -> String {
    switch component {
    case "mlp": "the MLP output"
    case "ov": "the OV activation"
    case "attention": "the attention output"
    case "residual": "the residual stream"
    default: component
    }
  }

  static func object(_ object: String) -> String {
    switch object {
    case "weights": "weights"
    case "gradients": "gradients"
    case "activations": "activations"
    default: object
    }
  }

  /// A metric's name where it stands by itself: `Debiased CKA`.
  static func metric(_ metric: String) -> String {
    metrics[metric]?.name ?? metric
  }

  /// A metric's name inside a sentence: `debiased CKA`.
  static func metricInSentence(_ metric: String) -> String {
    let name = Self.metric(metric)
    guard let first = name.first, let second = name.dropFirst().first, first.isUppercase,
      second.isLowercase, !["Hoyer", "Gini", "Frobenius"].contains(where: { name.hasPrefix($0) })
    else { return name }
    return first.lowercased() + name.dropFirst()
  }

  /// One sentence: what the metric says and which way is up.
  static func meaning(_ metric: String) -> String? { metrics[metric]?.meaning }

  /// What a metric's values can be: where the air around them ends on an axis.
  static func range(_ metric: String) -> ClosedRange<Double> {
    switch metric {
    case "cka", "cka_rbf", "svcca", "pwcca", "procrustes", "knn_overlap", "cka_previous", "per",
      "per_shuffled", "hoyer", "gini":
      0...1
    case "cka_debiased", "cka_minibatch", "rsa", "cosine", "cka_debiased_previous",
      "cka_seed_ceiling":
      -1...1
    default: 0...(.infinity)
    }
  }

  /// Metrics that compare an activation with the final checkpoint, the headline's first.
  static let similarities = [
    "cka_debiased", "cka", "cka_minibatch", "cka_rbf", "svcca", "pwcca", "procrustes", "rsa",
    "cosine", "knn_overlap",
  ]

  /// Metrics of a weight or gradient matrix, in the order of the pages.
  static let matrixMetrics = [
    "per", "effective_rank", "stable_rank", "participation_ratio", "numerical_rank",
    "spectral_entropy", "alpha", "condition_number", "spectral_norm", "nuclear_norm",
    "frobenius_norm", "hoyer", "gini", "per_shuffled", "relative_change",
  ]

  private static let metrics: [String: (name: String, meaning: String)] = [
    "cka_debiased": (
      "Debiased CKA",
      "Linear CKA to the final checkpoint with the unbiased estimator of HSIC: 1 is identical up to rotation and scale, 0 is what unrelated activations give on average, and a value may fall a little below 0."
    ),
    "cka": (
      "Biased CKA",
      "Linear CKA to the final checkpoint as first published. With fewer sequences than dimensions even unrelated activations score high, the more so the wider the model."
    ),
    "cka_minibatch": (
      "Minibatch CKA", "Debiased CKA averaged over shuffled batches of rows (Nguyen et al. 2021)."
    ),
    "cka_rbf": ("RBF CKA", "CKA with a Gaussian kernel of half the median distance."),
    "svcca": (
      "SVCCA", "Mean canonical correlation of the directions that hold 99 % of the variance."
    ),
    "pwcca": ("PWCCA", "Canonical correlations weighted by how much of the activation they carry."),
    "procrustes": (
      "Procrustes similarity",
      "How far the best rotation brings one activation to the other; 1 is identical."
    ),
    "rsa": ("RSA", "Spearman's ρ between the two matrices of distances between sequences."),
    "cosine": (
      "Mean cosine",
      "The cosine of matched rows, averaged; unlike CKA it changes under a rotation."
    ),
    "knn_overlap": (
      "Neighbour overlap", "The share of a sequence's ten nearest neighbours that stay the same."
    ),
    "cka_previous": ("Biased CKA to the previous checkpoint", "High means little moved since."),
    "cka_debiased_previous": (
      "Debiased CKA to the previous checkpoint", "High means little moved since."
    ),
    "cka_seed_ceiling": (
      "CKA between seeds", "The CKA of the final checkpoints of two seeds of one size."
    ),
    "row_influence": (
      "Row influence", "The largest change of CKA when one sequence is left out."
    ),
    "top_row_share": (
      "Top row's share", "How much of the Gram matrix's squared norm one sequence carries."
    ),
    "per": (
      "Proportional effective rank",
      "The share of its directions that a matrix uses evenly: 1 where all singular values are equal, towards 0 where few dominate."
    ),
    "per_shuffled": (
      "PER of shuffled entries",
      "The same matrix with its entries in random order: the yardstick for a low rank."
    ),
    "effective_rank": (
      "Effective rank",
      "The exponential of the entropy of the singular values: how many directions count. Grows with the matrix, so it can't be compared across sizes."
    ),
    "stable_rank": (
      "Stable rank", "The squared Frobenius norm over the squared largest singular value."
    ),
    "participation_ratio": (
      "Participation ratio", "How many directions share the matrix's energy."
    ),
    "numerical_rank": (
      "Numerical rank", "How many singular values stand above float32's rounding."
    ),
    "spectral_entropy": (
      "Spectral entropy", "The entropy of the squared singular values, in nats."
    ),
    "alpha": (
      "Tail exponent α",
      "The power law of the spectrum's tail (Clauset fit); smaller is heavier."
    ),
    "condition_number": ("Condition number", "The largest singular value over the smallest."),
    "spectral_norm": ("Spectral norm", "The largest singular value."),
    "nuclear_norm": ("Nuclear norm", "The sum of the singular values."),
    "frobenius_norm": (
      "Frobenius norm", "The root of the sum of squares of the entries."
    ),
    "hoyer": (
      "Hoyer sparsity", "0 where all entries are equally large, 1 where one is not zero."
    ),
    "gini": ("Gini sparsity", "How unevenly the entries' magnitudes are spread."),
    "relative_change": (
      "Relative change",
      "The Frobenius norm of the step from the previous checkpoint over the norm there."
    ),
    "loss": ("Loss on the probe", "Mean cross-entropy of the next token, in nats."),
  ]
}
