extension MeasurementTable {
  /// Reads a table as comma-separated text (RFC 4180); its header is exactly the contract's.
  ///
  /// All findings are collected, the first 20 are listed, each with its line, column, what was
  /// expected and what was found. Rows may come in any order; a key that occurs twice is an error.
  package init(csv bytes: [UInt8], file: String) throws(DynamicsError) {
    var rows: [Measurement] = []
    var lines: [Int] = []
    var reader = StrictTableReader(columns: Measurement.columns)
    reader.read(bytes) { record, reader in
      guard let row = Measurement(record, &reader) else { return }
      rows.append(row)
      lines.append(record.line)
    }
    let order = Self.order(of: rows)
    for (a, b) in zip(order, order.dropFirst())
    where !Measurement.isOrdered(rows[a], before: rows[b]) {
      reader.note(
        TableFinding(
          line: lines[b], expected: "each key once",
          found: "\(rows[b].keyDescription) as in line \(lines[a])"))
    }
    try reader.finish(file: file)
    self.init(sortedUnique: order.map { rows[$0] })
  }

  /// The indices of `rows` by key; equal keys in the order of the file.
  private static func order(of rows: [Measurement]) -> [Int] {
    let inOrder = zip(rows, rows.dropFirst()).allSatisfy { Measurement.isOrdered($0, before: $1) }
    guard !inOrder else { return Array(rows.indices) }
    return rows.indices.sorted { a, b in
      if Measurement.isOrdered(rows[a], before: rows[b]) { return true }
      return !Measurement.isOrdered(rows[b], before: rows[a]) && a < b
    }
  }
}

extension Measurement {
  /// Nil where a field breaks the contract, which `reader` then holds.
  fileprivate init?(_ record: CSVRecords.Record, _ reader: inout StrictTableReader) {
    let fields = record.fields
    let before = reader.count
    let run = reader.name(record, 0, "the name of a run")
    let step = reader.requiredWholeNumber(record, 1)
    let layer = reader.wholeNumber(record, 2)
    let head = reader.wholeNumber(record, 3)
    reader.word(record, 4, of: MeasurementVocabulary.components)
    reader.word(record, 5, of: MeasurementVocabulary.objects)
    reader.word(record, 6, of: MeasurementVocabulary.metrics)
    reader.word(record, 7, of: MeasurementVocabulary.variants)
    reader.word(record, 8, of: MeasurementVocabulary.rows)
    if head != nil, layer == nil, fields[2].isEmpty {
      reader.note(record, 2, "a layer for the head")
    }
    let value = reader.number(record, 10)
    let lower = reader.number(record, 11)
    let upper = reader.number(record, 12)
    let n = reader.wholeNumber(record, 13)
    guard reader.count == before, let step else { return nil }
    self.init(
      run: run, step: step, layer: layer, head: head, component: fields[4], object: fields[5],
      metric: fields[6], variant: fields[7], rows: fields[8],
      probe: InertName.unescaped(fields[9]), value: value ?? .nan,
      lower: lower.flatMap { $0.isFinite ? $0 : nil },
      upper: upper.flatMap { $0.isFinite ? $0 : nil }, n: n)
  }
}
