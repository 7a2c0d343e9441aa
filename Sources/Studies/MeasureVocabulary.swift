/// The words that `measure:` takes, and which of them are built.
///
/// A word of the contract that is not built yet is an error of its own, so that nobody waits for a
/// number that will not come.
enum MeasureVocabulary {
  struct Words {
    let known: [String]
    let built: Set<String>
  }

  static let objects = Words(
    known: ["activations", "weights", "gradients"], built: ["activations", "weights", "gradients"])
  static let components = Words(
    known: ["mlp", "ov", "attention", "residual"], built: ["mlp", "ov", "attention", "residual"])
  static let similarity = Words(
    known: [
      "cka_debiased", "cka", "cka_minibatch", "cka_rbf", "svcca", "pwcca", "procrustes", "rsa",
      "cosine", "knn_overlap",
    ],
    built: [
      "cka_debiased", "cka", "cka_minibatch", "cka_rbf", "svcca", "pwcca", "procrustes", "rsa",
      "cosine", "knn_overlap",
    ])
  static let spectra = Words(
    known: [
      "per", "effective_rank", "stable_rank", "participation_ratio", "numerical_rank",
      "condition_number", "spectral_norm", "nuclear_norm", "frobenius_norm", "spectral_entropy",
      "alpha", "hoyer", "gini", "per_shuffled", "relative_change", "qk",
    ],
    built: [
      "per", "effective_rank", "stable_rank", "participation_ratio", "numerical_rank",
      "condition_number", "spectral_norm", "nuclear_norm", "frobenius_norm", "spectral_entropy",
      "alpha", "hoyer", "gini", "per_shuffled", "relative_change", "qk",
    ])
  static let variants = Words(known: ["published", "pico"], built: ["published", "pico"])
  static let keys = [
    "objects", "components", "rows", "similarity", "spectra", "heads", "variants", "gradients",
  ]
}

extension YAMLCursor {
  /// A list of words of `vocabulary`; words that are not built, unknown words and repeats are noted.
  func words(_ vocabulary: MeasureVocabulary.Words) -> [String]? {
    guard let elements = list() else { return nil }
    var words: [String] = []
    for element in elements {
      guard let word = element.word(vocabulary.known) else { continue }
      guard vocabulary.built.contains(word) else {
        let built = vocabulary.known.filter(vocabulary.built.contains).joined(separator: ", ")
        element.note("\(word) is not built yet; remove it; built: \(built)")
        continue
      }
      guard !words.contains(word) else {
        element.note("\(word) stands here twice")
        continue
      }
      words.append(word)
    }
    return words
  }
}
