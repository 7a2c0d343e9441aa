extension RunDescription {
  /// Reads `results/runs.csv`; each run once. Every finding is reported.
  package static func read(csv bytes: [UInt8], file: String) throws(DynamicsError)
    -> [RunDescription]
  {
    var runs: [RunDescription] = []
    var lines: [String: Int] = [:]
    var reader = StrictTableReader(columns: columns)
    reader.read(bytes) { record, reader in
      let before = reader.count
      let name = reader.name(record, 0, "the name of a run")
      let numbers = (1...9).map { reader.wholeNumber(record, $0) }
      for column in 1...2 where numbers[column - 1] == 0 {
        reader.note(record, column, "a number above 0")
      }
      if let first = lines.updateValue(record.line, forKey: name) {
        reader.note(record, 0, "each run once (line \(first) has it too)")
      }
      guard reader.count == before else { return }
      runs.append(
        RunDescription(
          run: name, parameters: numbers[0], layers: numbers[1], heads: numbers[2],
          hiddenSize: numbers[3], headDimension: numbers[4], intermediateSize: numbers[5],
          vocabulary: numbers[6], steps: numbers[7], finalStep: numbers[8],
          group: InertName.unescaped(record.fields[10]),
          arm: InertName.unescaped(record.fields[11])))
    }
    try reader.finish(file: file)
    return runs
  }
}
