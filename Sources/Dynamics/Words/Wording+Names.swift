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

  /// `mlp, at_0.2`: a cell among its claim's.
  static func cell(_ cell: EvidenceCell) -> String {
    var parts = [component(cell.component)]
    if !cell.object.isEmpty, cell.object != "activations" { parts.append(cell.object) }
    parts.append(cell.measure)
    if !cell.detail.isEmpty { parts.append(cell.detail) }
    return parts.filter { !$0.isEmpty }.joined(separator: " ")
  }

  /// `+0.12 [−0.03, 0.28]`; the effect alone where there is no interval.
  package static func effect(_ effect: Double, _ lower: Double?, _ upper: Double?) -> String {
    guard let lower, let upper else { return signed(effect) }
    return "\(signed(effect)) \(interval(lower, upper))"
  }
}
