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

  /// `q of settling (MLP), p .015, is .053 among the 80 tests of its family; …`, the cells that no choice
  /// turns together; nil where no cell lies on the claimed side, so that q decides nothing.
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
    var sentences: [String] = []
    var firm: [(family: String, cells: [String])] = []
    for cell in cells {
      guard let row = row(cell, own), let p = row.p, let q = row.q,
        let most = self.row(cell, wide), let least = self.row(cell, narrow),
        let mostQ = most.q, let leastQ = least.q
      else { continue }
      if Set([q, mostQ, leastQ].map { $0 <= 0.05 }).count > 1 {
        sentences.append(
          "q of \(Wording.cell(cell)), p \(Wording.probability(p)), is \(Wording.probability(q)) "
            + "among the \(size(row, own)) of its family; with all summaries of PER "
            + "(\(size(most, wide))) it would be \(Wording.probability(mostQ)), with the pairs of C3 "
            + "and C4 alone (\(size(least, narrow))) \(Wording.probability(leastQ)). Whether the cell "
            + "supports the claim rests on that choice.")
        continue
      }
      let text = "\(Wording.cell(cell)) \(Wording.probability(q))"
      if let place = firm.firstIndex(where: { $0.family == size(row, own) }) {
        firm[place].cells.append(text)
      } else {
        firm.append((size(row, own), [text]))
      }
    }
    sentences += firm.map { family, cells in
      "q among the \(family) of the family: \(Wording.list(cells)). Other choices of tests leave "
        + "\(cells.count == 1 ? "it on its" : "each on its") side of .05."
    }
    return sentences.isEmpty ? nil : sentences.joined(separator: " ")
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
