import Plotting
import Publishing

/// PER of weights or gradients as layer × step.
struct RankHeatmap {
  let id: String
  let object: String
  let runs: [RunView]

  var title: String { "PER of \(object) by layer and step" }

  static func ofStudy(_ study: StudyView, object: String) -> RankHeatmap {
    RankHeatmap(
      id: object == "weights" ? "per-layer-step" : "per-gradients-layer-step", object: object,
      runs: study.runs)
  }

  func build(_ study: StudyView) -> FigureOutcome {
    var rows = FigureRows("run", "component", "object", "layer", "step", "value")
    var panels: [Panel] = []
    var all: [Double] = []
    var columns: [StepTable.Series] = []
    var grids: [LayerGrid] = []
    for component in ["mlp", "ov"] {
      for run in runs {
        guard let grid = study.matrix(run, component, object: object) else { continue }
        var places: [Int] = []
        for (row, layer) in grid.layers.enumerated() {
          for (column, step) in grid.steps.enumerated() {
            let value = grid.values[row][column]
            if value.isFinite { all.append(value) }
            places.append(
              rows.add(
                .text(run.name), .text(component), .text(object), .integer(layer), .integer(step),
                .number(value)))
          }
        }
        grids.append(grid)
        columns.append(
          StepTable.Series(
            name: run.name, group: Vocabulary.short(component),
            values: MedianCurves.medians(grid, includingFinal: true)))
        panels.append(
          Panel(
            run.label, detail: run.detail,
            row: Vocabulary.short(component)
              + (component == "ov" && study.hasHeads("per", object: object)
                ? ", mean over heads" : ""),
            marks: [
              .tiles(
                x: grid.steps.map(Double.init), y: grid.layers.map(Double.init),
                values: grid.values.flatMap { $0 }, rows: places)
            ]))
      }
    }
    guard !panels.isEmpty, let low = all.min(), let high = all.max() else {
      return .absent(id, title, needs: "PER of \(object)")
    }
    let interval = study.cellInterval(grids)
    let range = "Values lie between \(Words.number(low)) and \(Words.number(high))."
    return .drawn(
      ReportFigure(
        id: id, title: title,
        finding: "PER of \(object) lies between \(Words.number(low)) and \(Words.number(high))",
        caption: [
          "Proportional effective rank of each layer's \(object), layer by step; the input is at the bottom. One scale in all panels, narrower than 0 to 1.",
          interval.isEmpty ? "" : interval + ".", range,
          object == "gradients" ? study.gradientSentence : "",
        ],
        alt: [
          "Heatmaps of proportional effective rank of \(object), layer by training step, for \(Words.counted(runs.count, "run")).",
          range,
        ], rows: rows,
        table: StepTable.medians(
          caption: "Median PER of \(object) over layers", label: title, columns: columns)
      ) { alt in
        Figure(
          id: id, title: title, description: alt, note: study.layersNote(interval),
          x: study.checkpointAxis(grids),
          y: .layers(),
          color: .sequential(Self.domain(low, high), title: "PER of \(object)"), panels: panels)
      })
  }

  /// The range of the values in tenths (twentieths where it is narrow), never empty.
  static func domain(_ low: Double, _ high: Double) -> ClosedRange<Double> {
    let unit = high - low < 0.15 ? 20.0 : 10.0
    let bottom = (low * unit).rounded(.down) / unit
    let top = (high * unit).rounded(.up) / unit
    return bottom < top ? bottom...top : bottom...bottom + 1 / unit
  }
}
