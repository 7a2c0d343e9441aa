import Plotting
import Publishing

/// PER by head as layer × head, small multiples over steps.
struct HeadRank {
  let run: RunView
  let object: String

  var id: String { "\(run.slug)-per-heads" + (object == "weights" ? "" : "-gradients") }
  var title: String { "PER of OV \(object) by head" }

  func build(_ study: StudyView) -> FigureOutcome {
    let quantity = Quantity(
      component: "ov", object: object, metric: "per",
      probe: object == "gradients" ? study.headline.probe : "")
    let heads = study.heads(run, quantity)
    let names = heads.keys.sorted()
    let steps = Set(heads.values.flatMap(\.steps)).sorted()
    guard names.count > 1, !steps.isEmpty else {
      return .absent(id, title, needs: "PER of OV \(object) by head")
    }
    let layers = Set(heads.values.flatMap(\.layers)).sorted()
    var rows = FigureRows("run", "layer", "head", "step", "value")
    var all: [(layer: Int, head: Int, step: Int, value: Double)] = []
    var panels: [Panel] = []
    let shown = Self.spread(steps, to: 9)
    for step in shown {
      var values: [Double] = []
      var places: [Int] = []
      for layer in layers {
        for head in names {
          let value = heads[head].flatMap { grid -> Double? in
            guard let row = grid.layers.firstIndex(of: layer),
              let column = grid.steps.firstIndex(of: step)
            else { return nil }
            return grid.values[row][column]
          }
          let finite = value.flatMap { $0.isFinite ? $0 : nil }
          if let finite { all.append((layer, head, step, finite)) }
          values.append(finite ?? .nan)
          places.append(
            rows.add(
              .text(run.name), .integer(layer), .integer(head), .integer(step), .number(finite)))
        }
      }
      panels.append(
        Panel(
          "step \(Words.count(step))",
          marks: [
            .tiles(
              x: names.map(Double.init), y: layers.map(Double.init), values: values, rows: places)
          ]))
    }
    guard let low = all.min(by: { $0.value < $1.value }),
      let high = all.max(by: { $0.value < $1.value })
    else { return .absent(id, title, needs: "PER of OV \(object) by head") }
    let interval = study.cellInterval(Array(heads.values))
    let extremes =
      "The lowest value is \(Words.number(low.value)) (layer \(low.layer), head \(low.head), step \(Words.count(low.step))), the highest \(Words.number(high.value)) (layer \(high.layer), head \(high.head), step \(Words.count(high.step)))."
    return .drawn(
      ReportFigure(
        id: id, title: title,
        finding:
          "Heads' \(object) lie between \(Words.number(low.value)) and \(Words.number(high.value))",
        caption: [
          "PER of the OV \(object) by head, layer upwards from the input, head from left to right; \(shown.count == steps.count ? "all \(steps.count)" : "\(shown.count) of \(steps.count)") checkpoints.",
          interval.isEmpty ? "" : interval + ".", extremes,
        ],
        alt: [
          "Heatmaps of proportional effective rank of the OV \(object) of \(run.label), layer by head, at \(Words.counted(shown.count, "step")).",
          extremes,
        ], rows: rows, table: table(heads, names, shown)
      ) { alt in
        Figure(
          id: id, title: title, description: alt, note: study.layersNote(interval),
          x: .layers(title: "Head", sharing: .all), y: .layers(title: "", sharing: .all),
          color: .sequential(
            RankHeatmap.domain(low.value, high.value), title: "PER of OV \(object)"),
          panels: panels)
      })
  }

  /// `count` of the values, the first and the last among them, evenly spread.
  static func spread(_ values: [Int], to count: Int) -> [Int] {
    guard values.count > count, count > 1 else { return values }
    return (0..<count).map { values[$0 * (values.count - 1) / (count - 1)] }
  }

  private func table(_ heads: [Int: LayerGrid], _ names: [Int], _ shown: [Int]) -> TableBlock {
    StepTable.medians(
      caption: "Median over layers of each head's PER", label: title,
      columns: names.compactMap { name in
        heads[name].map { grid in
          let medians = MedianCurves.medians(grid, includingFinal: true)
          return StepTable.Series(
            name: "head \(name)", values: medians.filter { shown.contains($0.key) })
        }
      })
  }
}
