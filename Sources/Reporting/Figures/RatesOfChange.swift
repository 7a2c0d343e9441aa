import Plotting
import Publishing

/// How much changes between neighbouring checkpoints: what distance to the end cannot show.
enum RatesOfChange {
  static let id = "rates-of-change"
  static let title = "Change between neighbouring checkpoints"

  static func build(_ study: StudyView) -> FigureOutcome {
    let previous = study.headline.estimator + "_previous"
    var rows = FigureRows("run", "component", "quantity", "step", "median", "layers")
    var panels: [Panel] = []
    var columns: [StepTable.Series] = []
    var last: [Double] = []
    let hasSimilarity = study.hasMetric(previous, object: "activations")
    let hasBoth = hasSimilarity && study.hasMetric("relative_change", object: "weights")
    let what =
      hasBoth
      ? "CKA and relative change"
      : hasSimilarity ? Vocabulary.metric(study.headline.estimator) : "relative change"
    for (metric, object) in [(previous, "activations"), ("relative_change", "weights")] {
      for component in Vocabulary.components {
        var marks: [Mark] = []
        for run in study.runs {
          let grid =
            object == "activations"
            ? study.similarity(run, component, metric: metric)
            : study.matrix(run, component, object: object, metric: metric)
          guard let grid else { continue }
          let summaries = grid.summaries(includingFinal: true)
          guard !summaries.isEmpty else { continue }
          if object == "weights", let end = summaries.last { last.append(end.median) }
          marks.append(
            .line(
              x: summaries.map { Double($0.step) }, y: summaries.map(\.median), series: run.label,
              rows: summaries.map { summary in
                rows.add(
                  .text(run.name), .text(component), .text(metric), .integer(summary.step),
                  .number(summary.median), .integer(summary.count))
              }))
          columns.append(
            StepTable.Series(
              name: run.name, group: MedianCurves.objectName(component, object),
              values: MedianCurves.medians(grid, includingFinal: true)))
        }
        guard !marks.isEmpty else { continue }
        panels.append(
          Panel(
            MedianCurves.objectName(component, object),
            detail: hasBoth ? object == "activations" ? "CKA" : "relative change" : "",
            y: Axis.linear(object == "activations" ? 0...1 : nil, sharing: .none)
              .within(Vocabulary.range(metric)),
            marks: marks, schedule: study.schedule(study.runs)))
      }
    }
    guard !panels.isEmpty else {
      return .absent(
        id, title, needs: "`\(previous)` or `relative_change`, both against the previous checkpoint"
      )
    }
    let words = Words.list(
      (hasSimilarity ? ["CKA to the previous checkpoint"] : [])
        + (hasBoth || !hasSimilarity ? ["the relative change of the weights"] : []))
    let end =
      last.isEmpty
      ? ""
      : "At the last checkpoint the weights' median relative change lies between \(Words.number(last.min(), decimals: Words.places(last))) and \(Words.number(last.max(), decimals: Words.places(last)))."
    return .drawn(
      ReportFigure(
        id: id, title: title, finding: "How much moves from one checkpoint to the next",
        caption: [
          "Medians over layers of \(words). Checkpoints lie ever further apart, so a later value covers more steps.",
          end, study.scheduleSentence,
        ],
        alt: [
          "Line plots of \(words) over training steps for \(Words.counted(study.runs.count, "run")).",
          end,
        ], rows: rows,
        table: StepTable.medians(caption: "Medians over layers", label: title, columns: columns)
      ) { alt in
        Figure(
          id: id, title: title, description: alt,
          note: study.withSampleSize("Median over layers, \(what) to the previous checkpoint"),
          x: study.trainingAxis(.log2),
          y: .linear(), series: study.runSeries, panels: panels)
      })
  }
}
