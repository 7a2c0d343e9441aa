import Plotting
import Publishing

/// A component's CKA curves: one panel a run, one line a layer.
struct ComponentFigure {
  let component: String

  var id: String { "cka-" + Slugs.slug(component) }
  var title: String { "CKA of \(Vocabulary.inSentence(component))" }

  func build(_ study: StudyView) -> FigureOutcome {
    let deepest = study.runs.map(\.layers).max() ?? 0
    var rows = FigureRows("run", "layer", "relative_depth", "step", "value")
    var panels: [Panel] = []
    var grids: [LayerGrid] = []
    // One ramp for runs of different depth: a line's colour is its relative depth, in eighths.
    let isByLayer = deepest <= 6 && Set(study.runs.map(\.layers)).count == 1
    let names =
      isByLayer
      ? (0..<deepest).map { "layer \($0)" }
      : ["first layer", "", "", "", "middle", "", "", "", "last layer"].enumerated().map {
        $0.element.isEmpty ? "depth \($0.offset)/8" : $0.element
      }
    var bands: Set<String> = []
    for run in study.runs {
      guard let grid = study.similarity(run, component), !grid.stepsBeforeFinal.isEmpty else {
        continue
      }
      let shown = grid.beforeFinal()
      grids.append(shown)
      var marks: [Mark] = []
      if let band = study.chanceBand(
        run, component, label: panels.isEmpty ? "chance, 95 %" : "")
      {
        marks.append(band)
      }
      func depth(_ layer: Int) -> Double {
        run.layers > 1 ? min(1, Double(layer) / Double(run.layers - 1)) : 0
      }
      func series(_ layer: Int) -> String {
        isByLayer
          ? "layer \(layer)" : names[Int((depth(layer) * Double(names.count - 1)).rounded())]
      }
      let banded = shown.banded
      if !banded.rows.isEmpty { bands.insert(banded.words) }
      for row in banded.rows {
        marks.append(
          .band(
            x: shown.steps.map(Double.init), lower: shown.lower[row], upper: shown.upper[row],
            style: .interval(series(shown.layers[row]))))
      }
      for (row, layer) in shown.layers.enumerated() {
        marks.append(
          .line(
            x: shown.steps.map(Double.init), y: shown.values[row], series: series(layer),
            // On a ramp the first and the last layer carry markers: print in grey keeps the two apart.
            markers: isByLayer || layer == 0 || layer == run.layers - 1,
            rows: shown.steps.indices.map { column in
              rows.add(
                .text(run.name), .integer(layer), .number(depth(layer)),
                .integer(shown.steps[column]),
                .number(shown.values[row][column]))
            }))
      }
      marks += study.ceiling(run, component, label: panels.isEmpty ? "two seeds" : "")
      marks.append(study.twentyPercent(run, label: panels.isEmpty ? "20 % of training" : ""))
      marks.append(.finalPoint(x: Double(run.finalStep), y: 1))
      panels.append(
        Panel(run.label, detail: run.detail, marks: marks, schedule: study.schedule(run)))
    }
    guard !panels.isEmpty else {
      return .absent(id, title, needs: "a similarity of \(Vocabulary.inSentence(component))")
    }
    let shaded =
      bands.count == 2
      ? "95 % interval, of all layers up to six, else of the first and the last".nonBreaking
      : bands.first ?? ""
    let quantity = study.similarityQuantity(component)
    var never = 0
    var total = 0
    for run in study.runs {
      if let count = study.convergence.never(run, quantity) {
        never += count.0
        total += count.of
      }
    }
    let summary =
      total == 0
      ? ""
      : never == 0
        ? "Every one of the \(total) layers stays at 0.9 or more before the final step."
        : "\(never) of \(total) layers never stay at 0.9 before the final step."
    return .drawn(
      ReportFigure(
        id: id, title: title,
        finding: total == 0
          ? title
          : never == 0
            ? "Every layer settles at 0.9" : "\(never) of \(total) layers never settle at 0.9",
        caption: [
          "\(study.headline.name) of each layer to the final checkpoint, one line a layer; the colour runs from the first layer to the last.",
          shaded.isEmpty ? "" : "Shaded: \(shaded).",
          summary, study.chanceSentence([component]), study.ceilingSentence([component]),
          study.scheduleSentence, study.estimatorSentence(),
          study.layoutSentence([component]),
        ],
        alt: [
          "Line plots of \(Vocabulary.metricInSentence(study.headline.estimator)) of \(Vocabulary.inSentence(component)) over training steps, one line a layer, one panel for each of \(Words.counted(panels.count, "run")).",
          summary,
        ], rows: rows,
        table: StepTable.medians(
          caption: "Median over layers", label: title,
          columns: study.runs.compactMap { run in
            study.similarity(run, component).map {
              StepTable.Series(
                name: run.name, values: MedianCurves.medians($0, includingFinal: false))
            }
          })
      ) { alt in
        Figure(
          id: id, title: title, description: alt,
          note: study.withSampleSize("\(study.headline.name) to the final checkpoint")
            + (shaded.isEmpty ? "" : "; shaded: 95 % interval".nonBreaking),
          x: study.trainingAxis(.log2),
          y: .linear(study.similarityDomain(grids)), series: .depth(names), panels: panels)
      })
  }
}
