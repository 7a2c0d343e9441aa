import Plotting
import Publishing

/// CKA by size as boxes per checkpoint: the paper's main figure.
struct SimilarityBySize {
  static let id = "cka-by-size"
  static let title = "CKA by size"

  static func build(_ study: StudyView) -> FigureOutcome {
    let components = study.mainComponents
    guard !components.isEmpty else {
      return .absent(id, title, needs: "a similarity to the final checkpoint")
    }
    var rows = FigureRows(
      "run", "component", "step", "minimum", "lower_quartile", "median", "upper_quartile",
      "maximum", "layers")
    var panels: [Panel] = []
    var grids: [LayerGrid] = []
    for component in components {
      for run in study.runs {
        guard let grid = study.similarity(run, component) else { continue }
        let summaries = grid.summaries(includingFinal: false)
        guard !summaries.isEmpty else { continue }
        grids.append(grid.beforeFinal())
        let isFirst = panels.isEmpty
        let places = summaries.map { summary in
          rows.add(
            .text(run.name), .text(component), .integer(summary.step), .number(summary.minimum),
            .number(summary.lowerQuartile), .number(summary.median),
            .number(summary.upperQuartile), .number(summary.maximum), .integer(summary.count))
        }
        var marks: [Mark] = []
        if let band = study.chanceBand(run, component, label: isFirst ? "chance, 95 %" : "") {
          marks.append(band)
        }
        marks += study.ceiling(run, component, label: isFirst ? "two seeds" : "")
        marks.append(study.twentyPercent(run, label: isFirst ? "20 % of training" : ""))
        marks.append(
          .boxes(
            x: summaries.map { Double($0.step) }, median: summaries.map(\.median),
            lowerQuartile: summaries.map(\.lowerQuartile),
            upperQuartile: summaries.map(\.upperQuartile), minimum: summaries.map(\.minimum),
            maximum: summaries.map(\.maximum), series: run.label, rows: places))
        marks.append(.finalPoint(x: Double(run.finalStep), y: 1))
        panels.append(
          Panel(
            run.label, detail: run.detail, row: Vocabulary.activation(component), marks: marks,
            schedule: study.schedule(run)))
      }
    }
    guard !panels.isEmpty else {
      return .absent(id, title, needs: "two checkpoints before the final one")
    }
    let atTwenty = medians(study, components)
    return .drawn(
      ReportFigure(
        id: id, title: title, finding: finding(study, components),
        caption: [
          "\(study.headline.name) of each layer to its final checkpoint, by run. Ticks are medians over layers, boxes quartiles, lines the range; the final step (open circle) is 1 by construction and left out of every statistic.",
          atTwenty, study.chanceSentence(components), study.ceilingSentence(components),
          study.scheduleSentence, study.estimatorSentence(),
          study.layoutSentence(components),
        ],
        alt: [
          "Box plots of \(Vocabulary.metricInSentence(study.headline.estimator)) to the final checkpoint over training steps, one panel for each of \(Words.counted(study.runs.count, "run")) and \(Words.counted(components.count, "component")).",
          atTwenty,
        ], rows: rows, table: table(study, components)
      ) { alt in
        Figure(
          id: id, title: title, description: alt,
          note:
            study.withSampleSize("\(study.headline.name) to the final checkpoint")
            + "; for each checkpoint the median, quartiles and range over layers",
          x: study.checkpointAxis(grids), y: .linear(study.similarityDomain(grids)),
          series: study.runSeries,
          panels: panels)
      })
  }

  /// "At 20 % of training the MLP median is 0.36 at 70m and 0.87 at 2.8b; the OV median …".
  private static func medians(_ study: StudyView, _ components: [String]) -> String {
    let parts = components.compactMap { component -> String? in
      let known = study.runs.compactMap { run in
        study.medianAtTwentyPercent(run, component).map { (run.label, $0) }
      }
      guard let first = known.first, let last = known.last else { return nil }
      let name = "the \(Vocabulary.short(component)) median is \(Words.number(first.1))"
      return known.count == 1
        ? name
        : "\(name) in \(first.0) and \(Words.number(last.1)) in \(last.0)"
    }
    return parts.isEmpty ? "" : "At 20 % of training \(parts.joined(separator: "; ")).".nonBreaking
  }

  private static func finding(_ study: StudyView, _ components: [String]) -> String {
    guard let component = components.first else { return title }
    let values = study.runs.compactMap { study.medianAtTwentyPercent($0, component) }
    let name = Vocabulary.short(component)
    guard let low = values.min(), let high = values.max() else {
      return "How close each layer is to its final state"
    }
    return values.count == 1
      ? "At 20 % of training the median \(name) layer stands at \(Words.number(low))".nonBreaking
      : "At 20 % of training the median \(name) layer stands between \(Words.number(low)) and \(Words.number(high))"
        .nonBreaking
  }

  private static func table(_ study: StudyView, _ components: [String]) -> TableBlock {
    StepTable.medians(
      caption: "Median \(Vocabulary.metricInSentence(study.headline.estimator)) over layers",
      label: "Median CKA over layers by step",
      columns: components.flatMap { component in
        study.runs.compactMap { run in
          study.similarity(run, component).map { grid in
            StepTable.Series(
              name: run.name, group: Vocabulary.activation(component),
              values: Dictionary(
                grid.summaries(includingFinal: false).map { ($0.step, $0.median) },
                uniquingKeysWith: { a, _ in a }))
          }
        }
      })
  }
}
