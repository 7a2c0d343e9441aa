import Plotting
import Publishing

/// Medians over layers by run: one line a run.
enum MedianCurves {
  /// CKA: components across, debiased above biased.
  static func similarity(_ study: StudyView) -> FigureOutcome {
    let id = "cka-median"
    let title = "Median CKA by run"
    let estimators = study.estimatorPair
    var rows = FigureRows("run", "component", "metric", "step", "median", "layers")
    var panels: [Panel] = []
    var grids: [LayerGrid] = []
    for estimator in estimators {
      for component in study.components {
        var areas: [Mark] = []
        var marks: [Mark] = []
        for run in study.runs {
          guard let grid = study.similarity(run, component, metric: estimator) else { continue }
          let summaries = grid.summaries(includingFinal: false)
          guard !summaries.isEmpty else { continue }
          grids.append(grid.beforeFinal())
          if study.showsQuartiles { areas.append(quartiles(summaries, series: run.label)) }
          marks.append(
            median(summaries, series: run.label) { summary in
              rows.add(
                .text(run.name), .text(component), .text(estimator), .integer(summary.step),
                .number(summary.median), .integer(summary.count))
            })
        }
        guard !marks.isEmpty else { continue }
        if let band = study.chanceBand(
          of: study.runs, component, metric: estimator, label: panels.isEmpty ? "chance, 95 %" : "")
        {
          areas.insert(band, at: 0)
        }
        marks = areas + marks
        if let run = study.commonGrid {
          marks.append(study.twentyPercent(run, label: panels.isEmpty ? "20 % of training" : ""))
        }
        panels.append(
          Panel(
            Vocabulary.activation(component),
            row: estimators.count > 1 ? Vocabulary.metric(estimator) : "", marks: marks,
            schedule: study.schedule(study.runs)))
      }
    }
    guard !panels.isEmpty else {
      return .absent(id, title, needs: "a similarity to the final checkpoint at an earlier step")
    }
    let values = grids.flatMap { $0.summaries(includingFinal: false).map(\.median) }
    let range =
      "Medians lie between \(Words.number(values.min())) and \(Words.number(values.max()))."
    return .drawn(
      ReportFigure(
        id: id, title: title,
        finding: estimators.count > 1
          ? biasFinding(study)
          : "Medians lie between \(Words.number(values.min())) and \(Words.number(values.max()))",
        caption: [
          "Median over layers of CKA to the final checkpoint, one line a run\(estimators.count > 1 ? "; debiased above, biased below" : "").",
          study.quartileSentence, range, study.chanceSentence(study.components),
          study.scheduleSentence, study.estimatorSentence(),
          study.layoutSentence(study.components),
        ],
        alt: [
          "Line plots of the median CKA over training steps, one line for each of \(Words.counted(study.runs.count, "run")), for \(Words.list(study.components.map(Vocabulary.inSentence))).",
          range,
        ], rows: rows,
        table: StepTable.medians(
          caption: "Median \(Vocabulary.metricInSentence(study.headline.estimator)) over layers",
          label: "Median CKA by run",
          columns: study.components.flatMap { component in
            study.runs.compactMap { run in
              study.similarity(run, component).map {
                StepTable.Series(
                  name: run.name, group: Vocabulary.activation(component),
                  values: medians($0, includingFinal: false))
              }
            }
          })
      ) { alt in
        Figure(
          id: id, title: title, description: alt,
          note: study.withSampleSize("Median over layers of CKA") + study.quartileNote,
          x: study.trainingAxis(.log2), y: .linear(study.similarityDomain(grids)),
          series: study.runSeries,
          panels: panels)
      })
  }

  static func objectName(_ component: String, _ object: String) -> String {
    object == "activations"
      ? Vocabulary.activation(component) : "\(Vocabulary.short(component)) \(object)"
  }

  static func medians(_ grid: LayerGrid, includingFinal: Bool) -> [Int: Double] {
    Dictionary(
      grid.summaries(includingFinal: includingFinal).map { ($0.step, $0.median) },
      uniquingKeysWith: { a, _ in a })
  }

  static func quartiles(_ summaries: [StepSummary], series: String) -> Mark {
    .band(
      x: summaries.map { Double($0.step) }, lower: summaries.map(\.lowerQuartile),
      upper: summaries.map(\.upperQuartile), style: .interval(series))
  }

  static func median(
    _ summaries: [StepSummary], series: String, row: (StepSummary) -> Int
  ) -> Mark {
    .line(
      x: summaries.map { Double($0.step) }, y: summaries.map(\.median), series: series,
      rows: summaries.map(row))
  }

  /// How far biased stands above debiased at 20 % of training.
  private static func biasFinding(_ study: StudyView) -> String {
    var gaps: [Double] = []
    for run in study.runs {
      for component in study.components {
        guard let biased = study.medianAtTwentyPercent(run, component, metric: "cka"),
          let debiased = study.medianAtTwentyPercent(run, component, metric: "cka_debiased")
        else { continue }
        gaps.append(biased - debiased)
      }
    }
    guard let low = gaps.min(), let high = gaps.max() else { return "Debiased and biased CKA" }
    return low >= 0
      ? "Biased CKA stands up to \(Words.number(high)) above debiased at 20 % of training"
        .nonBreaking
      : "Biased and debiased CKA differ by \(Words.number(low)) to \(Words.number(high)) at 20 % of training"
        .nonBreaking
  }
}

extension StudyView {
  /// Bands of more runs than two lie on top of one another and hide the lines.
  var showsQuartiles: Bool { runs.count <= 2 && runs.contains { $0.layers > 1 } }

  /// The result figure is about medians and quartiles: up to six runs show both.
  var showsResultQuartiles: Bool { runs.count <= 6 && runs.contains { $0.layers > 1 } }

  var quartileNote: String { showsQuartiles ? "; shaded: quartiles" : "" }

  var quartileSentence: String { showsQuartiles ? "Shaded: quartiles over layers." : "" }
}

extension String {
  /// A row's name where activations and matrices stand side by side.
  var replacingActivation: String {
    self == "MLP output" ? "MLP" : self == "OV activation" ? "OV" : self
  }
}
