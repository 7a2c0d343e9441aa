import Statistics

/// C1, C2 and C5: trends over the sizes of a ladder.
struct SizeClaims: Sendable {
  /// C1 wants "nearly all" layers of the largest size settled.
  static let nearlyAll = 0.9

  let source: ClaimSource
  let ladder: Ladder?
  let probe: String

  /// C1 by the estimators in turn; with two, both have to agree.
  func stabiliseEarlier(_ lens: Lens, estimators: [String]) -> Decision {
    let byEstimator = estimators.map { metric in
      var own = lens
      own.metric = metric
      return settlingCells(own)
    }
    guard let head = byEstimator.first else { return .undecided([], needs: [Need("CKA")]) }
    // An estimator that the probe lacks cannot disagree.
    let others = byEstimator.dropFirst().filter { cells in
      cells.allSatisfy { $0.verdict != .notEnoughData }
    }
    var cells = head + others.flatMap { $0 }
    let verdict = Verdict(of: head.map(\.verdict))
    guard verdict != .notEnoughData else {
      for index in cells.indices { cells[index].decides = index < head.count }
      return .undecided(cells)
    }
    var decision = Decision(verdict: verdict, cells: cells)
    decision.head(head.first { $0.component == "mlp" && $0.measure == EvidenceCell.settledShare })
    decision.usedVariant = head.contains { $0.variant == lens.variant }
    let disagreeing = others.filter { Verdict(of: $0.map(\.verdict)) != verdict }
    if let first = disagreeing.first?.first {
      decision.verdict = .inconclusive
      decision.reasons.append(
        "the estimators disagree: \(Wording.metric(head[0].metric)) alone says "
          + "\(verdict.words.lowercased()), \(Wording.metric(first.metric)) alone "
          + Verdict(of: disagreeing[0].map(\.verdict)).words.lowercased())
    }
    let shares = head.filter { $0.measure == EvidenceCell.settledShare }
    if let least = shares.compactMap({ cell in cell.points.last.map { (cell, $0) } })
      .min(by: { $0.1.y < $1.1.y }), least.1.y < Self.nearlyAll
    {
      decision.verdict = .inconclusive
      decision.reasons.append(
        "of the largest size's \(Wording.component(least.0.component)) layers (\(least.1.label)) "
          + "\(Wording.percent(least.1.y)) have settled by \(Wording.percent(Measure.fraction)) of "
          + "training, where the claim asks for \(Wording.percent(Self.nearlyAll))")
      if verdict == .contradicted, disagreeing.isEmpty {
        decision.reasons.append("the trends by themselves contradict the claim")
      }
    }
    return decision
  }

  private func settlingCells(_ lens: Lens) -> [EvidenceCell] {
    ClaimSource.components.flatMap { component in
      [
        similarityCell(component, EvidenceCell.settledShare, .settling, lens, up: true) {
          values in
          Double(values.count { $0 <= Measure.fraction }) / Double(values.count)
        },
        similarityCell(component, Measure.at.rawValue, .at, lens, up: true) { median(of: $0) },
      ]
    }
  }

  /// C2. The window that does not decide stands beside it.
  func stabiliseMonotonically(_ lens: Lens) -> Decision {
    let cells = monotonicityCells(lens)
    var other = lens
    other.late.toggle()
    let beside = monotonicityCells(other).map { cell in
      var cell = cell
      cell.decides = false
      return cell
    }
    let verdict = Verdict(of: cells.map(\.verdict))
    guard verdict != .notEnoughData else { return .undecided(cells + beside) }
    var decision = Decision(verdict: verdict, cells: cells + beside)
    decision.head(
      cells.first { $0.component == "mlp" && $0.measure == Measure.monotonicity.rawValue })
    decision.usedVariant = cells.contains { $0.variant == lens.variant }
    return decision
  }

  private func monotonicityCells(_ lens: Lens) -> [EvidenceCell] {
    ClaimSource.components.flatMap { component in
      [Measure.monotonicity, .instability].map { measure in
        similarityCell(
          component, measure.rawValue, measure, lens, up: measure == .monotonicity
        ) { median(of: $0) }
      }
    }
  }

  /// C5.
  func rankGrowsWithSize(_ lens: Lens) -> Decision {
    let cells = ClaimSource.objects.flatMap { object in
      ClaimSource.components.map { rankCell($0, object, lens) }
    }
    let verdict = Verdict(of: cells.map(\.verdict))
    guard verdict != .notEnoughData else { return .undecided(cells) }
    var decision = Decision(verdict: verdict, cells: cells)
    decision.head(cells.first)
    decision.usedVariant = cells.contains { $0.variant == lens.variant }
    return decision
  }

  private func similarityCell(
    _ component: String, _ name: String, _ measure: Measure, _ lens: Lens, up: Bool,
    _ summary: ([Double]) -> Double?
  ) -> EvidenceCell {
    let similarity = source.similarity(component, lens, probe: probe)
    let window = source.data(lens).windows.stored(lens.trendWindow)
    let trend = Trend(
      component: component, object: "activations", measure: name, metric: lens.metric,
      variant: similarity?.variant ?? lens.variant, window: window, orientation: up ? 1 : -1,
      missing: need(similarity, component, measure, lens))
    return trend.cell(
      ladder, lens,
      layers: { run in
        similarity.map { source.values($0, measure, window, run: run, lens) } ?? []
      }, summary: summary)
  }

  private func need(
    _ similarity: PairSource.Similarity?, _ component: String, _ measure: Measure, _ lens: Lens
  ) -> Need {
    let whole = Need.similarity(lens.metric, component)
    guard let similarity else { return source.missing(component, lens) }
    if lens.equalLoss { return Need("the loss of each run") }
    let runs = ladder?.sizes.flatMap(\.runs) ?? []
    let window = source.data(lens).windows.stored(lens.trendWindow)
    let short = runs.contains { run in
      source.data(lens).pairs.layerCount(similarity, run: run) > 0
        && source.values(similarity, measure, window, run: run, lens).isEmpty
    }
    guard short else { return whole }
    return .similarity(
      lens.metric, component,
      measure == .at
        ? " on both sides of \(Wording.percent(Measure.fraction)) of training"
        : Need.longerCurves)
  }

  /// Whether some run has PER, but at too few checkpoints.
  private func isShort(_ rank: PairSource.Rank?, _ window: Window, _ lens: Lens) -> Bool {
    guard let rank else { return false }
    let set = source.data(lens)
    return (ladder?.sizes.flatMap(\.runs) ?? []).contains { run in
      !set.pairs.values(rank, .mean, window, run: run).isEmpty
        && set.pairs.values(rank, .mean, window, run: run, fewest: Measure.fewestCheckpoints)
          .isEmpty
    }
  }

  private func rankCell(_ component: String, _ object: String, _ lens: Lens) -> EvidenceCell {
    let rank = source.rank(component, object, lens, probe: probe)
    let window = source.data(lens).windows.stored(lens.trendWindow)
    let missing =
      lens.relativeToExpected && rank != nil
      ? Need("the shapes of the matrices (from checkpoints; a measured table does not tell them)")
      : Need.rank(
        component, object, fullProduct: lens.fullProduct,
        isShort(rank, window, lens) ? " at \(Measure.fewestCheckpoints) checkpoints or more" : "")
    let trend = Trend(
      component: component, object: object, measure: Measure.mean.rawValue, metric: "per",
      variant: rank?.variant ?? lens.variant, window: window, orientation: 1,
      needsDifferences: true, missing: missing)
    return trend.cell(
      ladder, lens,
      layers: { run in rank.map { source.values($0, window, run: run, lens) } ?? [] },
      summary: { median(of: $0) })
  }
}
