/// One row of `results/layer_similarity.csv`: two layers, each at its own checkpoint.
package struct LayerSimilarityRow: Sendable, Equatable, TableRow {
  package var run: String
  package var step: Int
  package var otherStep: Int
  package var component: String
  package var metric: String
  package var rows: String
  package var probe: String
  package var layer: Int
  package var otherLayer: Int
  package var value: Double
  package var n: Int?

  package init(
    run: String, step: Int, otherStep: Int, component: String, metric: String, rows: String,
    probe: String, layer: Int, otherLayer: Int, value: Double, n: Int?
  ) {
    self.run = run
    self.step = step
    self.otherStep = otherStep
    self.component = component
    self.metric = metric
    self.rows = rows
    self.probe = probe
    self.layer = layer
    self.otherLayer = otherLayer
    self.value = value
    self.n = n
  }

  package static let columns = [
    "run", "step", "other_step", "component", "metric", "rows", "probe", "layer", "other_layer",
    "value", "n",
  ]

  package var cells: [TableCell] {
    [
      .name(run), .integer(step), .integer(otherStep), .word(component), .word(metric),
      .word(rows), .name(probe), .integer(layer), .integer(otherLayer), .number(value),
      .integer(n),
    ]
  }

  /// Reads rows in the order of the file; a value that is missing is not finite.
  package static func read(
    csv bytes: [UInt8], file: String
  ) throws(DynamicsError) -> [LayerSimilarityRow] {
    var rows: [LayerSimilarityRow] = []
    var reader = StrictTableReader(columns: columns)
    reader.read(bytes) { record, reader in
      let before = reader.count
      let run = reader.name(record, 0, "the name of a run")
      let step = reader.requiredWholeNumber(record, 1)
      let other = reader.requiredWholeNumber(record, 2)
      reader.word(record, 3, of: MeasurementVocabulary.components)
      reader.word(record, 4, of: ["cka", "cka_debiased"])
      let layer = reader.requiredWholeNumber(record, 7)
      let otherLayer = reader.requiredWholeNumber(record, 8)
      let value = reader.number(record, 9)
      let n = reader.wholeNumber(record, 10)
      guard reader.count == before, let step, let other, let layer, let otherLayer else { return }
      rows.append(
        LayerSimilarityRow(
          run: run, step: step, otherStep: other, component: record.fields[3],
          metric: record.fields[4], rows: record.fields[5],
          probe: InertName.unescaped(record.fields[6]), layer: layer, otherLayer: otherLayer,
          value: value ?? .nan, n: n))
    }
    try reader.finish(file: file)
    return rows
  }
}
