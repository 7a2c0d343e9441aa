import Statistics

/// What the claims are decided on: summaries and associations, under any lens.
struct ClaimSource: Sendable {
  let data: DataSet
  /// The data with flagged checkpoints in; nil where nothing is flagged or they are in anyway.
  let kept: DataSet?
  let runs: [String: RunDescription]
  let ladders: [Ladder]
  let engine: AssociationEngine
  let associations: [AssociationKey: AssociationRow]
  let expectedPER: [ExpectedPERKey: Double]

  static let components = ["mlp", "ov"]
  static let objects = ["weights", "gradients"]

  func data(_ lens: Lens) -> DataSet { lens.keepFlagged ? kept ?? data : data }

  /// Debiased CKA, or the biased one where the table lacks it everywhere.
  var headlineMetric: String { data.pairs.headlineMetric }

  /// The similarities of whole layers in the table, in the vocabulary's order.
  var metrics: [String] {
    let present = Set(data.pairs.similarities.map(\.metric))
    return MeasurementVocabulary.similarities.filter(present.contains)
  }

  /// The probes that similarities or, without any, gradients were measured on; one nameless probe
  /// for a table without either.
  var probes: [String] {
    let similarities = Set(data.pairs.similarities.map(\.probe))
    let all = similarities.isEmpty ? data.pairs.rankProbes : similarities
    let named = all.sorted(by: precedes)
    return named.isEmpty ? [""] : named
  }

  /// `last`, else `all`, else `sample`: the rows that the claims read on a probe.
  func rows(_ metric: String, probe: String) -> String {
    let present = Set(
      data.pairs.similarities.filter { $0.metric == metric && $0.probe == probe }.map(\.rows))
    return ["last", "all", "sample", ""].first(where: present.contains) ?? "last"
  }

  /// The similarity of a component under the lens's variant, else by default, else in the only
  /// variant that there is.
  func similarity(_ component: String, _ lens: Lens, probe: String) -> PairSource.Similarity? {
    let rows = rows(lens.metric, probe: probe)
    let candidates = data.pairs.similarities.filter {
      $0.component == component && $0.metric == lens.metric && $0.rows == rows
        && $0.probe == probe
    }
    return candidates.first { $0.variant == lens.variant }
      ?? candidates.first { $0.variant == "default" }
      ?? candidates.first
  }

  /// What a component without any measure of a similarity needs: more checkpoints where it has curves,
  /// else the similarity itself.
  func missing(_ component: String, _ lens: Lens) -> Need {
    let isShort = data(lens).curves.curves.contains { curve in
      curve.key.isSimilarity && curve.key.component == component && curve.key.head == nil
        && curve.key.metric == lens.metric && curve.key.layer != nil
        && (1..<Measure.fewestCheckpoints).contains(curve.measured.count)
    }
    return .similarity(lens.metric, component, isShort ? Need.longerCurves : "")
  }

  /// PER as `similarity(_:_:probe:)`.
  func rank(_ component: String, _ object: String, _ lens: Lens, probe: String)
    -> PairSource.Rank?
  {
    for variant in [lens.variant, "default"] + MeasurementVocabulary.variants {
      let found = data.pairs.rank(
        component, object: object, variant: variant, probe: probe, fullProduct: lens.fullProduct)
      if let found { return found }
    }
    return nil
  }

  /// The values of a measure over a run's layers; +∞ for "never".
  func values(
    _ similarity: PairSource.Similarity, _ measure: Measure, _ window: Window, run: String,
    _ lens: Lens
  ) -> [Double] {
    let set = data(lens)
    let window = set.windows.stored(window)
    guard lens.equalLoss else { return set.pairs.values(similarity, measure, window, run: run) }
    return lossCurves(similarity, window, run: run, lens).compactMap { curve in
      guard curve.c.count >= Measure.fewestCheckpoints || measure == .at else { return nil }
      return measure.value(of: curve, endsAtFinal: false)
    }
  }

  /// A measure of a run's layers over the share of its loss reduction, for a comparison with a run whose
  /// checkpoints lie at other shares: the area over the shares in `range`, and where the curve crosses the level
  /// of settling. Else what one run has measured and the other has not would make a difference of its own.
  func lossValues(
    _ similarity: PairSource.Similarity, _ measure: Measure, _ window: Window, run: String,
    within range: ClosedRange<Double>, _ lens: Lens
  ) -> [Double] {
    lossCurves(similarity, data(lens).windows.stored(window), run: run, lens).compactMap { curve in
      guard curve.c.count >= Measure.fewestCheckpoints else { return nil }
      return measure == .settling ? curve.crossing(Measure.level) : curve.area(within: range)
    }
  }

  /// The shares of the loss reduction that all of `runs` have measured, before their final checkpoints.
  func sharedLoss(
    _ similarity: PairSource.Similarity, _ window: Window, of runs: [String], _ lens: Lens
  ) -> ClosedRange<Double>? {
    let set = data(lens)
    var (low, high) = (0.0, 1.0)
    for run in runs {
      guard let loss = LossShare(set.curves, run: run, probe: similarity.probe) else { return nil }
      let shares = set.windows.steps(of: run, window).filter {
        $0 < set.curves.finalSteps[run] ?? 0
      }.compactMap { loss[$0] }
      guard let first = shares.min(), let last = shares.max() else { return nil }
      (low, high) = (max(low, first), min(high, last))
    }
    return low < high ? low...high : nil
  }

  /// The curves of a run's layers over the share of its loss reduction.
  private func lossCurves(
    _ similarity: PairSource.Similarity, _ window: Window, run: String, _ lens: Lens
  ) -> [CurveMeasures] {
    let set = data(lens)
    guard let loss = LossShare(set.curves, run: run, probe: similarity.probe) else { return [] }
    let steps = Set(set.windows.steps(of: run, window))
    return set.pairs.keys(of: similarity, run: run).compactMap { key in
      guard let curve = set.curves[key] else { return nil }
      let points = curve.measured.filter { steps.contains($0.step) && loss[$0.step] != nil }
      return CurveMeasures(
        steps: points.map { Double($0.step) }, u: points.compactMap { loss[$0.step] },
        c: points.map(\.value))
    }
  }

  /// PER `mean` over a run's layers; at equal loss averaged over the share of the run's loss reduction, on
  /// `probe`, instead of over u.
  func rankMeans(
    _ rank: PairSource.Rank, _ window: Window, run: String, probe: String, _ lens: Lens
  ) -> [Double] {
    guard lens.equalLoss else { return values(rank, window, run: run, lens) }
    let set = data(lens)
    guard let loss = LossShare(set.curves, run: run, probe: probe) else { return [] }
    let steps = Set(set.windows.steps(of: run, window))
    return set.pairs.keys(of: rank, run: run).compactMap { key in
      guard let curve = set.curves[key] ?? set.headMeans[key] else { return nil }
      let points = curve.points.filter { steps.contains($0.step) && loss[$0.step] != nil }
      guard points.count >= Measure.fewestCheckpoints else { return nil }
      let measures = CurveMeasures(
        steps: points.map { Double($0.step) }, u: points.compactMap { loss[$0.step] },
        c: points.map(\.value))
      return Measure.mean.value(of: measures, endsAtFinal: false)
    }
  }

  /// PER `mean` over a run's layers, divided by its expectation where the lens says so.
  ///
  /// Of fewer than 4 checkpoints there is no course of training to average: METHODS section 5 takes no
  /// area under a similarity curve of fewer either.
  func values(
    _ rank: PairSource.Rank, _ window: Window, run: String, _ lens: Lens
  ) -> [Double] {
    let set = data(lens)
    let values = set.pairs.values(
      rank, .mean, set.windows.stored(window), run: run, fewest: Measure.fewestCheckpoints)
    guard lens.relativeToExpected else { return values }
    let key = ExpectedPERKey(run: run, component: rank.component, object: rank.object)
    guard let expected = expectedPER[key], expected > 0 else { return [] }
    return values.map { $0 / expected }
  }
}

/// Which matrix's expected PER under independent Gaussian factors is meant (C5).
package struct ExpectedPERKey: Sendable, Hashable {
  package let run: String
  package let component: String
  package let object: String

  package init(run: String, component: String, object: String) {
    self.run = run
    self.component = component
    self.object = object
  }
}
