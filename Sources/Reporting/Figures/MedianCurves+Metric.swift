import Plotting
import Publishing

extension MedianCurves {
  /// Another similarity, or another quantity of weights and gradients, on its own page.
  static func metric(_ metric: String, _ study: StudyView) -> FigureOutcome {
    let id = "measure-" + Slugs.slug(metric)
    let title = Vocabulary.metric(metric)
    let isSimilarity = Vocabulary.similarities.contains(metric)
    var rows = FigureRows("run", "component", "object", "step", "median", "layers")
    var panels: [Panel] = []
    var shown: [String] = []
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
          if study.showsQuartiles { areas.append(quartiles(summaries, series: run.label)) }
          marks.append(
            median(summaries, series: run.label) { summary in
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
        shown.append(object)
        panels.append(
          Panel(
            objectName(component, object), marks: areas + marks,
            schedule: study.schedule(study.runs)))
      }
    }
    guard !panels.isEmpty, let low = all.min(), let high = all.max() else {
      let on = study.probes.count > 1 ? " on probe \(study.headline.probe)" : ""
      return .absent(id, title, needs: Vocabulary.metricInSentence(metric) + on)
    }
    let unit = isSimilarity && low >= 0
    // Norms and condition numbers run over orders of magnitude.
    let isWide = low > 0 && high / low > 100
    var axis: Axis =
      isWide ? .log10() : unit ? .linear(0...1) : .linear().within(Vocabulary.range(metric))
    let hasScales = !isSimilarity && Set(shown).count > 1
    // Weights move far less than gradients.
    for place in panels.indices where hasScales {
      axis.sharing = .set(shown[place])
      panels[place].y = axis
    }
    let places = Words.places([low, high])
    let range =
      "Medians lie between \(Words.number(low, decimals: places)) and \(Words.number(high, decimals: places))."
    return .drawn(
      ReportFigure(
        id: id, title: title,
        finding:
          "\(title): medians between \(Words.number(low, decimals: places)) and \(Words.number(high, decimals: places))",
        caption: [
          "Median over layers, one line a run.", study.quartileSentence,
          Vocabulary.meaning(metric) ?? "",
          hasScales ? "Weights and gradients have a scale each." : "", range,
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
          y: axis,
          series: study.runSeries, panels: panels)
      })
  }
}
