import Statistics

/// What q a claim's cells would have if the tests that are adjusted together were chosen otherwise.
///
/// METHODS section 6 says how tests are grouped, not which measures are paired, and that choice moves
/// every q: so the others are computed too and stand beside the claim.
struct FamilyAlternatives {
  let source: ClaimSource
  let lens: Lens
  let probe: String
  let isDepth: Bool

  /// The pairs that the rules and the evidence of C3 and C4 name.
  private static let claimed: Set<Measure> = [.area, .at, .settling]

  /// `q of settling (MLP), p .015, is .053 among the 80 tests of its family; …`; nil where no cell lies
  /// on the claimed side, so that q decides nothing.
  func note(_ cells: [EvidenceCell]) -> String? {
    let cells = cells.filter { $0.decides && $0.q != nil && ($0.lower ?? 0) > 0 }
    guard !cells.isEmpty else { return nil }
    let own = AssociationFamily.computed(source, lens, probe, isDepth)
    let wide = AssociationFamily.computed(
      source, lens, probe, isDepth, summaries: Measure.ofMatrices)
    let narrow = AssociationFamily.computed(source, lens, probe, isDepth) { key in
      key.perMeasure == AssociationKey.depth
        ? key.measure == .settling : Self.claimed.contains(key.measure)
    }
    let sentences = cells.compactMap { sentence($0, own, wide, narrow) }
    return sentences.isEmpty ? nil : sentences.joined(separator: " ")
  }

  private func sentence(
    _ cell: EvidenceCell, _ own: [AssociationRow], _ wide: [AssociationRow],
    _ narrow: [AssociationRow]
  ) -> String? {
    guard let row = row(cell, own), let p = row.p, let q = row.q,
      let most = self.row(cell, wide)?.q, let least = self.row(cell, narrow)?.q
    else { return nil }
    let turns = Set([q, most, least].map { $0 <= 0.05 }).count > 1
    let head =
      "q of \(Wording.cell(cell)), p \(Wording.probability(p)), is \(Wording.probability(q)) among "
      + "the \(size(row, own)) of its family"
    guard turns else { return head + "; other choices of tests leave it on that side of .05." }
    return head + "; with all summaries of PER (\(size(row, wide))) it would be "
      + "\(Wording.probability(most)), with the pairs of C3 and C4 alone (\(size(row, narrow))) "
      + "\(Wording.probability(least)). Whether the cell supports the claim rests on that choice."
  }

  private func row(_ cell: EvidenceCell, _ rows: [AssociationRow]) -> AssociationRow? {
    rows.first {
      let key = $0.key
      return key.component == cell.component && key.object == cell.object
        && key.measure.rawValue == cell.measure && key.variant == cell.variant
        && key.perMeasure == (isDepth ? AssociationKey.depth : Measure.mean.rawValue)
    }
  }

  private func size(_ row: AssociationRow, _ rows: [AssociationRow]) -> String {
    Wording.count(rows.count { $0.key.family == row.key.family && $0.p != nil }, "test")
  }
}
