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
          if study.showsQuartiles { areas.append(quartiles(summaries, series: run.name)) }
          marks.append(
            median(summaries, series: run.name) { summary in
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
          if study.showsQuartiles { marks.append(quartiles(summaries, series: run.name)) }
          lines.append(
            median(summaries, series: run.name) { summary in
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
              ? .linear(0...1, sharing: .columns) : .linear(sharing: .columns), marks: marks,
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
          "Medians over layers\(study.showsQuartiles ? " with interquartile bands" : ""), one line a run: CKA to the final checkpoint and proportional effective rank\(study.hasHeads("per", object: "weights") || study.hasHeads("per", object: "gradients") ? "; OV's rank is the mean over heads" : ""). Each column has its own scale.",
          finals, study.chanceSentence(components), study.scheduleSentence,
          study.estimatorSentence(), study.gradientSentence,
        ],
        alt: [
          "Line plots with interquartile bands over training steps for \(Words.counted(study.runs.count, "run")): \(Words.list(["CKA", "PER, weights", "PER, gradients"].filter(kinds.contains))), in rows by component.",
          finals,
        ], rows: rows,
        table: StepTable.medians(
          caption: "Medians over layers", label: "Medians of CKA and PER", columns: columns)
      ) { alt in
        Figure(
          id: id, title: title, description: alt,
          note: study.withSampleSize("Median over layers") + study.quartileNote,
          x: study.trainingAxis(.log2), y: .linear(),
          series: study.runSeries, panels: panels)
      })
  }

  /// Another similarity, or another quantity of weights and gradients, on its own page.
  static func metric(_ metric: String, _ study: StudyView) -> FigureOutcome {
    let id = "measure-" + Slugs.slug(metric)
    let title = Vocabulary.metric(metric)
    let isSimilarity = Vocabulary.similarities.contains(metric)
    var rows = FigureRows("run", "component", "object", "step", "median", "layers")
    var panels: [Panel] = []
    var columns: [StepTable.Series] = []
    var all: [Double] = []
    let objects = isSimilarity ? ["activations"] : ["activations", "weights", "gradients"]
    for object in objects {
      for component in Vocabulary.components {
        var areas: [Mark] = []
        var marks: [Mark] = []
        for run in study.runs {
          let grid =
            object == "activations"
            ? study.similarity(run, component, metric: metric)
            : study.matrix(run, component, object: object, metric: metric)
          guard let grid else { continue }
          let summaries = grid.summaries(includingFinal: !isSimilarity)
          guard !summaries.isEmpty else { continue }
          all += summaries.map(\.median)
          if study.showsQuartiles { areas.append(quartiles(summaries, series: run.name)) }
          marks.append(
            median(summaries, series: run.name) { summary in
              rows.add(
                .text(run.name), .text(component), .text(object), .integer(summary.step),
                .number(summary.median), .integer(summary.count))
            })
          columns.append(
            StepTable.Series(
              name: run.name, group: objectName(component, object),
              values: medians(grid, includingFinal: !isSimilarity)))
        }
        guard !marks.isEmpty else { continue }
        if object == "activations",
          let band = study.chanceBand(
            of: study.runs, component, metric: metric, label: panels.isEmpty ? "chance, 95 %" : "")
        {
          areas.insert(band, at: 0)
        }
        panels.append(
          Panel(
            objectName(component, object), marks: areas + marks,
            schedule: study.schedule(study.runs)))
      }
    }
    guard !panels.isEmpty, let low = all.min(), let high = all.max() else {
      return .absent(id, title, needs: Vocabulary.metricInSentence(metric))
    }
    let places = Words.places([low, high])
    let range =
      "Medians lie between \(Words.number(low, decimals: places)) and \(Words.number(high, decimals: places))."
    let unit = isSimilarity && low >= 0
    // Norms and condition numbers run over orders of magnitude.
    let isWide = low > 0 && high / low > 100
    return .drawn(
      ReportFigure(
        id: id, title: title,
        finding:
          "\(title): medians between \(Words.number(low, decimals: places)) and \(Words.number(high, decimals: places))",
        caption: [
          "Median over layers, one line a run.", study.quartileSentence,
          Vocabulary.meaning(metric) ?? "", range,
          isSimilarity ? study.chanceSentence(study.components, metric: metric) : "",
          study.scheduleSentence,
          objects.contains("gradients") && study.hasMetric(metric, object: "gradients")
            ? study.gradientSentence : "",
        ],
        alt: [
          "Line plots of the median \(Vocabulary.metricInSentence(metric)) over training steps for \(Words.counted(study.runs.count, "run")), in \(Words.counted(panels.count, "panel")).",
          range,
        ], rows: rows,
        table: StepTable.medians(
          caption: "Medians over layers", label: "Medians of \(title)", columns: columns)
      ) { alt in
        Figure(
          id: id, title: title, description: alt,
          note: (isSimilarity ? study.withSampleSize(title) : title) + study.quartileNote,
          x: study.trainingAxis(.log2),
          y: isWide ? .log10(sharing: .all) : unit ? .linear(0...1) : .linear(),
          series: study.runSeries, panels: panels)
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

  private static func quartiles(_ summaries: [StepSummary], series: String) -> Mark {
    .band(
      x: summaries.map { Double($0.step) }, lower: summaries.map(\.lowerQuartile),
      upper: summaries.map(\.upperQuartile), style: .interval(series))
  }

  private static func median(
    _ summaries: [StepSummary], series: String, row: (StepSummary) -> Int
  ) -> Mark {
    .line(
      x: summaries.map { Double($0.step) }, y: summaries.map(\.median), series: series,
      rows: summaries.map(row))
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
  /// More bands than six runs have lie on top of one another and say nothing.
  var showsQuartiles: Bool { runs.count <= 6 && runs.contains { $0.layers > 1 } }

  fileprivate var quartileNote: String { showsQuartiles ? "; shaded: quartiles" : "" }

  fileprivate var quartileSentence: String {
    showsQuartiles ? "Shaded: quartiles over layers." : ""
  }
}

extension String {
  /// A row's name where activations and matrices stand side by side.
  var replacingActivation: String {
    self == "MLP output" ? "MLP" : self == "OV activation" ? "OV" : self
  }
}
