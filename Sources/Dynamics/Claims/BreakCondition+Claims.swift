extension BreakCondition {
  /// Whether the data break the mechanism behind a claim; nil for claims without one. `causal`: the
  /// verdict on C6.
  init?(_ id: ClaimID, _ decision: Decision, causal: Verdict) {
    guard let (text, breaksIf) = id.mechanism else { return nil }
    mechanism = text
    self.breaksIf = breaksIf
    let verdict = id == .c4 ? decision.verdict : causal
    let subject = id == .c4 ? "C4" : "C6"
    switch verdict {
    case .contradicted:
      outcome = .met
      sentence = "The condition is met: \(subject) is contradicted."
    case .supported:
      outcome = .notMet
      sentence = "The condition is not met: \(subject) is supported."
    case .inconclusive:
      outcome = .open
      sentence = "The condition is open: \(subject) is inconclusive."
    case .notEnoughData:
      outcome = .untested
      let needs = decision.needs.isEmpty || id != .c4 && id != .c6 ? [] : decision.needs
      sentence =
        "The condition is not tested: \(subject) has not enough data"
        + (needs.isEmpty ? "." : " and needs \(Wording.list(needs)).")
    }
  }
}
