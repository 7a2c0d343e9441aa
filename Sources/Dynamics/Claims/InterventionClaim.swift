/// C6: what an intervention on the rank does to convergence, seed by seed.
struct InterventionClaim: Sendable {
  /// What convergence is read off.
  static let measures: [Measure] = [.area, .settling]

  private let arms: [InterventionArm]
  private let differences: PairedDifferences

  init(source: ClaimSource, probe: String) {
    arms = InterventionArm.all(of: source.runs.values)
    differences = PairedDifferences(source: source, probe: probe)
  }

  /// An arm, what it does to PER, and what it does to convergence.
  private struct Judged {
    let arm: InterventionArm
    let change: RankChange
    let cells: [EvidenceCell]

    /// A measure of a component that is faster at equal step as well as at equal loss.
    var speedsSomething: Bool {
      let faster = cells.filter { $0.verdict == .supported }
      return faster.contains { cell in
        faster.contains {
          $0.component == cell.component && $0.measure == cell.measure && $0.ground != cell.ground
        }
      }
    }
  }

  /// Arms that raise PER speed convergence at equal step and at equal loss, and no other arm does.
  func raisingSpeeds(_ lens: Lens) -> Decision {
    guard !arms.isEmpty else {
      return .undecided(
        [], needs: [Need("runs with an intervention (arm:) beside their baseline")])
    }
    let judged = arms.map { arm in
      Judged(
        arm: arm, change: differences.change(of: arm, lens), cells: convergence(of: arm, lens))
    }
    let raising = judged.filter { if case .raises = $0.change { true } else { false } }
    let lowering = judged.filter { if case .lowers = $0.change { true } else { false } }
    let neither = judged.filter { if case .neither = $0.change { true } else { false } }
    var needs = judged.compactMap { if case .unknown(let need) = $0.change { need } else { nil } }
    let deciding = raising.flatMap(\.cells)
    if needs.isEmpty, raising.isEmpty { needs.append(Need("an arm that raises PER")) }
    if needs.isEmpty, lowering.isEmpty { needs.append(Need("a control arm that lowers PER")) }
    let read = (deciding + lowering.flatMap(\.cells)).filter(\.decides)
    guard needs.isEmpty, !read.contains(where: { $0.verdict == .notEnoughData }) else {
      return .undecided(judged.flatMap(\.cells) + ranks(lens), needs: needs)
    }
    let beside = (lowering + neither).flatMap(\.cells).map { cell in
      var cell = cell
      cell.decides = false
      return cell
    }
    var decision = Decision(
      verdict: Verdict(of: deciding.filter(\.decides).map(\.verdict)),
      cells: deciding + beside + ranks(lens) + slopes(lens))
    decision.head(deciding.first)
    decision.usedVariant = deciding.contains { $0.variant == lens.variant }
    if decision.verdict == .supported {
      decision.reasons += reasons(lowering, "which lowers PER,")
      decision.reasons += reasons(neither, "which neither raises nor lowers PER,")
      if !decision.reasons.isEmpty { decision.verdict = .inconclusive }
    }
    decision.remarks = judged.compactMap { remark($0, lens) }
    return decision
  }

  private func reasons(_ controls: [Judged], _ kind: String) -> [String] {
    controls.filter(\.speedsSomething).map {
      "arm \($0.arm.name), \(kind) speeds convergence too"
    }
  }

  /// Area and settling of MLP and OV, at equal step and at equal loss.
  private func convergence(of arm: InterventionArm, _ lens: Lens) -> [EvidenceCell] {
    Self.measures.flatMap { measure in
      ClaimSource.components.flatMap { component in
        lens.grounds.map { differences.convergence(measure, component, arm, $0) }
      }
    }
  }

  /// By how much the arms changed PER of weights and of gradients.
  private func ranks(_ lens: Lens) -> [EvidenceCell] {
    arms.flatMap { arm in
      ClaimSource.objects.flatMap { object in
        ClaimSource.components.flatMap { component in
          lens.grounds.compactMap { differences.rank(object, component, arm, $0) }
        }
      }
    }
  }

  private func slopes(_ lens: Lens) -> [EvidenceCell] {
    Self.measures.flatMap { measure in
      ClaimSource.components.flatMap { component in
        lens.grounds.compactMap { differences.slope(measure, component, arms, $0) }
      }
    }
  }

  /// `Arm entropy raises PER of weights: MLP +0.05 [0.04, 0.06], OV … at equal step`.
  private func remark(_ judged: Judged, _ lens: Lens) -> String? {
    let words: String
    switch judged.change {
    case .raises: words = "raises PER of weights"
    case .lowers: words = "lowers PER of weights"
    case .neither: words = "neither raises nor lowers PER of weights beyond doubt"
    case .unknown: return nil
    }
    let parts = lens.grounds.compactMap { own -> String? in
      let cells = ClaimSource.components.compactMap { component -> String? in
        guard let cell = differences.rank("weights", component, judged.arm, own),
          let effect = cell.effect
        else { return nil }
        return Wording.component(component) + " "
          + Wording.effect(effect, cell.lower, cell.upper)
      }
      return cells.isEmpty ? nil : "at \(own.ground) " + Wording.list(cells)
    }
    return "Arm \(judged.arm.name) \(words): \(parts.joined(separator: "; "))."
  }
}
