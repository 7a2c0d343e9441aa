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
    // One ramp for runs of different depth: a line's colour is its relative depth, in tenths.
    let names =
      deepest <= 6 && Set(study.runs.map(\.layers)).count == 1
      ? (0..<deepest).map { "layer \($0)" }
      : ["first layer", "", "", "", "middle", "", "", "", "last layer"].enumerated().map {
        $0.element.isEmpty ? "depth \($0.offset)/8" : $0.element
      }
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
      for (row, layer) in shown.layers.enumerated() {
        let depth = run.layers > 1 ? Double(layer) / Double(run.layers - 1) : 0
        let series =
          names.count == deepest && names.first == "layer 0"
          ? "layer \(layer)" : names[Int((depth * Double(names.count - 1)).rounded())]
        marks.append(
          .line(
            x: shown.steps.map(Double.init), y: shown.values[row], series: series,
            markers: false,
            rows: shown.steps.indices.map { column in
              rows.add(
                .text(run.name), .integer(layer), .number(depth), .integer(shown.steps[column]),
                .number(shown.values[row][column]))
            }))
      }
      marks += study.ceiling(run, component, label: panels.isEmpty ? "two seeds" : "")
      marks.append(study.twentyPercent(run, label: panels.isEmpty ? "20 % of training" : ""))
      marks.append(.finalPoint(x: Double(run.finalStep), y: 1))
      panels.append(
        Panel(run.name, detail: run.detail, marks: marks, schedule: study.schedule(run)))
    }
    guard !panels.isEmpty else {
      return .absent(id, title, needs: "a similarity of \(Vocabulary.inSentence(component))")
    }
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
          note: study.withSampleSize("\(study.headline.name) to the final checkpoint"),
          x: study.trainingAxis(.log2),
          y: .linear(study.similarityDomain(grids)), series: .depth(names), panels: panels)
      })
  }
}
