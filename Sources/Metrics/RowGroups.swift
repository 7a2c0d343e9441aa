/// Which rows of an activation matrix belong to the same sequence of the probe.
///
/// Rows of one sequence depend on each other, so halves and re-pairings move whole sequences.
package struct RowGroups: Sendable, Equatable {
  /// The sequence of each row, 0 ..< `sequences`.
  package let sequenceOfRow: [Int]
  package let sequences: Int

  /// One row a sequence (rows: `last`).
  package init(sequences: Int) {
    self.init(sequences: sequences, rowsPerSequence: 1)
  }

  /// The same number of rows from each sequence: row s · rowsPerSequence + j is the j-th of s.
  package init(sequences: Int, rowsPerSequence: Int) {
    precondition(
      sequences >= 0 && rowsPerSequence >= 1, "\(sequences) sequences of \(rowsPerSequence) rows")
    self.sequences = sequences
    self.rowsPerSequence = rowsPerSequence
    sequenceOfRow = (0..<sequences * rowsPerSequence).map { $0 / rowsPerSequence }
  }

  /// Any assignment; every sequence from 0 to the largest counts, also one without rows.
  package init(sequenceOfRow: [Int]) {
    precondition(sequenceOfRow.allSatisfy { $0 >= 0 }, "a sequence's number is at least 0")
    self.sequenceOfRow = sequenceOfRow
    sequences = (sequenceOfRow.max() ?? -1) + 1
    let count = sequences > 0 ? sequenceOfRow.count / sequences : 0
    let together = sequenceOfRow.enumerated().allSatisfy { count > 0 && $1 == $0 / count }
    rowsPerSequence = count > 0 && sequenceOfRow.count % sequences == 0 && together ? count : nil
  }

  package var rows: Int { sequenceOfRow.count }

  /// How many rows each sequence has, where that is the same for all and they stand together.
  let rowsPerSequence: Int?

  /// Whether each sequence has one row.
  var areSingleRows: Bool { rowsPerSequence == 1 }

  /// The rows of each sequence, in order.
  var rowsBySequence: [[Int]] {
    var lists = [[Int]](repeating: [], count: sequences)
    for (row, sequence) in sequenceOfRow.enumerated() { lists[sequence].append(row) }
    return lists
  }
}
