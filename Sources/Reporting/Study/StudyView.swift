import Dynamics

/// The study as figures and pages look at it: runs in the order of their size, the quantities that
/// exist, and which of them is the headline.
struct StudyView: Sendable {
  let input: ReportInput
  /// Smallest first; runs of unknown size behind, in the table's order.
  let runs: [RunView]
  let headline: Headline
  /// Components with a similarity, in their fixed order.
  let components: [String]
  let convergence: ConvergenceIndex
  /// The learning rate by run, where a training log has it.
  let schedules: [String: LearningRateSchedule]
  /// Where the study wants the axis of training in tokens and one number serves all runs.
  let tokensPerStep: Double?
  private let index: CurveIndex

  init(_ input: ReportInput) {
    self.input = input
    let index = CurveIndex(input.analysis.curves, table: input.table)
    self.index = index
    convergence = ConvergenceIndex(input.analysis.convergence)
    runs = Self.orderedRuns(input, index: index)
    schedules = LearningRateSchedule.byRun(input.trainingLog)
    tokensPerStep =
      switch input.trainingAxis {
      case .steps: nil
      case .tokens(let perStep):
        perStep
          ?? LearningRateSchedule.tokensPerStep(input.trainingLog, runs: runs.map(\.name))
      }
    headline = Headline(index: index, input: input)
    components = Vocabulary.components.filter { component in
      index.quantities.contains {
        $0.component == component && $0.object == "activations"
          && Vocabulary.similarities.contains($0.metric)
      }
    }
  }

  /// What figures call a run.
  func label(of run: String) -> String { input.labels[run] ?? run }

  /// Every quantity that some run has a layer's value of, in a fixed order.
  var quantities: [Quantity] { index.quantities }

  func has(_ quantity: Quantity) -> Bool { index.has(quantity) }

  /// Whether any run has `metric` of `object`.
  func hasMetric(_ metric: String, object: String? = nil) -> Bool {
    index.quantities.contains {
      $0.metric == metric && (object == nil || $0.object == object)
    }
  }

  /// The layer values of a quantity, nil where the run has none.
  func grid(_ run: RunView, _ quantity: Quantity) -> LayerGrid? { index.grid(run, quantity) }

  /// A similarity in the headline's rows and probe and in the component's own variant.
  func similarity(_ run: RunView, _ component: String, metric: String? = nil) -> LayerGrid? {
    grid(run, similarityQuantity(component, metric: metric))
  }

  func similarityQuantity(_ component: String, metric: String? = nil) -> Quantity {
    .similarity(
      metric ?? headline.estimator, of: component, variant: headline.variant(of: component),
      rows: headline.rows, probe: headline.probe)
  }

  /// A quantity of weights or gradients by layer. OV's is the mean over heads at each checkpoint,
  /// as METHODS section 6 pairs it; the full product where no heads were measured.
  func matrix(
    _ run: RunView, _ component: String, object: String, metric: String = "per",
    variant: String = "default"
  ) -> LayerGrid? {
    let quantity = Quantity(
      component: component, object: object, metric: metric, variant: variant,
      probe: object == "gradients" ? headline.probe : "")
    if component == "ov", let mean = index.headMean(run, quantity) { return mean }
    return index.grid(run, quantity)
  }

  /// One head's value: head → grid.
  func heads(_ run: RunView, _ quantity: Quantity) -> [Int: LayerGrid] {
    index.headGrids(run, quantity)
  }

  /// Whether OV's matrix quantities are means over heads.
  func hasHeads(_ metric: String, object: String) -> Bool {
    index.headQuantities.contains {
      $0.metric == metric && $0.object == object && $0.component == "ov"
    }
  }

  /// A quantity of the whole model, such as the loss: step → value, rising.
  func model(_ run: RunView, metric: String, probe: String) -> [(step: Int, value: Double)] {
    index.model(run, metric: metric, probe: probe)
  }

  /// What a quantity was computed over, such as 128 sequences: the largest in the table.
  func sampleSize(_ quantity: Quantity) -> Int? { index.sampleSizes[quantity] }

  /// Sequences of the headline's probe.
  var sequences: Int? {
    components.compactMap { sampleSize(similarityQuantity($0)) }.max()
  }

  /// The probes that similarities or gradients name, the headline's first.
  var probes: [String] {
    let named = Set(index.quantities.map(\.probe)).subtracting([""])
    return [headline.probe].filter { !$0.isEmpty }
      + named.subtracting([headline.probe]).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  private static func orderedRuns(_ input: ReportInput, index: CurveIndex) -> [RunView] {
    var described: [String: RunDescription] = [:]
    for run in input.runs where described[run.run] == nil { described[run.run] = run }
    var names = input.runs.map(\.run)
    for name in input.table.runs where described[name] == nil { names.append(name) }
    // A run whose every checkpoint failed has no curve and no page.
    names = names.filter { index.steps[$0] != nil }
    let rank = Dictionary(names.enumerated().map { ($1, $0) }, uniquingKeysWith: { a, _ in a })
    names.sort { a, b in
      let sizeA = described[a]?.parameters ?? Int.max
      let sizeB = described[b]?.parameters ?? Int.max
      return sizeA != sizeB ? sizeA < sizeB : (rank[a] ?? 0) < (rank[b] ?? 0)
    }
    let folders = Slugs.unique(names, by: Slugs.folder)
    let slugs = Slugs.unique(names, by: Slugs.slug)
    return names.indices.map { place in
      let name = names[place]
      let run = described[name]
      let steps = index.steps[name] ?? []
      return RunView(
        name: name, label: input.labels[name] ?? name, folder: folders[place], slug: slugs[place],
        parameters: run?.parameters,
        layers: run?.layers ?? index.layerCounts[name] ?? 0, steps: steps,
        finalStep: index.finalSteps[name] ?? run?.finalStep ?? steps.last ?? 0,
        group: run?.group ?? "", arm: run?.arm ?? "")
    }
  }
}
