import Statistics

/// C3 and C4: associations over the layers, within run, combined over runs.
struct LayerClaims: Sendable {
  let source: ClaimSource
  let probe: String

  /// C3: every object has a supported cell whose sign depth² does not turn, and no cell is contradicted.
  func convergenceGoesWithRank(_ lens: Lens) -> Decision {
    let family = family(lens, isDepth: false)
    let cells = ClaimSource.objects.flatMap { object in
      ClaimSource.components.map { cell($0, object, .area, lens, family) }
    }
    let beside = [Measure.at, .settling].flatMap { measure in
      ClaimSource.objects.flatMap { object in
        ClaimSource.components.map { component in
          var cell = cell(component, object, measure, lens, family)
          cell.decides = false
          return cell
        }
      }
    }
    guard cells.allSatisfy({ $0.verdict != .notEnoughData }) else {
      return .undecided(cells + beside)
    }
    var squared = lens
    squared.depthSquared = true
    let square = self.family(squared, isDepth: false)
    let agrees = cells.map { first in
      lens.depthSquared
        || (cell(first.component, first.object, .area, squared, square).effect ?? 0) > 0
    }
    let holds = ClaimSource.objects.allSatisfy { object in
      zip(cells, agrees).contains {
        $0.object == object && $0.verdict == .supported && $1
      }
    }
    let verdicts = cells.map(\.verdict)
    let verdict: Verdict =
      holds && !verdicts.contains(.contradicted)
      ? .supported
      : !verdicts.contains(.supported) && verdicts.contains(.contradicted)
        ? .contradicted : .inconclusive
    var decision = Decision(verdict: verdict, cells: cells + beside)
    decision.head(cells.first)
    decision.usedVariant = cells.contains { $0.variant == lens.variant }
    decision.reasons += Self.adjusted(cells)
    if let remark = Self.explained(cells) { decision.remarks.append(remark) }
    for (cell, agrees) in zip(cells, agrees) where cell.verdict == .supported && !agrees {
      decision.reasons.append(
        "given depth and its square the sign of \(Wording.component(cell.component)) "
          + "\(cell.object) turns")
    }
    return decision
  }

  /// C4: settling goes up with the layer's depth.
  func earlyLayersFirst(_ lens: Lens) -> Decision {
    let family = family(lens, isDepth: true)
    let cells = ClaimSource.components.map { cell($0, "", .settling, lens, family) }
    let verdict = Verdict(of: cells.map(\.verdict))
    guard verdict != .notEnoughData else { return .undecided(cells) }
    var decision = Decision(verdict: verdict, cells: cells)
    decision.head(cells.first)
    decision.usedVariant = cells.contains { $0.variant == lens.variant }
    decision.reasons += Self.adjusted(cells)
    return decision
  }

  /// The runs that count as 0 because depth alone orders their layers.
  private static func explained(_ cells: [EvidenceCell]) -> String? {
    let parts = cells.compactMap { cell -> String? in
      let runs = cell.points.filter(\.isExplained).map(\.label)
      return runs.isEmpty
        ? nil : "\(Wording.component(cell.component)) \(cell.object) in \(Wording.list(runs))"
    }
    guard !parts.isEmpty else { return nil }
    return
      "Depth alone orders area or PER, which leaves nothing to correlate, so the run counts as 0: "
      + parts.joined(separator: "; ") + "."
  }

  /// The cells that only their q keeps from supporting.
  private static func adjusted(_ cells: [EvidenceCell]) -> [String] {
    cells.compactMap { cell in
      guard let q = cell.q, q > 0.05, let lower = cell.lower, lower > 0 else { return nil }
      return "\(Wording.cell(cell)) lies on the claimed side, but q is \(Wording.probability(q)), "
        + "above .05"
    }
  }

  private func family(_ lens: Lens, isDepth: Bool) -> AssociationFamily {
    AssociationFamily(source: source, lens: lens, probe: probe, isDepth: isDepth)
  }

  /// The combined coefficient of a measure with PER `mean`, or with depth where `object` is empty.
  private func cell(
    _ component: String, _ object: String, _ measure: Measure, _ lens: Lens,
    _ family: AssociationFamily
  ) -> EvidenceCell {
    let isDepth = object.isEmpty
    let orientation = isDepth ? 1 : measure.orientation
    let found = family.row(component, object, measure)
    var cell = EvidenceCell(
      component: component, object: object, measure: measure.rawValue, metric: lens.metric,
      variant: found?.variant ?? lens.variant,
      window: source.data(lens).windows.stored(lens.window), verdict: .notEnoughData, q: nil,
      n: 0, decides: true, points: found?.points ?? [])
    guard let found, let row = found.row else {
      cell.missing = [
        found.map { shortage($0, component, measure, lens) } ?? missing(component, object, lens)
      ]
      return cell
    }
    cell.effect = orientation * row.estimate
    cell.n = row.runs.count
    cell.q = row.q
    guard !row.isDescriptive, let low = row.lower, let high = row.upper else {
      cell.missing = [shortage(found, component, measure, lens)]
      return cell
    }
    let ends = [orientation * low, orientation * high]
    let (lower, upper) = (min(ends[0], ends[1]), max(ends[0], ends[1]))
    cell.lower = lower
    cell.upper = upper
    cell.verdict = Verdict(effect: orientation * row.estimate, interval: (lower, upper), q: row.q)
    cell.contradictsJointly = upper < 0 && row.q ?? 1 <= 0.05
    return cell
  }

  private func missing(_ component: String, _ object: String, _ lens: Lens) -> Need {
    if source.similarity(component, lens, probe: probe) == nil {
      return source.missing(component, lens)
    }
    return .rank(component, object, fullProduct: lens.fullProduct)
  }

  private func shortage(
    _ found: AssociationFamily.Found, _ component: String, _ measure: Measure, _ lens: Lens
  ) -> Need {
    // Curves that are too short for the measure leave no pair in any run.
    if found.pairs.isEmpty, measure != .at {
      return .similarity(lens.metric, component, Need.longerCurves)
    }
    let least = found.fewestLayers
    let usable = found.row?.runs.count ?? 0
    let flat = found.pairs.count { pairs in
      pairs.sample.count >= least
        && (Set(pairs.sample.x).count < 2 || Set(pairs.sample.y).count < 2)
    }
    let short = found.pairs.count { $0.sample.count < least }
    var has = "has \(usable)"
    if short > 0 { has += ", \(short) with fewer layers" }
    if flat > 0 { has += ", \(flat) with equal values in all layers" }
    return Need(
      "at least \(AssociationEngine.fewestRuns) runs of \(least) layers or more with ",
      Wording.component(component), " (\(has))")
  }
}
