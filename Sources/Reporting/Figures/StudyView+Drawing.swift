import Foundation
import Plotting

/// What many figures share: the series of runs, the level of chance, the 20 % mark, the domain of CKA.
extension StudyView {
  /// One series a run: the ordered ramp where sizes are known, categories otherwise.
  var runSeries: SeriesScale {
    let names = runs.map(\.label)
    let sized =
      runs.count > 1 && runs.allSatisfy { $0.parameters != nil }
      && Set(runs.map(\.parameters)).count == runs.count
    return sized ? .size(names) : .categorical(names)
  }

  /// Components that the study-wide figures show: those of the claims, or whatever there is.
  var mainComponents: [String] {
    let claimed = components.filter { $0 == "mlp" || $0 == "ov" }
    return claimed.isEmpty ? Array(components.prefix(2)) : claimed
  }

  /// 0 to 1, lower where a debiased value falls below zero.
  func similarityDomain(_ grids: [LayerGrid]) -> ClosedRange<Double> {
    var lowest = 0.0
    for grid in grids {
      for row in grid.values {
        for value in row where value.isFinite { lowest = min(lowest, value) }
      }
    }
    return lowest < -0.005 ? (lowest * 10).rounded(.down) / 10...1 : 0...1
  }

  /// The level that chance alone gives: for every step the highest layer's 95 % quantile.
  func chance(
    _ run: RunView, _ component: String, metric: String? = nil
  ) -> (steps: [Int], upper: [Double])? {
    let estimator = metric ?? headline.estimator
    guard let grid = similarity(run, component, metric: estimator + "_null_q95") else {
      return nil
    }
    var steps: [Int] = []
    var upper: [Double] = []
    for index in grid.steps.indices where grid.steps[index] < grid.finalStep {
      guard let top = grid.column(index).max() else { continue }
      steps.append(grid.steps[index])
      upper.append(top)
    }
    return steps.isEmpty ? nil : (steps, upper)
  }

  /// The band of chance as a mark; `label` only where it is named.
  func chanceBand(
    _ run: RunView, _ component: String, metric: String? = nil, label: String
  ) -> Mark? {
    guard let chance = chance(run, component, metric: metric) else { return nil }
    return .band(
      x: chance.steps.map(Double.init), lower: chance.upper.map { min(0, $0) },
      upper: chance.upper, style: .null, label: label)
  }

  /// The highest level of chance over runs and components: for captions.
  func highestChance(_ components: [String], metric: String? = nil) -> Double? {
    runs.flatMap { run in components.compactMap { chance(run, $0, metric: metric) } }
      .flatMap(\.upper).max()
  }

  /// The caption's sentence on the grey band; empty where no null was measured.
  func chanceSentence(_ components: [String], metric: String? = nil) -> String {
    guard let top = highestChance(components, metric: metric) else { return "" }
    return
      "Grey: the level that chance alone gives (95 % quantile over re-paired sequences, the highest layer's; at most \(Words.number(top)))."
  }

  /// `Debiased linear CKA, n = 128 sequences, last position.`
  func estimatorSentence(metric: String? = nil) -> String {
    let estimator = metric ?? headline.estimator
    var parts = [Vocabulary.metric(estimator)]
    if estimator == "cka" { parts = ["Biased linear CKA"] }
    if estimator == "cka_debiased" { parts = ["Debiased linear CKA"] }
    if let n = sequences {
      parts.append("n = \(Words.count(n)) \(headline.rows == "last" ? "sequences" : "rows")")
    }
    switch headline.rows {
    case "last": parts.append("last position")
    case "all": parts.append("all positions")
    case "sample": parts.append("sampled positions")
    default: break
    }
    if probes.count > 1 { parts.append("probe \(headline.probe)") }
    return parts.joined(separator: ", ") + "."
  }

  /// Says where a component stands in the published layout because nothing else was measured.
  func layoutSentence(_ components: [String]) -> String {
    let published = components.filter { headline.variant(of: $0) == "published_layout" }
    guard !published.isEmpty else { return "" }
    return
      "\(Words.list(published.map(Vocabulary.short))) in the published layout, the only one in this study."
  }

  /// The dashed rule at 20 % of training.
  func twentyPercent(_ run: RunView, label: String) -> Mark {
    .rule(x: 0.2 * Double(run.finalStep), label: label)
  }

  /// The median over layers of CKA at 20 % of training, interpolated (METHODS section 5).
  func medianAtTwentyPercent(_ run: RunView, _ component: String, metric: String? = nil) -> Double?
  {
    convergence.median(run, similarityQuantity(component, metric: metric), "at_0.2")
  }
}

extension StudyView {
  /// Debiased and biased CKA where both are there, the headline first; else the headline alone.
  var estimatorPair: [String] {
    ["cka_debiased", "cka"].contains(headline.estimator)
      ? ["cka_debiased", "cka"].filter { hasMetric($0, object: "activations") }
      : [headline.estimator]
  }

  /// A run whose final step all share: the place of the 20 % mark where runs lie in one panel.
  var commonGrid: RunView? {
    Set(runs.map(\.finalStep)).count == 1 ? runs.first : nil
  }

  /// Where gradients come from, once in a caption; empty where there are none.
  var gradientSentence: String {
    guard hasMetric("per", object: "gradients") || !headGradientMetrics.isEmpty else { return "" }
    return probes.count > 1
      ? "Gradients are of the mean loss over probe \(headline.probe)."
      : "Gradients are of the mean loss over the gradient batches."
  }

  private var headGradientMetrics: [String] {
    hasHeads("per", object: "gradients") ? ["per"] : []
  }

  /// The seed ceiling: the median over layers of debiased CKA between the final checkpoints of two
  /// seeds; drawn beside debiased values alone.
  func ceiling(
    _ run: RunView, _ component: String, metric: String? = nil, label: String
  ) -> [Mark] {
    guard (metric ?? headline.estimator) == "cka_debiased",
      let grid = similarity(run, component, metric: "cka_seed_ceiling"),
      let last = grid.summaries(includingFinal: true).last
    else { return [] }
    return [.rule(y: last.median, label: label, tone: .axis)]
  }

  /// Between two of a run's own checkpoints in proportion on log₂(1 + t), as the line is drawn; nil
  /// outside them.
  private static func interpolated(_ steps: [Int], _ values: [Double], at step: Int) -> Double? {
    guard let right = steps.firstIndex(where: { $0 >= step }) else { return nil }
    if steps[right] == step { return values[right] }
    guard right > 0 else { return nil }
    let places = [steps[right - 1], step, steps[right]].map { log1p(Double($0)) }
    let share = (places[1] - places[0]) / (places[2] - places[0])
    return values[right - 1] + share * (values[right] - values[right - 1])
  }

  /// The caption's sentence on the ceiling; empty where no run has another seed.
  func ceilingSentence(_ components: [String]) -> String {
    let values = runs.flatMap { run in
      components.compactMap { component in
        similarity(run, component, metric: "cka_seed_ceiling")?
          .summaries(includingFinal: true).last?.median
      }
    }
    guard headline.estimator == "cka_debiased", let low = values.min(), let high = values.max()
    else { return "" }
    let range =
      Words.number(low) == Words.number(high)
      ? Words.number(low) : "\(Words.number(low)) to \(Words.number(high))"
    return
      "Solid rule: two seeds, the median CKA between the final checkpoints of runs of one size (\(range)): no closer do two trainings get."
  }

  /// The band of chance where runs share a panel: at every step the highest run's.
  func chanceBand(
    of shown: [RunView], _ component: String, metric: String, label: String
  ) -> Mark? {
    let known = shown.compactMap { chance($0, component, metric: metric) }
    let steps = Set(known.flatMap(\.steps)).sorted()
    guard !steps.isEmpty else { return nil }
    let upper = steps.map { step in
      known.compactMap { Self.interpolated($0.steps, $0.upper, at: step) }.max() ?? .nan
    }
    return .band(
      x: steps.map(Double.init), lower: upper.map { min(0, $0) }, upper: upper, style: .null,
      label: label)
  }
}
