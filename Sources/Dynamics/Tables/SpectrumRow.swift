/// One row of `results/spectra.csv`: a singular value of a matrix at a checkpoint.
package struct SpectrumRow: Sendable, Equatable, TableRow {
  package var run: String
  package var step: Int
  package var layer: Int
  package var component: String
  package var object: String
  package var probe: String
  /// How many singular values the matrix has.
  package var count: Int
  /// From 0, the largest.
  package var rank: Int
  package var value: Double

  package init(
    run: String, step: Int, layer: Int, component: String, object: String, probe: String,
    count: Int, rank: Int, value: Double
  ) {
    self.run = run
    self.step = step
    self.layer = layer
    self.component = component
    self.object = object
    self.probe = probe
    self.count = count
    self.rank = rank
    self.value = value
  }

  package static let columns = [
    "run", "step", "layer", "component", "object", "probe", "count", "rank", "value",
  ]

  package var cells: [TableCell] {
    [
      .name(run), .integer(step), .integer(layer), .word(component), .word(object), .name(probe),
      .integer(count), .integer(rank), .number(value),
    ]
  }

  /// Reads rows in the order of the file.
  package static func read(csv bytes: [UInt8], file: String) throws(DynamicsError) -> [SpectrumRow]
  {
    var rows: [SpectrumRow] = []
    var reader = StrictTableReader(columns: columns)
    reader.read(bytes) { record, reader in
      let before = reader.count
      let run = reader.name(record, 0, "the name of a run")
      let step = reader.requiredWholeNumber(record, 1)
      let layer = reader.requiredWholeNumber(record, 2)
      reader.word(record, 3, of: MeasurementVocabulary.components)
      reader.word(record, 4, of: ["weights", "gradients"])
      let count = reader.requiredWholeNumber(record, 6)
      let rank = reader.requiredWholeNumber(record, 7)
      let value = reader.number(record, 8)
      guard reader.count == before, let step, let layer, let count, let rank, let value else {
        return
      }
      rows.append(
        SpectrumRow(
          run: run, step: step, layer: layer, component: record.fields[3],
          object: record.fields[4], probe: InertName.unescaped(record.fields[5]), count: count,
          rank: rank, value: value))
    }
    try reader.finish(file: file)
    return rows
  }
}
