import Dynamics
import Foundation
import Publishing

/// How a claim is spoken of.
enum ClaimWords {
  /// The question in full.
  static func question(_ id: String, fallback: String) -> String {
    switch id {
    case "C1": "Do larger models settle earlier?"
    case "C2": "Do larger models settle more steadily?"
    case "C3": "Does settling go with effective rank?"
    case "C4": "Do early layers settle before late ones?"
    case "C5": "Is effective rank lower in small models?"
    case "C6": "Does raising the rank speed settling?"
    case "C7": "Does it hold on other data and measures?"
    default: fallback
    }
  }

  /// The name in the sidebar.
  static func short(_ id: String) -> String {
    switch id {
    case "C1": "C1 Size and settling"
    case "C2": "C2 Size and steadiness"
    case "C3": "C3 Rank"
    case "C4": "C4 Depth"
    case "C5": "C5 Rank and size"
    case "C6": "C6 Intervention"
    case "C7": "C7 Other data"
    default: id
    }
  }

  /// What the claim says.
  static func statement(_ id: String) -> String {
    switch id {
    case "C1":
      "Larger models stabilise earlier: nearly all of their layers reach their final state within the first 20\u{202F}% of training."
    case "C2": "Larger models stabilise more monotonically."
    case "C3":
      "Layers that use more of their parameter space, and whose gradients do, converge faster, given their depth."
    case "C4": "Earlier layers converge before later ones."
    case "C5":
      "Parameters and gradients have a lower proportional effective rank in smaller models."
    case "C6": "Raising the rank of a layer's parameters speeds its convergence."
    case "C7": "The relations hold on other data and for other measures of similarity."
    default: ""
    }
  }

  /// What the effect's number is.
  static func unit(_ id: String) -> String {
    switch id {
    case "C1":
      "slope of the share of MLP layers settled by 20\u{202F}% of training, per tenfold parameters"
    case "C2": "slope of the median monotonicity of MLP layers, per tenfold parameters"
    case "C3": "Spearman's ρ of area with PER of MLP weights, within runs, given depth"
    case "C4": "Spearman's ρ of settling with depth, MLP, within runs"
    case "C5": "slope of the median PER of MLP weights, per tenfold parameters"
    case "C6": "difference of the area, arm less baseline"
    case "C7": "share of cells with the headline's verdict"
    default: ""
    }
  }

  /// In the answers' narrow column.
  static func shortUnit(_ id: String) -> String {
    switch id {
    case "C1": "slope of the share"
    case "C2": "slope of monotonicity"
    case "C3": "ρ given depth, MLP weights"
    case "C4": "ρ with depth, MLP"
    case "C5": "slope of PER, MLP weights"
    case "C6": "difference of the area"
    case "C7": "share of cells"
    default: ""
    }
  }

  static func state(_ verdict: Dynamics.Verdict) -> Publishing.Verdict.State {
    Publishing.Verdict.State(rawValue: verdict.rawValue) ?? .notEnoughData
  }

  /// Whether the condition under which a mechanism breaks is met.
  static func outcome(_ outcome: BreakCondition.Outcome) -> String {
    switch outcome {
    case .met: "Met."
    case .notMet: "Not met."
    case .open: "Open."
    case .untested: "Not tested."
    }
  }

  /// Why the outcome is what it is: the sentence without the outcome in front, which stands beside.
  static func reason(_ condition: BreakCondition) -> String {
    guard let colon = condition.sentence.range(of: ": ") else { return condition.sentence }
    return Words.capitalized(String(condition.sentence[colon.upperBound...]))
  }

  /// What a key of the sensitivity stands for.
  static func variant(_ key: String) -> String {
    switch key {
    case "published_layout": "OV in the published layout"
    case "published_truncation": "Spectra cut to the first d_h values"
    case "late": "Late window only"
    case "depth_squared": "Given depth and its square"
    case "non_embedding": "Size without embeddings"
    case "full_product": "OV's full product"
    case "audit_keep": "Flagged checkpoints kept"
    case "equal_loss": "At equal share of the loss reduction"
    case "expected_per": "PER over its expectation for random matrices"
    default: Vocabulary.metric(key)
    }
  }

  /// The verdict under a variant; a dash where the variant cannot touch the claim.
  static func cell(_ claim: Claim, _ key: String, short: Bool = false) -> Cell {
    guard let entry = claim.sensitivity.first(where: { $0.key == key }) else { return .none }
    switch entry.note {
    case SensitivityEntry.untouched: return .text(Words.nothing)
    case SensitivityEntry.headline: return .verdict(state(entry.verdict), short: short)
    default: return .verdict(state(entry.verdict), provisional: true, short: short)
    }
  }

  /// "Of seven claims two are supported, …".
  static func tally(_ claims: [Claim]) -> String {
    let weak = claims.count(where: \.isWeak)
    let parts = [
      (Dynamics.Verdict.supported, "supported"), (.contradicted, "contradicted"),
      (.inconclusive, "inconclusive"),
    ].compactMap { verdict, word -> String? in
      let count = claims.count { $0.verdict == verdict }
      guard count > 0 else { return nil }
      let text = "\(Words.spelled(count)) \(count == 1 ? "is" : "are") \(word)"
      guard verdict == .contradicted, weak > 0 else { return text }
      return text + (weak == count ? " (weakly)" : " (\(Words.spelled(weak)) of them weakly)")
    }
    let missing = claims.count { $0.verdict == .notEnoughData }
    if missing == claims.count, missing > 0 {
      return "There is not enough data for any of the \(Words.spelled(missing)) claims."
    }
    let rest =
      missing == 0
      ? nil
      : "for \(Words.spelled(missing)) there is not enough data"
    let all = parts + [rest].compactMap { $0 }
    guard !all.isEmpty else { return "" }
    return "Of \(Words.spelled(claims.count)) claims \(Words.list(all))."
  }
}

extension ClaimWords {
  /// The effect with its interval; one without any spread is no estimate of a slope of 0.
  static func effect(_ claim: Claim) -> String {
    if claim.id == .c7 { return Words.percent(claim.effect) }
    return claim.effect == 0 && claim.lower == 0 && claim.upper == 0
      ? "0, the same at every size" : Words.effect(claim.effect, claim.lower, claim.upper)
  }

  /// The claim's sentence without the verdict in front of it, which stands beside.
  static func note(_ claim: Claim) -> String {
    guard let colon = claim.sentence.range(of: ": ") else { return claim.sentence }
    return Words.capitalized(String(claim.sentence[colon.upperBound...]))
  }
}
