import Statistics

/// C6: what an intervention on the rank does to convergence, seed by seed.
struct InterventionClaim: Sendable {
  static let fewestSeeds = 3

  let source: ClaimSource
  let probe: String

  /// A run with an intervention and the baseline run of the same group, size and seed.
  private struct Pair {
    let seed: Int
    let arm: String
    let baseline: String
  }

  /// Raising the rank speeds convergence at equal step and at equal loss, and lowering it does not.
  func raisingSpeeds(_ lens: Lens) -> Decision {
    let arms = pairs()
    guard !arms.isEmpty else {
      return .undecided(
        [], needs: [Need("runs with an intervention (arm:) beside their baseline")])
    }
    var raising: [EvidenceCell] = []
    var lowering: [EvidenceCell] = []
    var needs: [Need] = []
    for arm in arms.keys.sorted(by: precedes) {
      let list = arms[arm] ?? []
      guard let change = rankChange(list, lens) else {
        needs.append(Need("PER of weights of arm ", arm, " and its baseline"))
        continue
      }
      let cells = cells(arm, list, lens)
      if change > 0 { raising += cells } else { lowering += cells }
    }
    let beside = lowering.map { cell in
      var cell = cell
      cell.decides = false
      return cell
    }
    if raising.isEmpty, needs.isEmpty { needs.append(Need("an arm that raises PER")) }
    if lowering.isEmpty { needs.append(Need("a control arm that lowers PER")) }
    let unclear = lowering.contains { $0.verdict == .notEnoughData }
    guard needs.isEmpty, !unclear, Verdict(of: raising.map(\.verdict)) != .notEnoughData else {
      return .undecided(raising + lowering, needs: needs)
    }
    let context = arms.keys.sorted(by: precedes).flatMap { further($0, arms[$0] ?? [], lens) }
    var decision = Decision(
      verdict: Verdict(of: raising.map(\.verdict)), cells: raising + beside + context)
    decision.head(raising.first)
    decision.usedVariant = raising.contains { $0.variant == lens.variant }
    if decision.verdict == .supported, lowering.contains(where: { $0.verdict == .supported }) {
      decision.verdict = .inconclusive
      decision.reasons.append("the control that lowers the rank speeds convergence too")
    }
    return decision
  }

  /// The pairs of each arm; several runs of one seed are paired in the order of their names.
  private func pairs() -> [String: [Pair]] {
    let runs = source.runs.values.sorted { precedes($0.run, $1.run) }
    var arms: [String: [Pair]] = [:]
    var free = runs.filter(\.arm.isEmpty)
    for arm in Set(runs.map(\.arm)).subtracting([""]) {
      free = runs.filter(\.arm.isEmpty)
      for run in runs where run.arm == arm {
        let match = free.firstIndex {
          $0.group == run.group && $0.parameters == run.parameters && $0.seed == run.seed
        }
        guard let match else { continue }
        let baseline = free.remove(at: match)
        arms[arm, default: []].append(
          Pair(seed: run.seed ?? 0, arm: run.run, baseline: baseline.run))
      }
    }
    return arms
  }

  /// The mean difference of the median PER `mean` of weights between arm and baseline, over MLP and OV.
  private func rankChange(_ pairs: [Pair], _ lens: Lens) -> Double? {
    let differences = ClaimSource.components.flatMap { component -> [Double] in
      guard let rank = source.rank(component, "weights", lens, probe: probe) else { return [] }
      return pairs.compactMap { pair in
        guard let arm = median(of: source.values(rank, .common, run: pair.arm, lens)),
          let baseline = median(of: source.values(rank, .common, run: pair.baseline, lens))
        else { return nil }
        return arm - baseline
      }
    }
    return mean(of: differences)
  }

  private func cells(_ arm: String, _ pairs: [Pair], _ lens: Lens) -> [EvidenceCell] {
    ClaimSource.components.flatMap { component in
      [false, true].map { equalLoss in
        var own = lens
        own.equalLoss = equalLoss
        return cell(component, arm, pairs, own)
      }
    }
  }

  /// What the change of convergence is read against: by how much the arm changed PER of weights and of
  /// gradients, and what it did to settling. Beside the rule; none with fewer seeds than it needs.
  private func further(_ arm: String, _ pairs: [Pair], _ lens: Lens) -> [EvidenceCell] {
    ClaimSource.components.flatMap { component -> [EvidenceCell] in
      let ranks = ["weights", "gradients"].compactMap { object -> EvidenceCell? in
        guard let rank = source.rank(component, object, lens, probe: probe) else { return nil }
        return differences(
          pairs, lens,
          EvidenceCell.beside(
            component, object, .mean, metric: "per", variant: rank.variant, detail: "arm \(arm)")
        ) { source.values(rank, .common, run: $0, lens) }
      }
      guard let similarity = source.similarity(component, lens, probe: probe) else { return ranks }
      let settling = [false, true].compactMap { equalLoss -> EvidenceCell? in
        var own = lens
        own.equalLoss = equalLoss
        let window = source.data(own).windows.stored(own.trendWindow)
        return differences(
          pairs, own,
          EvidenceCell.beside(
            component, "activations", .settling, metric: lens.metric, variant: similarity.variant,
            detail: "arm \(arm), equal \(equalLoss ? "loss" : "step")")
        ) { source.values(similarity, .settling, window, run: $0, own) }
      }
      return ranks + settling
    }
  }

  /// `cell` with the differences of medians between arm and baseline; nil with too few. A pair of which
  /// half of the layers never settle has none.
  private func differences(
    _ pairs: [Pair], _ lens: Lens, _ cell: EvidenceCell, _ values: (String) -> [Double]
  ) -> EvidenceCell? {
    let points = pairs.compactMap { pair -> EvidencePoint? in
      let own = values(pair.arm)
      guard let arm = median(of: own), let baseline = median(of: values(pair.baseline)),
        arm.isFinite, baseline.isFinite
      else { return nil }
      return EvidencePoint(
        label: "\(pair.arm), \(pair.baseline)", x: nil, y: arm - baseline, n: own.count)
    }
    guard points.count >= Self.fewestSeeds,
      let interval = meanInterval(of: points.map(\.y)), let effect = mean(of: points.map(\.y))
    else { return nil }
    // A low settling is as claimed: effects are turned, points are not.
    let turn = cell.metric == "per" ? 1 : Measure.settling.orientation
    let ends = [turn * interval.lower, turn * interval.upper].sorted()
    var cell = cell
    cell.points = points
    cell.n = points.count
    cell.effect = turn * effect
    (cell.lower, cell.upper) = (ends[0], ends[1])
    cell.verdict = Verdict(effect: turn * effect, interval: (ends[0], ends[1]))
    return cell
  }

  private func cell(_ component: String, _ arm: String, _ pairs: [Pair], _ lens: Lens)
    -> EvidenceCell
  {
    let similarity = source.similarity(component, lens, probe: probe)
    let window = source.data(lens).windows.stored(lens.trendWindow)
    var shallow = 0
    let points = pairs.compactMap { pair -> EvidencePoint? in
      guard let similarity else { return nil }
      let own = source.values(similarity, .area, window, run: pair.arm, lens)
      let other = source.values(similarity, .area, window, run: pair.baseline, lens)
      guard let fast = median(of: own), let slow = median(of: other) else { return nil }
      guard min(own.count, other.count) >= Trend.fewestLayers else {
        shallow += 1
        return nil
      }
      return EvidencePoint(
        label: "\(pair.arm), \(pair.baseline)", x: nil, y: fast - slow, n: own.count)
    }
    var cell = EvidenceCell(
      component: component, object: "activations", measure: Measure.area.rawValue,
      metric: lens.metric, variant: similarity?.variant ?? lens.variant, window: window,
      verdict: .notEnoughData, n: points.count, decides: true,
      detail: "arm \(arm), equal \(lens.equalLoss ? "loss" : "step")", points: points)
    guard points.count >= Self.fewestSeeds,
      let interval = meanInterval(of: points.map(\.y)), let effect = mean(of: points.map(\.y))
    else {
      let losses = lens.equalLoss ? " with their losses" : ""
      let short =
        shallow > 0 ? ", \(shallow) with fewer than \(Trend.fewestLayers) layers" : ""
      cell.missing = [
        similarity == nil
          ? .similarity(lens.metric, component)
          : Need(
            "at least \(Self.fewestSeeds) seeds of the baseline and of arm ", arm,
            "\(losses) (has \(points.count)\(short))")
      ]
      return cell
    }
    cell.effect = effect
    cell.lower = interval.lower
    cell.upper = interval.upper
    cell.verdict = Verdict(effect: effect, interval: (interval.lower, interval.upper))
    return cell
  }
}

extension EvidenceCell {
  /// A cell that is shown beside the rule, still empty.
  fileprivate static func beside(
    _ component: String, _ object: String, _ measure: Measure, metric: String, variant: String,
    detail: String
  ) -> EvidenceCell {
    EvidenceCell(
      component: component, object: object, measure: measure.rawValue, metric: metric,
      variant: variant, window: .common, verdict: .notEnoughData, n: 0, decides: false,
      detail: detail, points: [])
  }
}
