import LinearAlgebra
import Statistics

/// Random halves and re-pairings of a probe's sequences, drawn once and used for every checkpoint,
/// layer and component, so that intervals of a curve's points belong together.
///
/// Halves are without replacement: a bootstrap's duplicate rows would act like the diagonal that
/// the debiased estimator removes. METHODS section 3.
package struct Resampling: Sendable {
  package let groups: RowGroups
  /// Sequences in each half, ascending; none with fewer than 8 sequences.
  package let halves: [[Int]]
  /// For each re-pairing the row of Y that stands against each row of X. None with fewer than 2
  /// sequences, or where sequences have different numbers of rows.
  package let pairings: [[Int32]]
  /// The rows of each half as zeros and ones [halves, rows].
  let membership: Membership
  /// All rows but those of one sequence, for each sequence [sequences, rows].
  let leavingOut: Membership

  /// The number of sequences from which on an interval is given.
  package static let smallestSequenceCount = 8

  package init(groups: RowGroups, halves: Int = 200, permutations: Int = 1000, seed: UInt64) {
    self.groups = groups
    let sequences = groups.sequences
    var generator = SeededGenerator(seed: seed)
    self.halves =
      sequences < Self.smallestSequenceCount
      ? []
      : (0..<halves).map { _ in generator.sample(sequences / 2, of: sequences) }
    let rows = groups.rowsBySequence
    let canPair = sequences >= 2 && rows.allSatisfy { $0.count == rows[0].count }
    // Drawn from a seed of their own: how many halves are wanted changes no pairing.
    var pairing = SeededGenerator(seed: ~seed)
    pairings =
      canPair
      ? (0..<permutations).map { _ in
        var partners = [Int32](repeating: 0, count: groups.rows)
        for (own, other) in pairing.permutation(of: sequences).enumerated() {
          for (row, partner) in zip(rows[own], rows[other]) { partners[row] = Int32(partner) }
        }
        return partners
      } : []
    membership = Membership(groups: groups, subsets: self.halves)
    leavingOut = Membership(
      groups: groups,
      subsets: groups.areSingleRows
        ? [] : (0..<sequences).map { left in (0..<sequences).filter { $0 != left } })
  }
}

/// Subsets of the rows as zeros and ones.
struct Membership: Sendable {
  /// [subsets, rows]
  let indicator: Matrix<Double>
  /// The number of rows of each subset.
  let sizes: [Int]

  init(groups: RowGroups, subsets: [[Int]]) {
    var indicator = Matrix<Double>(rows: subsets.count, columns: groups.rows)
    let rows = groups.rowsBySequence
    for (subset, sequences) in subsets.enumerated() {
      for sequence in sequences {
        for row in rows[sequence] { indicator[subset, row] = 1 }
      }
    }
    self.indicator = indicator
    sizes = subsets.map { $0.reduce(0) { $0 + rows[$1].count } }
  }

  var count: Int { sizes.count }

  /// The rows of one subset.
  func rows(of subset: Int) -> [Int] {
    (0..<indicator.columns).filter { indicator[subset, $0] != 0 }
  }
}
