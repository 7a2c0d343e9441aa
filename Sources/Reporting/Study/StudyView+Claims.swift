import Dynamics
import Statistics

extension StudyView {
  /// The claim on the headline's probe.
  func claim(_ id: String) -> Claim? {
    let claims = input.analysis.claims.filter { $0.id.rawValue == id }
    return claims.first { $0.probe == headline.probe } ?? claims.first
  }

  /// The combined association that a cell of C3 rests on.
  func association(
    component: String, object: String, measure: String, perMeasure: String = "mean",
    scope: String = "within_given_depth", method: String = "spearman"
  ) -> AssociationRow? {
    input.analysis.associations.first {
      let key = $0.key
      return key.run.isEmpty && key.component == component && key.object == object
        && key.metric == headline.estimator && key.measure.rawValue == measure
        && key.perMeasure == perMeasure && key.variant == headline.variant(of: component)
        && key.rows == headline.rows && key.probe == headline.probe
        && key.window.rawValue == "all" && key.method.rawValue == method
        && key.scope.rawValue == scope
    }
  }
}

extension StudyView {
  /// Shares of settled layers over the thresholds, in the window that the claims read.
  func settledShares(_ run: RunView, _ component: String) -> [SettledShare] {
    let quantity = similarityQuantity(component)
    let own = input.analysis.settledShares.filter {
      $0.run == run.name && $0.component == component && $0.metric == quantity.metric
        && $0.variant == quantity.variant && $0.rows == quantity.rows
        && $0.probe == quantity.probe
    }
    let common = own.filter { $0.window == .common }
    return (common.isEmpty ? own.filter { $0.window == .all } : common).sorted { $0.q < $1.q }
  }
}

extension StudyView {
  /// The ids of the claims, each once, in their order.
  var claimIDs: [String] {
    var ids: [String] = []
    for claim in input.analysis.claims where !ids.contains(claim.id.rawValue) {
      ids.append(claim.id.rawValue)
    }
    return ids
  }

  /// The headline's answer to every claim.
  var headlineClaims: [Claim] { claimIDs.compactMap(claim) }

  /// The same claim on every probe, the headline's first.
  func claims(_ id: String) -> [Claim] {
    let all = input.analysis.claims.filter { $0.id.rawValue == id }
    guard let first = claim(id) else { return all }
    return [first] + all.filter { $0 != first }
  }
}
