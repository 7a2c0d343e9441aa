/// The rows of `results/measurements.csv`, sorted by all keys, each key once.
///
/// A value that is missing (empty, NaN or infinite) stays in the table as a row whose `value` is not
/// finite: curves leave it out and count it, and writing gives an empty cell.
package struct MeasurementTable: Sendable {
  package let rows: [Measurement]

  /// Sorts `rows`; throws where two share a key.
  package init(_ rows: [Measurement]) throws(DynamicsError) {
    let sorted = Self.sorted(rows)
    for (a, b) in zip(sorted, sorted.dropFirst()) where !Measurement.isOrdered(a, before: b) {
      throw .duplicateRow(key: b.keyDescription)
    }
    self.rows = sorted
  }

  init(sortedUnique rows: [Measurement]) { self.rows = rows }

  static func sorted(_ rows: [Measurement]) -> [Measurement] {
    let inOrder = zip(rows, rows.dropFirst()).allSatisfy {
      !Measurement.isOrdered($1, before: $0)
    }
    return inOrder ? rows : rows.sorted(by: Measurement.isOrdered)
  }

  /// The names of the runs, in the table's order.
  package var runs: [String] {
    var names: [String] = []
    for row in rows where row.run != names.last { names.append(row.run) }
    return names
  }

  /// The rows whose value is missing or not finite.
  package var missing: [Measurement] { rows.filter { !$0.value.isFinite } }

  package func csv() -> String { TableWriter.csv(rows) }
  package func json() -> String { TableWriter.json(rows) }
}
