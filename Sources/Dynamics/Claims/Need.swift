/// Something that a verdict lacks; needs that differ in their things alone are said together.
struct Need: Sendable, Codable, Equatable {
  /// `debiased CKA of`; with a space behind it where a thing follows.
  var before: String
  /// `MLP`; empty where nothing is listed.
  var thing = ""
  /// ` at 4 sizes or more (has 3 of 5)`.
  var after = ""

  init(_ before: String, _ thing: String = "", _ after: String = "") {
    self.before = before
    self.thing = thing
    self.after = after
  }

  /// Each different need once, in order: `debiased CKA of MLP and OV at 4 sizes or more`.
  static func phrases(_ needs: [Need]) -> [String] {
    var groups: [(need: Need, things: [String])] = []
    for need in needs {
      let place = groups.firstIndex { $0.need.before == need.before && $0.need.after == need.after }
      guard let place else {
        groups.append((need, [need.thing]))
        continue
      }
      if !groups[place].things.contains(need.thing) { groups[place].things.append(need.thing) }
    }
    return groups.map { $0.need.before + Wording.list($0.things) + $0.need.after }
  }

  /// Behind a similarity whose curves are too short for their measures.
  static let longerCurves =
    " at \(Measure.fewestCheckpoints) checkpoints or more before the final one"

  /// A similarity that the table lacks.
  static func similarity(_ metric: String, _ component: String, _ after: String = "") -> Need {
    Need(Wording.metric(metric) + " of ", Wording.component(component), after)
  }

  /// PER that the table lacks.
  static func rank(
    _ component: String, _ object: String, fullProduct: Bool, _ after: String = ""
  ) -> Need {
    let form = component == "ov" ? (fullProduct ? " (full product)" : " by head") : ""
    return Need("PER of ", "\(Wording.component(component)) \(object)\(form)", after)
  }
}
