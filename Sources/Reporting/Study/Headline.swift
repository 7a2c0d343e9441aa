import Dynamics

/// The similarity that verdicts and the first figures rest on (METHODS section 7).
struct Headline: Sendable, Equatable {
  /// `cka_debiased`; `cka` where a table holds no debiased value; else what there is.
  let estimator: String
  let rows: String
  let probe: String
  private let variants: [String: String]

  init(index: CurveIndex, input: ReportInput) {
    let similarities = index.quantities.filter {
      $0.object == "activations" && Vocabulary.similarities.contains($0.metric)
    }
    let metrics = Set(similarities.map(\.metric))
    let estimator = Vocabulary.similarities.first { metrics.contains($0) } ?? "cka_debiased"
    let candidates = similarities.filter { $0.metric == estimator }
    self.estimator = estimator
    rows =
      ["last", "all", "sample"].first { rows in candidates.contains { $0.rows == rows } } ?? ""
    // The probe that most runs were measured on; the study's order decides between equals.
    let order = input.probes.map(\.name)
    var runsOfProbe: [String: Int] = [:]
    for quantity in candidates {
      runsOfProbe[quantity.probe] = max(
        runsOfProbe[quantity.probe] ?? 0, index.runCount(quantity))
    }
    if candidates.isEmpty {
      for quantity in index.quantities where !quantity.probe.isEmpty {
        runsOfProbe[quantity.probe] = max(
          runsOfProbe[quantity.probe] ?? 0, index.runCount(quantity))
      }
    }
    let ranked = runsOfProbe.keys.sorted { a, b in
      let countA = runsOfProbe[a] ?? 0
      let countB = runsOfProbe[b] ?? 0
      if countA != countB { return countA > countB }
      let placeA = order.firstIndex(of: a) ?? Int.max
      let placeB = order.firstIndex(of: b) ?? Int.max
      return placeA != placeB ? placeA < placeB : a.utf8.lexicographicallyPrecedes(b.utf8)
    }
    probe = ranked.first ?? ""
    var variants: [String: String] = [:]
    for component in Vocabulary.components {
      let present = Set(candidates.filter { $0.component == component }.map(\.variant))
      variants[component] =
        present.contains("default") ? "default" : present.sorted().first ?? "default"
    }
    self.variants = variants
  }

  /// `default`, or the only variant that a component has.
  func variant(of component: String) -> String { variants[component] ?? "default" }

  var isBiased: Bool { estimator == "cka" }

  /// `Debiased CKA`.
  var name: String { Vocabulary.metric(estimator) }

  /// The metric of the level that chance alone gives.
  var nullQuantile: String { estimator + "_null_q95" }
}
