import Plotting
import Publishing

/// Biased against debiased CKA, each with the level that chance alone gives it.
enum EstimatorComparison {
  static let id = "biased-debiased"
  static let title = "Biased against debiased CKA"

  static func build(_ study: StudyView) -> FigureOutcome {
    guard study.hasMetric("cka", object: "activations") else {
      return .absent(id, title, needs: "biased CKA")
    }
    guard study.hasMetric("cka_debiased", object: "activations") else {
      return .absent(id, title, needs: "debiased CKA")
    }
    let names = ["debiased", "biased"]
    var rows = FigureRows("run", "component", "metric", "step", "median", "chance", "layers")
    var panels: [Panel] = []
    var grids: [LayerGrid] = []
    var columns: [StepTable.Series] = []
    for component in study.mainComponents {
      for run in study.runs {
        var marks: [Mark] = []
        var lines: [Mark] = []
        for (metric, name) in [("cka_debiased", "debiased"), ("cka", "biased")] {
          guard let grid = study.similarity(run, component, metric: metric) else { continue }
          let summaries = grid.summaries(includingFinal: false)
          guard !summaries.isEmpty else { continue }
          grids.append(grid.beforeFinal())
          let chance = study.chance(run, component, metric: metric)
          if let band = study.chanceBand(
            run, component, metric: metric,
            // Named once: the debiased one lies within the grey of the other, and the caption says it.
            label: panels.isEmpty && metric == "cka" ? "chance, biased" : "")
          {
            // The higher one, the biased estimator's, lies behind.
            marks.insert(band, at: 0)
          }
          lines.append(
            .line(
              x: summaries.map { Double($0.step) }, y: summaries.map(\.median), series: name,
              rows: summaries.map { summary in
                let floor = chance.flatMap { chance in
                  chance.steps.firstIndex(of: summary.step).map { chance.upper[$0] }
                }
                return rows.add(
                  .text(run.name), .text(component), .text(metric), .integer(summary.step),
                  .number(summary.median), .number(floor), .integer(summary.count))
              }))
          columns.append(
            StepTable.Series(
              name: "\(run.name), \(name)", group: Vocabulary.activation(component),
              values: MedianCurves.medians(grid, includingFinal: false)))
        }
        guard !lines.isEmpty else { continue }
        panels.append(
          Panel(
            run.label, detail: run.detail, row: Vocabulary.activation(component),
            marks: marks + lines + [
              study.twentyPercent(run, label: panels.isEmpty ? "20 % of training" : "")
            ], schedule: study.schedule(run)))
      }
    }
    guard !panels.isEmpty else {
      return .absent(id, title, needs: "both estimators before the final step")
    }
    let gap = largestGap(study)
    let floors = floorSentence(study)
    return .drawn(
      ReportFigure(
        id: id, title: title, finding: gap.finding,
        caption: [
          "Median over layers of debiased and biased CKA to the final checkpoint.", gap.sentence,
          floors, study.scheduleSentence, study.estimatorSentence(metric: "cka_debiased"),
        ],
        alt: [
          "Line plots of the median biased and debiased CKA over training steps, one panel for each of \(Words.counted(study.runs.count, "run")) and \(Words.counted(study.mainComponents.count, "component")).",
          gap.sentence,
        ], rows: rows,
        table: StepTable.medians(
          caption: "Medians over layers", label: "Biased and debiased CKA", columns: columns)
      ) { alt in
        Figure(
          id: id, title: title, description: alt,
          note: study.withSampleSize("Median over layers of CKA"),
          x: study.trainingAxis(.log2), y: .linear(study.similarityDomain(grids)),
          series: .categorical(names), panels: panels)
      })
  }

  private static func largestGap(_ study: StudyView) -> (finding: String, sentence: String) {
    var best: (gap: Double, run: String, component: String, step: Int)?
    for component in study.mainComponents {
      for run in study.runs {
        guard let biased = study.similarity(run, component, metric: "cka"),
          let debiased = study.similarity(run, component, metric: "cka_debiased")
        else { continue }
        let low = MedianCurves.medians(debiased, includingFinal: false)
        for (step, value) in MedianCurves.medians(biased, includingFinal: false).sorted(by: {
          $0.key < $1.key
        }) {
          guard let other = low[step] else { continue }
          if value - other > best?.gap ?? -.infinity {
            best = (value - other, run.label, component, step)
          }
        }
      }
    }
    guard let best else { return (title, "") }
    let place =
      "\(best.run), \(Vocabulary.short(best.component)), step \(Words.count(best.step))"
    return (
      "The bias is worth up to \(Words.number(best.gap))",
      "The largest gap between the two medians is \(Words.number(best.gap)) (\(place))."
    )
  }

  private static func floorSentence(_ study: StudyView) -> String {
    let components = study.mainComponents
    guard let biased = study.highestChance(components, metric: "cka") else { return "" }
    let debiased = study.highestChance(components, metric: "cka_debiased")
    return
      "Chance alone gives biased CKA up to \(Words.number(biased))\(debiased.map { " and debiased up to \(Words.number($0))" } ?? "") (95 % quantile over re-paired sequences, the highest layer's)."
  }
}
