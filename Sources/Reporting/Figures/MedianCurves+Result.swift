import Plotting
import Publishing

extension MedianCurves {
  /// The paper's result figure: CKA, PER of weights, PER of gradients; medians with quartiles.
  static func result(_ study: StudyView) -> FigureOutcome {
    let id = "result"
    let title = "CKA and effective rank by run"
    var rows = FigureRows(
      "run", "component", "quantity", "step", "median", "lower_quartile", "upper_quartile",
      "layers")
    var panels: [Panel] = []
    var sentences: [String] = []
    var columns: [StepTable.Series] = []
    let components = ["mlp", "ov"]
    var kinds: Set<String> = []
    for component in components {
      for kind in ["CKA", "PER, weights", "PER, gradients"] {
        var marks: [Mark] = []
        var lines: [Mark] = []
        var lasts: [Double] = []
        for run in study.runs {
          guard let (grid, isSimilarity) = grid(study, run, component, kind) else { continue }
          let summaries = grid.summaries(includingFinal: !isSimilarity)
          guard !summaries.isEmpty else { continue }
          if study.showsResultQuartiles { marks.append(quartiles(summaries, series: run.label)) }
          lines.append(
            median(summaries, series: run.label) { summary in
              rows.add(
                .text(run.name), .text(component), .text(kind), .integer(summary.step),
                .number(summary.median), .number(summary.lowerQuartile),
                .number(summary.upperQuartile), .integer(summary.count))
            })
          if let last = summaries.last { lasts.append(last.median) }
          columns.append(
            StepTable.Series(
              name: run.name, group: "\(Vocabulary.short(component)), \(kind)",
              values: medians(grid, includingFinal: !isSimilarity)))
        }
        marks += lines
        guard !marks.isEmpty else { continue }
        if kind == "CKA",
          let band = study.chanceBand(
            of: study.runs, component, metric: study.headline.estimator,
            label: panels.isEmpty ? "chance, 95 %" : "")
        {
          marks.insert(band, at: 0)
        }
        kinds.insert(kind)
        if kind != "CKA", let low = lasts.min(), let high = lasts.max() {
          sentences.append(
            lasts.count == 1
              ? "\(Vocabulary.short(component)) \(kind) \(Words.number(low))"
              : "\(Vocabulary.short(component)) \(kind) \(Words.number(low)) to \(Words.number(high))"
          )
        }
        panels.append(
          Panel(
            kind == "CKA" ? study.headline.name : kind,
            row: Vocabulary.activation(component)
              .replacingActivation,
            y: kind == "CKA"
              ? .linear(0...1, sharing: .columns)
              : .linear(sharing: .columns).within(Vocabulary.range("per")), marks: marks,
            schedule: study.schedule(study.runs)))
      }
    }
    guard kinds.contains("CKA"), kinds.count > 1 else {
      return .absent(
        id, title,
        needs: kinds.isEmpty
          ? "CKA and PER of the MLP or OV"
          : kinds.contains("CKA") ? "PER of weights or gradients" : "CKA of the MLP or OV")
    }
    let finals =
      sentences.isEmpty ? "" : "Medians at the last checkpoint: \(Words.list(sentences))."
    return .drawn(
      ReportFigure(
        id: id, title: title, finding: "Similarity and rank over training, side by side",
        caption: [
          "Medians over layers\(study.showsResultQuartiles ? " with interquartile bands" : ""), one line a run: CKA to the final checkpoint and proportional effective rank\(study.hasHeads("per", object: "weights") || study.hasHeads("per", object: "gradients") ? "; OV's rank is the mean over heads" : ""). Each column has its own scale.",
          finals, study.chanceSentence(components), study.scheduleSentence,
          study.estimatorSentence(), study.gradientSentence,
        ],
        alt: [
          "Line plots\(study.showsResultQuartiles ? " with interquartile bands" : "") over training steps for \(Words.counted(study.runs.count, "run")): \(Words.list(["CKA", "PER, weights", "PER, gradients"].filter(kinds.contains))), in rows by component.",
          finals,
        ], rows: rows,
        table: StepTable.medians(
          caption: "Medians over layers", label: "Medians of CKA and PER", columns: columns)
      ) { alt in
        Figure(
          id: id, title: title, description: alt,
          note: study.withSampleSize("Median over layers")
            + (study.showsResultQuartiles ? "; shaded: quartiles" : ""),
          x: study.trainingAxis(.log2), y: .linear(),
          series: study.runSeries, panels: panels)
      })
  }

  private static func grid(
    _ study: StudyView, _ run: RunView, _ component: String, _ kind: String
  ) -> (LayerGrid, Bool)? {
    switch kind {
    case "CKA": study.similarity(run, component).map { ($0, true) }
    case "PER, weights": study.matrix(run, component, object: "weights").map { ($0, false) }
    default: study.matrix(run, component, object: "gradients").map { ($0, false) }
    }
  }
}
