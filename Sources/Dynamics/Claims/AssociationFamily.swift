import Statistics

/// The combined Spearman rows that one decision reads, adjusted among themselves: from the table of
/// associations where it has them, computed afresh where the lens needs other pairs.
struct AssociationFamily {
  private let source: ClaimSource
  private let lens: Lens
  private let probe: String
  private let isDepth: Bool
  private let rows: [AssociationKey: AssociationRow]

  init(source: ClaimSource, lens: Lens, probe: String, isDepth: Bool) {
    self.source = source
    self.lens = lens
    self.probe = probe
    self.isDepth = isDepth
    // Whether the lens only chooses among the rows of `results/associations.csv`.
    let isTabled =
      !lens.depthSquared && !lens.fullProduct && !(lens.keepFlagged && source.kept != nil)
    rows =
      isTabled
      ? source.associations
      : Dictionary(
        Self.computed(source, lens, probe, isDepth).map { ($0.key, $0) },
        uniquingKeysWith: { first, _ in first })
  }

  struct Found {
    /// Nil where no run is usable.
    let row: AssociationRow?
    let variant: String
    let pairs: [PairSource.RunPairs]
    let points: [EvidencePoint]
    /// A run's coefficient has no variance with fewer.
    let fewestLayers: Int
  }

  private var control: CorrelationControl { Self.control(lens, isDepth) }

  private static func control(_ lens: Lens, _ isDepth: Bool) -> CorrelationControl {
    isDepth ? .none : lens.depthSquared ? .quadratic : .linear
  }

  /// The row of a component and object in the lens's variant, else by default, else in the only
  /// variant that there is; nil where the table lacks a side.
  func row(_ component: String, _ object: String, _ measure: Measure) -> Found? {
    guard let similarity = source.similarity(component, lens, probe: probe) else { return nil }
    let set = source.data(lens)
    let window = set.windows.stored(lens.window)
    let rank = isDepth ? nil : source.rank(component, object, lens, probe: probe)
    if !isDepth, rank == nil { return nil }
    let pairs = set.pairs.pairs(similarity, measure, with: rank, .mean, window)
      .filter { source.engine.baseline.contains($0.run) }
    let variants = [similarity.variant] + (rank.map { [$0.variant] } ?? [])
    let variant =
      variants.contains(lens.variant)
      ? lens.variant : variants.first { $0 != "default" } ?? "default"
    let key = AssociationKey(
      run: "", component: component, object: object, metric: lens.metric, measure: measure,
      perMeasure: isDepth ? AssociationKey.depth : Measure.mean.rawValue, variant: variant,
      rows: similarity.rows, probe: probe, window: window, method: .spearman,
      scope: isDepth ? .within : .withinGivenDepth)
    let usable = Set(rows[key]?.runs ?? [])
    return Found(
      row: rows[key], variant: variant, pairs: pairs,
      points: pairs.compactMap { point($0, isUsed: usable.contains($0.run)) },
      fewestLayers: 4 + control.degrees)
  }

  private func point(_ pairs: PairSource.RunPairs, isUsed: Bool) -> EvidencePoint? {
    let coefficient = partialCorrelation(
      .spearman, pairs.sample.x, pairs.sample.y, given: pairs.sample.control, control)
    // As such a run enters the combined row: depth leaves nothing to correlate.
    let isExplained = isUsed && coefficient == .explained
    let value = isExplained ? 0 : coefficient.value
    return value.map {
      EvidencePoint(
        label: pairs.run, x: nil, y: $0, n: pairs.sample.count, isExplained: isExplained)
    }
  }

  /// The rows of the lens's window: Hartung–Knapp's alone, which are all that a claim reads.
  ///
  /// `summaries`: those of PER that are paired; `isPaired`: which of the pairs are tests at all.
  static func computed(
    _ source: ClaimSource, _ lens: Lens, _ probe: String, _ isDepth: Bool,
    summaries: [Measure] = [.mean], where isPaired: (AssociationKey) -> Bool = { _ in true }
  ) -> [AssociationRow] {
    let set = source.data(lens)
    let rowsOfProbe = source.rows(lens.metric, probe: probe)
    let plan = AssociationPlan(
      set.pairs, windows: [set.windows.stored(lens.window)], fullProduct: lens.fullProduct,
      summaries: summaries
    ) {
      $0.metric == lens.metric && $0.rows == rowsOfProbe && $0.probe == probe
    }
    let rows = plan.items.compactMap { item -> AssociationRow? in
      guard isDepth || item.key.perMeasure != AssociationKey.depth, isPaired(item.key) else {
        return nil
      }
      var key = item.key
      key.scope = isDepth ? .within : .withinGivenDepth
      let pairs = item.pairs.filter { source.engine.baseline.contains($0.run) }
      guard
        let all = StratifiedCorrelation(
          pairs.map(\.sample), method: .spearman, scope: .within(control(lens, isDepth)))
      else { return nil }
      let isDescriptive = all.usable.count < AssociationEngine.fewestRuns
      let interval = isDescriptive ? nil : all.hartungKnappInterval()
      return AssociationRow(
        key: key, estimate: all.estimate, lower: interval?.lower, upper: interval?.upper,
        p: isDescriptive ? nil : all.combined?.p, q: nil, n: all.n,
        runs: all.usable.map { pairs[$0].run }, isDescriptive: isDescriptive)
    }
    return AssociationRow.adjusted(rows)
  }
}
