import Statistics

/// The differences between the runs of an arm and those of the baseline, seed by seed, each of a median
/// over layers; the seed is the unit (METHODS, section 7, C6).
struct PairedDifferences: Sendable {
  /// An interval over seeds needs so many.
  static let fewestSeeds = 3

  let source: ClaimSource
  let probe: String

  /// The difference of one seed.
  private struct Difference {
    let pair: InterventionArm.Pair
    /// Arm less baseline.
    let value: Double
    /// Arm less baseline in PER of the component's weights, where the table has it.
    var rank: Double?
    /// The arm's layers behind it.
    let layers: Int

    var point: EvidencePoint {
      EvidencePoint(label: pair.label, x: rank, y: value, n: layers)
    }
  }

  // MARK: - Convergence

  /// Arm less baseline in `area` or `settling`, turned so that faster is above 0. Its points say what
  /// the arm did to PER as well.
  func convergence(
    _ measure: Measure, _ component: String, _ arm: InterventionArm, _ lens: Lens
  ) -> EvidenceCell {
    let (differences, shallow, tells) = compared(measure, component, arm, lens)
    var cell = cell(component, measure, lens, arm: arm.name)
    cell.points = differences.map(\.point)
    cell.decides = tells
    guard fill(&cell, differences.map(\.value), turn: measure.orientation) else {
      let losses =
        lens.equalLoss && arm.pairs.count >= Self.fewestSeeds && shallow == 0
        ? " with their losses" : ""
      let short = shallow > 0 ? ", \(shallow) with fewer than \(Trend.fewestLayers) layers" : ""
      let hasSimilarity = source.similarity(component, lens, probe: probe) != nil
      cell.missing = [
        hasSimilarity
          ? Need(
            "at least \(Self.fewestSeeds) seeds of the baseline and of arm ", arm.name,
            "\(losses) (has \(differences.count)\(short))")
          : .similarity(lens.metric, component)
      ]
      return cell
    }
    return cell
  }

  /// `tells`: whether the measure tells runs apart, which settling does not where the checkpoints are too far
  /// apart, or no layer settles before the end.
  private func compared(
    _ measure: Measure, _ component: String, _ arm: InterventionArm, _ lens: Lens
  ) -> (differences: [Difference], shallow: Int, tells: Bool) {
    guard let similarity = source.similarity(component, lens, probe: probe) else {
      return ([], 0, true)
    }
    let window = source.data(lens).windows.stored(lens.trendWindow)
    let ranks = source.rank(component, "weights", lens, probe: probe)
    var shallow = 0
    let differences = arm.pairs.compactMap { pair -> Difference? in
      let sides = values(similarity, measure, window, pair, lens)
      guard sides.allSatisfy({ $0.count >= Trend.fewestLayers }) else {
        if sides.allSatisfy({ !$0.isEmpty }) { shallow += 1 }
        return nil
      }
      // What has not settled before the final checkpoint has at it, u = 1, where c is 1.
      let medians = sides.compactMap { median(of: $0.map { $0.isFinite ? $0 : 1 }) }
      return Difference(
        pair: pair, value: medians[0] - medians[1],
        rank: ranks.flatMap { rankDifference($0, pair, lens)?.value }, layers: sides[0].count)
    }
    let tells =
      measure != .settling || differences.isEmpty || differences.contains { $0.value != 0 }
    return (differences, shallow, tells)
  }

  /// The values over the layers of the arm's run and of the baseline's.
  private func values(
    _ similarity: PairSource.Similarity, _ measure: Measure, _ window: Window,
    _ pair: InterventionArm.Pair, _ lens: Lens
  ) -> [[Double]] {
    let runs = [pair.arm, pair.baseline]
    guard lens.equalLoss else {
      return runs.map { source.values(similarity, measure, window, run: $0, lens) }
    }
    guard let range = source.sharedLoss(similarity, window, of: runs, lens) else {
      return [[], []]
    }
    return runs.map {
      source.lossValues(similarity, measure, window, run: $0, within: range, lens)
    }
  }

  // MARK: - Rank

  /// Arm less baseline in PER `mean`; nil where the table has none of enough seeds.
  func rank(
    _ object: String, _ component: String, _ arm: InterventionArm, _ lens: Lens
  ) -> EvidenceCell? {
    guard let rank = source.rank(component, object, lens, probe: probe) else { return nil }
    let differences = arm.pairs.compactMap { rankDifference(rank, $0, lens) }
    var cell = EvidenceCell(
      component: component, object: object, measure: Measure.mean.rawValue, metric: "per",
      variant: rank.variant, window: source.data(lens).windows.stored(.common),
      verdict: .notEnoughData, n: 0, decides: false, detail: "arm \(arm.name), \(lens.ground)",
      arm: arm.name, ground: lens.ground, points: differences.map(\.point))
    return fill(&cell, differences.map(\.value), turn: 1) ? cell : nil
  }

  /// What the arm does to PER of weights, in the mean of MLP and OV: at equal step, and at equal loss
  /// where the table has losses, since PER moves with what is learnt.
  func change(of arm: InterventionArm, _ lens: Lens) -> RankChange {
    let (atStep, atLoss) = (lens.grounds[0], lens.grounds[1])
    let values = rankMeans(arm, atStep)
    guard !values.isEmpty else {
      return .unknown(Need("PER of weights of arm ", arm.name, " and its baseline"))
    }
    guard values.count >= Self.fewestSeeds, let first = meanInterval(of: values) else {
      return .unknown(
        Need(
          "at least \(Self.fewestSeeds) seeds of the baseline and of arm ", arm.name,
          " (has \(values.count))"))
    }
    let other = rankMeans(arm, atLoss)
    let second = other.count >= Self.fewestSeeds ? meanInterval(of: other) : nil
    let parts = ClaimSource.components.compactMap { rank("weights", $0, arm, atStep)?.verdict }
    let intervals = [first] + [second].compactMap(\.self)
    if intervals.allSatisfy({ $0.lower > 0 }), !parts.contains(.contradicted) { return .raises }
    if intervals.allSatisfy({ $0.upper < 0 }), !parts.contains(.supported) { return .lowers }
    return .neither
  }

  /// One difference a seed, the mean over the components that have PER of weights.
  private func rankMeans(_ arm: InterventionArm, _ lens: Lens) -> [Double] {
    let ranks = ClaimSource.components.compactMap {
      source.rank($0, "weights", lens, probe: probe)
    }
    return arm.pairs.compactMap { pair in
      mean(of: ranks.compactMap { rankDifference($0, pair, lens)?.value })
    }
  }

  private func rankDifference(
    _ rank: PairSource.Rank, _ pair: InterventionArm.Pair, _ lens: Lens
  ) -> Difference? {
    let sides = [pair.arm, pair.baseline].map {
      source.rankMeans(rank, .common, run: $0, probe: probe, lens)
    }
    guard let arm = median(of: sides[0]), let baseline = median(of: sides[1]) else { return nil }
    return Difference(pair: pair, value: arm - baseline, layers: sides[0].count)
  }

  // MARK: - Convergence against rank

  /// How convergence goes with PER of weights over all arms: one slope a seed, of the differences on
  /// those of PER, through the origin, where the baseline lies. Nil with fewer than two arms or too few seeds.
  func slope(
    _ measure: Measure, _ component: String, _ arms: [InterventionArm], _ lens: Lens
  ) -> EvidenceCell? {
    guard arms.count > 1 else { return nil }
    var sums: [String: (xy: Double, xx: Double, layers: Int)] = [:]
    for arm in arms {
      let (differences, _, tells) = compared(measure, component, arm, lens)
      guard tells else { return nil }
      for difference in differences {
        guard let x = difference.rank else { continue }
        let known = sums[difference.pair.baseline] ?? (0, 0, 0)
        sums[difference.pair.baseline] = (
          known.xy + x * difference.value, known.xx + x * x, known.layers + difference.layers
        )
      }
    }
    let slopes = sums.filter { $0.value.xx > 0 }.sorted { precedes($0.key, $1.key) }
    var cell = cell(component, measure, lens, arm: "")
    cell.decides = false
    cell.points = slopes.map {
      EvidencePoint(label: $0.key, x: nil, y: $0.value.xy / $0.value.xx, n: $0.value.layers)
    }
    return fill(&cell, cell.points.map(\.y), turn: measure.orientation) ? cell : nil
  }

  // MARK: - Cells

  private func cell(
    _ component: String, _ measure: Measure, _ lens: Lens, arm: String
  ) -> EvidenceCell {
    EvidenceCell(
      component: component, object: "activations", measure: measure.rawValue,
      metric: lens.metric,
      variant: source.similarity(component, lens, probe: probe)?.variant ?? lens.variant,
      window: source.data(lens).windows.stored(lens.trendWindow), verdict: .notEnoughData, n: 0,
      decides: true, detail: (arm.isEmpty ? "per unit of PER" : "arm \(arm)") + ", \(lens.ground)",
      arm: arm, ground: lens.ground, points: [])
  }

  /// The mean of `values`, turned, with its t interval and the verdict; false with too few of them.
  private func fill(_ cell: inout EvidenceCell, _ values: [Double], turn: Double) -> Bool {
    cell.n = values.count
    let turned = values.map { turn * $0 }
    guard values.count >= Self.fewestSeeds, let interval = meanInterval(of: turned),
      let effect = mean(of: turned)
    else { return false }
    cell.effect = effect
    cell.lower = interval.lower
    cell.upper = interval.upper
    cell.verdict = Verdict(effect: effect, interval: (interval.lower, interval.upper))
    return true
  }
}

extension Lens {
  /// The same at equal step, then at equal loss: a faster-learning arm must not pass for one of higher rank.
  var grounds: [Lens] {
    [false, true].map {
      var own = self
      own.equalLoss = $0
      return own
    }
  }

  /// `equal step` or `equal loss`.
  var ground: String { "equal \(equalLoss ? "loss" : "step")" }
}
