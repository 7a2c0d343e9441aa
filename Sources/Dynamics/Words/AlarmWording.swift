extension Alarm {
  /// When alarms of these kinds are raised: `An alarm decides nothing; … Rises: by 0.05 or more …`.
  package static func meaning(of kinds: [String]) -> String {
    let raised = Set(kinds)
    let sentences =
      ["An alarm decides nothing; it asks for a look at the figure behind its link."]
      + Kind.allCases.filter { raised.contains($0.rawValue) }.map(\.meaning)
    var once: [String] = []
    for sentence in sentences where !once.contains(sentence) { once.append(sentence) }
    return once.joined(separator: " ")
  }
}

extension Alarm.Kind {
  var meaning: String {
    let begun = "after the first \(Wording.percent(WindowPlan.lateFraction)) of training"
    switch self {
    case .flatEarly:
      return "Flat: all of a layer's CKA \(begun) within "
        + "\(Wording.number(AlarmFinder.flatRange)) of each other and under "
        + "\(Wording.number(AlarmFinder.farBelow))."
    case .perRising:
      return
        "Rising: by \(Wording.number(AlarmFinder.rise)) or more \(begun), with Spearman's ρ with "
        + "the step of \(Wording.number(AlarmFinder.steadily)) or more."
    case .relationAbsent, .relationReversed:
      return
        "A relation: Spearman's ρ of area with mean PER over a run's layers, by thirds of them "
        + "from \(3 * AlarmFinder.fewestLayers) layers on, not given depth; none where ρ lies within "
        + "±\(Wording.number(AlarmFinder.absent)), the other way from "
        + "\(Wording.number(AlarmFinder.reversed)) down."
    case .nonFinite:
      return "Missing values are left out of their curves; the rest is used."
    }
  }
}
