/// What the words of the tables are called in sentences.
extension Wording {
  package static func component(_ component: String) -> String {
    switch component {
    case "mlp": "MLP"
    case "ov": "OV"
    case "qk": "QK"
    default: component
    }
  }

  package static func metric(_ metric: String) -> String {
    switch metric {
    case "cka_debiased": "debiased CKA"
    case "cka": "biased CKA"
    case "cka_minibatch": "minibatch CKA"
    case "cka_rbf": "RBF CKA"
    case "svcca": "SVCCA"
    case "pwcca": "PWCCA"
    case "procrustes": "Procrustes similarity"
    case "rsa": "RSA"
    case "cosine": "cosine similarity"
    case "knn_overlap": "neighbour overlap"
    case "per": "PER"
    default: metric
    }
  }

  /// `PER of MLP weights`, `PER of OV gradients by head`.
  package static func rank(_ component: String, _ object: String, fullProduct: Bool = false)
    -> String
  {
    let form = component == "ov" ? (fullProduct ? " (full product)" : " by head") : ""
    return "PER of \(self.component(component)) \(object)\(form)"
  }

  package static func measure(_ measure: String) -> String {
    switch measure {
    case EvidenceCell.settledShare: "the share of settled layers"
    case Measure.at.rawValue: "the median CKA at \(percent(Measure.fraction)) of training"
    case Measure.monotonicity.rawValue: "the median monotonicity"
    case Measure.instability.rawValue: "the median instability"
    case Measure.settling.rawValue: "settling"
    case Measure.area.rawValue: "area"
    case Measure.mean.rawValue: "the median PER"
    default: measure
    }
  }

  /// `median CKA at 20 % (MLP)`, `area (MLP weights)`: a cell among its claim's.
  static func cell(_ cell: EvidenceCell) -> String {
    var place = component(cell.component)
    if !cell.object.isEmpty, cell.object != "activations" {
      place += (place.isEmpty ? "" : " ") + cell.object
    }
    let parts = [place, cell.detail].filter { !$0.isEmpty }.joined(separator: ", ")
    let name = measure(cell.measure)
    let short = name.hasPrefix("the ") ? String(name.dropFirst(4)) : name
    return parts.isEmpty ? short : "\(short) (\(parts))"
  }

  /// What a key of the sensitivity stands for, inside a sentence.
  package static func variant(_ key: String) -> String {
    switch key {
    case "published_layout": "the published layout of OV"
    case "published_truncation": "spectra cut to the first d_h values"
    case "late": "the late window"
    case "depth_squared": "depth and its square taken out"
    case "non_embedding": "size without embeddings"
    case "full_product": "OV's full product"
    case "audit_keep": "flagged checkpoints kept"
    case "equal_loss": "equal shares of the loss reduction"
    case "expected_per": "PER over its expectation for random matrices"
    default: metric(key)
    }
  }

  /// `+0.12 [−0.03, 0.28]`, all with the places that the smallest part needs; the effect alone where
  /// there is no interval.
  package static func effect(_ effect: Double, _ lower: Double?, _ upper: Double?) -> String {
    guard let lower, let upper else { return signed(effect) }
    let places = decimals([effect, lower, upper])
    return "\(signed(effect, decimals: places)) "
      + "[\(number(lower, decimals: places)), \(number(upper, decimals: places))]"
  }
}
