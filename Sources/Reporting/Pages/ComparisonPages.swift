import Markup
import Publishing

/// The runs side by side.
struct RunsComparedPage {
  let context: PageContext

  func page() throws -> SitePage {
    let study = context.study
    var body = PageBody()
    body.lede(
      study.runs.count == 1
        ? "One run, so there is nothing to compare it with yet: its medians over layers."
        : HTML(
          escaping:
            "\(Words.capitalized(Words.spelled(study.runs.count))) runs on the same axes: medians over layers, settling by depth and by threshold, effective rank."
        ))
    body.section("The runs", id: "runs")
    body.table(RunsTable(context: context).table())
    for id in [
      "cka-median", "settling-by-depth", "settled-by-threshold", "per-layer-step",
      "per-gradients-layer-step", "per-against-area", "measure-agreement", "rates-of-change",
      "loss", "evaluations", "audit",
    ] {
      try context.put(id, into: &body)
      if id == "evaluations" { EvaluationTable(context: context).put(into: &body) }
    }
    return SitePage(
      path: context.map.runsCompared, title: "The runs compared", shortTitle: "All runs",
      description: "Medians over layers of every run, side by side.", section: "Runs",
      parents: [context.map.overview], body: body)
  }
}

/// One component over all runs.
struct ComponentPage {
  let context: PageContext
  let component: String

  func page() throws -> SitePage {
    var body = PageBody()
    body.lede(HTML(escaping: Self.definition(component)))
    try context.put("cka-" + Slugs.slug(component), into: &body, short: "CKA by layer")
    body.section("Medians by run", id: "medians", short: "By run")
    body.table(medians())
    let intervals = intervals()
    if !intervals.rows.isEmpty {
      body.section("How sure a single layer's value is", id: "intervals", short: "Intervals")
      body.table(intervals)
    }
    return SitePage(
      path: context.map.component(component), title: Vocabulary.activation(component),
      description: Self.definition(component), section: "Components",
      parents: [context.map.overview], body: body)
  }

  static func definition(_ component: String) -> String {
    switch component {
    case "mlp": "The output of a block's MLP, bias included; its matrix is the down projection."
    case "ov":
      "What the value of a position becomes through its heads' output projection, without any mixing over positions; its matrices are the heads' products of output and value projection."
    case "attention":
      "The real output of attention: values mixed by softmax, projected, bias included."
    case "residual": "The output of the whole block: what the next one reads."
    default: "The \(component) component."
    }
  }

  private func medians() -> TableBlock {
    let study = context.study
    let quantity = study.similarityQuantity(component)
    let measures = [
      "at_0.2", "settling_0.9", "area", "area_log", "monotonicity", "spearman_step",
      "instability", "increment_sd",
    ]
    let objects = ["weights", "gradients"].filter { object in
      study.runs.contains { study.matrix($0, component, object: object) != nil }
    }
    return TableBlock(
      caption:
        "Medians over layers of every convergence measure, all checkpoints, \(study.headline.name)",
      columns: [Column("Run", .text), Column("Layers")]
        + measures.map { Column(MeasureWords.name($0)) }
        + objects.map { Column("PER \($0), mean") },
      rows: study.runs.map { run in
        [.link(context.map.run(run), run.name), .integer(run.layers)]
          + measures.map { measure in
            let layers = study.convergence.layers(run, quantity, measure)
            guard !layers.isEmpty else { return .none }
            guard let value = study.convergence.median(run, quantity, measure) else {
              return .shown("never", sort: 2)
            }
            return measure == "settling_0.9" ? .percent(value) : .number(value, decimals: 3)
          }
          + objects.map { object in
            let ranks = study.meanRank(run, component: component, object: object)
            return .number(
              StepSummary(step: 0, values: Array(ranks.values))?.median, decimals: 3)
          }
      }, label: "Convergence measures of \(Vocabulary.inSentence(component))")
  }

  /// The median width of the interval of `at_0.2` by run.
  private func intervals() -> TableBlock {
    let study = context.study
    let quantity = study.similarityQuantity(component)
    var rows: [[Cell]] = []
    for run in study.runs {
      let widths = study.convergence.layers(run, quantity, "at_0.2").compactMap { entry in
        entry.lower.flatMap { lower in entry.upper.map { $0 - lower } }
      }
      guard let summary = StepSummary(step: 0, values: widths) else { continue }
      rows.append([
        .text(run.name), .number(summary.median, decimals: 3),
        .number(summary.maximum, decimals: 3),
        .integer(summary.count),
      ])
    }
    return TableBlock(
      caption: "Width of the 95\u{202F}% interval of CKA at 20\u{202F}% of training",
      columns: [
        Column("Run", .text), Column("Median"), Column("Widest"), Column("Layers"),
      ], rows: rows, label: "Intervals")
  }
}

/// One measure over all runs and components.
struct MeasurePage {
  let context: PageContext
  let metric: String

  func page() throws -> SitePage {
    var body = PageBody()
    body.lede(HTML(escaping: Vocabulary.meaning(metric) ?? Vocabulary.metric(metric)))
    try context.put("measure-" + Slugs.slug(metric), into: &body, short: "Over training")
    if metric == "cka" || metric == "cka_debiased" {
      try context.put("biased-debiased", into: &body, short: "Biased, debiased")
    }
    if metric == "per" {
      try context.put("per-layer-step", into: &body)
      try context.put("per-gradients-layer-step", into: &body)
    }
    if Vocabulary.similarities.contains(metric) {
      body.section("Settling by run", id: "settling", short: "By run")
      body.table(settling())
    }
    body.note(
      "The exact definition stands on the \(Link(to: context.map.methods, "methods page")); the values are <code>\(metric)</code> in the \(Link(to: context.map.data, "tables"))."
    )
    return SitePage(
      path: context.map.measure(metric), title: Vocabulary.metric(metric),
      description: Vocabulary.meaning(metric) ?? "", section: "Measures",
      parents: [context.map.overview], body: body)
  }

  private func settling() -> TableBlock {
    let study = context.study
    var rows: [[Cell]] = []
    for run in study.runs {
      for component in study.components {
        let quantity = study.similarityQuantity(component, metric: metric)
        guard let share = study.convergence.settledShare(run, quantity) else { continue }
        rows.append([
          .text(run.name), .text(Vocabulary.activation(component)), .integer(share.of),
          .number(study.convergence.median(run, quantity, "at_0.2"), decimals: 3),
          .percent(share.share), .integer(study.convergence.never(run, quantity)?.0 ?? 0),
          .number(study.convergence.median(run, quantity, "area"), decimals: 3),
        ])
      }
    }
    return TableBlock(
      caption: "Medians over layers",
      columns: [
        Column("Run", .text), Column("Component", .text), Column("Layers"),
        Column("at 20\u{202F}%"), Column("settled by 20\u{202F}%"), Column("never"), Column("area"),
      ], rows: rows, label: "Settling by \(Vocabulary.metricInSentence(metric))")
  }
}
