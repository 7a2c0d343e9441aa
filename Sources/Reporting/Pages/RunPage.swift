import Dynamics
import Markup
import Publishing

/// One run: its curves, its layers, what is left out of it.
struct RunPage {
  let context: PageContext
  let run: RunView

  /// What a run's own figures are called behind its name.
  static let figures = [
    "cka-by-layer", "cka-layer-step", "per-by-layer", "per-heads", "per-heads-gradients",
    "singular-values", "layer-similarity",
  ]

  private var study: StudyView { context.study }

  func page() throws -> SitePage {
    var body = PageBody()
    body.lede(HTML(escaping: lede))
    body.facts(facts)
    let alarms = study.input.analysis.alarms.filter { $0.run == run.name }
    if !alarms.isEmpty {
      body.section("Alarms", id: "alarms")
      AlarmList.put(alarms, into: &body, context: context)
    }
    try context.put("\(run.slug)-cka-by-layer", into: &body, short: "Similarity")
    try context.put("\(run.slug)-cka-layer-step", into: &body, short: "Layer by step")
    try context.put("\(run.slug)-per-by-layer", into: &body, short: "Effective rank")
    try context.put("\(run.slug)-per-heads", into: &body, short: "Heads, weights")
    try context.put("\(run.slug)-per-heads-gradients", into: &body, short: "Heads, gradients")
    try context.put("\(run.slug)-singular-values", into: &body, short: "Singular values")
    try context.put(
      "\(run.slug)-layer-similarity", into: &body, short: "Layer by layer with others")
    layers(&body)
    body.section("What is left out of \(run.name)", id: "left-out", short: "Left out")
    let items =
      LeftOutList(context: context).items(run: run)
      + context.absent(Self.figures.map { "\(run.slug)-\($0)" })
    if items.isEmpty {
      body.paragraph(
        "Nothing: all \(Words.counted(run.steps.count, "checkpoint")) were read and every measure is defined."
      )
    } else {
      body.list(items)
    }
    return SitePage(
      path: context.map.run(run), title: run.name, shortTitle: run.name, description: lede,
      section: "Runs", parents: [context.map.overview, context.map.runsCompared], body: body)
  }

  private var lede: String {
    let size = run.parameters.map { " of \(Words.parameters($0)) parameters" } ?? ""
    var sentences = [
      "A run\(size) with \(Words.counted(run.layers, "layer")), measured at \(Words.counted(run.steps.count, "checkpoint")) up to step \(Words.count(run.finalStep))."
    ]
    let medians = study.mainComponents.compactMap { component in
      study.medianAtTwentyPercent(run, component).map {
        "\(Words.number($0)) (\(Vocabulary.short(component)))"
      }
    }
    if !medians.isEmpty {
      sentences.append(
        "At 20 % of training the median layer stands at \(Words.list(medians)).".nonBreaking)
    }
    return sentences.joined(separator: " ")
  }

  private var facts: [Fact] {
    let described = study.input.runs.first { $0.run == run.name }
    var facts: [Fact] = []
    if let parameters = run.parameters {
      facts.append(Fact("Parameters", HTML(escaping: Words.count(parameters))))
    }
    facts.append(Fact("Layers", "\(run.layers)"))
    for (label, value) in [
      ("Heads", described?.heads), ("Hidden size", described?.hiddenSize),
      ("Head size", described?.headDimension), ("MLP size", described?.intermediateSize),
      ("Vocabulary", described?.vocabulary),
    ] {
      if let value { facts.append(Fact(label, HTML(escaping: Words.count(value)))) }
    }
    facts.append(Fact("Checkpoints", "\(run.steps.count)"))
    if run.label != run.name { facts.append(Fact("In figures", HTML(escaping: run.label))) }
    if !run.group.isEmpty { facts.append(Fact("Group", HTML(escaping: run.group))) }
    if !run.arm.isEmpty { facts.append(Fact("Intervention", HTML(escaping: run.arm))) }
    return facts
  }

  /// Every layer's measures, one table.
  private func layers(_ body: inout PageBody) {
    let components = study.components.filter { study.similarity(run, $0) != nil }
    guard !components.isEmpty else { return }
    body.section("Layer by layer", id: "layers", short: "Layers")
    let shown = components.filter { study.mainComponents.contains($0) }
    var columns = [Column("Layer")]
    for component in shown {
      let group = Vocabulary.activation(component)
      columns += [
        Column("at 20\u{202F}%", group: group), Column("settles", group: group),
        Column("area", group: group), Column("monotone", group: group),
      ]
    }
    let objects = ["weights", "gradients"].filter { object in
      shown.contains { study.matrix(run, $0, object: object) != nil }
    }
    for object in objects {
      for component in shown where study.matrix(run, component, object: object) != nil {
        columns.append(Column(Vocabulary.short(component), group: "PER, \(object)"))
      }
    }
    let rows = (0..<run.layers).map { layer -> [Cell] in
      var cells: [Cell] = [.integer(layer)]
      for component in shown {
        let quantity = study.similarityQuantity(component)
        func value(_ measure: String) -> ConvergenceIndex.Entry? {
          study.convergence.layers(run, quantity, measure).first { $0.layer == layer }
        }
        cells.append(.number(value("at_0.2")?.value, decimals: 3))
        cells.append(
          value("settling_0.9").map { entry in
            entry.value.map { .percent($0) } ?? .shown("never", sort: 2)
          } ?? .none)
        cells.append(.number(value("area")?.value, decimals: 3))
        cells.append(.number(value("monotonicity")?.value, decimals: 3))
      }
      for object in objects {
        for component in shown where study.matrix(run, component, object: object) != nil {
          cells.append(
            .number(
              study.meanRank(run, component: component, object: object)[layer], decimals: 3))
        }
      }
      return cells
    }
    body.table(
      TableBlock(
        caption:
          "\(study.headline.name) and mean PER by layer; settles: the share of training from which the layer stays at 0.9",
        columns: columns, rows: rows, label: "Measures by layer of \(run.name)"))
  }
}
