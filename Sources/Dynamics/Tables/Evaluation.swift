/// One row of the user's own `evaluations: FILE.csv`: a score of a checkpoint.
package struct Evaluation: Sendable, Equatable, TableRow {
  package var run: String
  package var step: Int
  /// What was evaluated: `lambada_accuracy` …
  package var name: String
  package var value: Double

  package init(run: String, step: Int, name: String, value: Double) {
    self.run = run
    self.step = step
    self.name = name
    self.value = value
  }

  package static let columns = ["run", "step", "name", "value"]

  package var cells: [TableCell] { [.name(run), .integer(step), .name(name), .number(value)] }

  /// Reads evaluations, sorted by run, name and step; a key that occurs twice is an error. An empty
  /// value stays as a row that is not finite.
  package static func read(csv bytes: [UInt8], file: String) throws(DynamicsError) -> [Evaluation] {
    var found: [(line: Int, row: Evaluation)] = []
    var reader = StrictTableReader(columns: columns)
    reader.read(bytes) { record, reader in
      let before = reader.count
      let run = reader.name(record, 0, "the name of a run")
      let step = reader.requiredWholeNumber(record, 1)
      let name = reader.name(record, 2, "the name of an evaluation")
      let value = reader.number(record, 3)
      guard reader.count == before, let step else { return }
      found.append(
        (record.line, Evaluation(run: run, step: step, name: name, value: value ?? .nan)))
    }
    found.sort { a, b in
      let same = a.row.run == b.row.run && a.row.name == b.row.name && a.row.step == b.row.step
      return same ? a.line < b.line : precedes(a.row, b.row)
    }
    for (a, b) in zip(found, found.dropFirst()) where !precedes(a.row, b.row) {
      reader.note(
        TableFinding(
          line: b.line, expected: "each run, step and name once",
          found: "run \(b.row.run), step \(b.row.step), \(b.row.name) as in line \(a.line)"))
    }
    try reader.finish(file: file)
    return found.map(\.row)
  }

  private static func precedes(_ a: Evaluation, _ b: Evaluation) -> Bool {
    if a.run != b.run { return Dynamics.precedes(a.run, b.run) }
    if a.name != b.name { return Dynamics.precedes(a.name, b.name) }
    return a.step < b.step
  }
}
