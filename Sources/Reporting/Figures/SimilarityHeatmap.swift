import Dynamics
import Markup
import Plotting
import Publishing

/// CKA as layer × step, one panel a run and component.
struct SimilarityHeatmap {
  static let title = "CKA by layer and step"
  let id: String
  let runs: [RunView]
  let components: [String]

  /// The whole study, on the components of the claims.
  static func ofStudy(_ study: StudyView) -> SimilarityHeatmap {
    SimilarityHeatmap(id: "cka-layer-step", runs: study.runs, components: study.mainComponents)
  }

  /// One run, every component.
  static func of(_ run: RunView, _ study: StudyView) -> SimilarityHeatmap {
    SimilarityHeatmap(
      id: "\(run.slug)-cka-layer-step", runs: [run], components: study.components)
  }

  func build(_ study: StudyView) -> FigureOutcome {
    var rows = FigureRows("run", "component", "layer", "step", "value")
    var panels: [Panel] = []
    var grids: [LayerGrid] = []
    var shown: [LayerGrid] = []
    var never = 0
    var curves = 0
    for component in components {
      for run in runs {
        guard let grid = study.similarity(run, component), !grid.stepsBeforeFinal.isEmpty else {
          continue
        }
        grids.append(grid.beforeFinal())
        shown.append(grid)
        var places: [Int] = []
        for (row, layer) in grid.layers.enumerated() {
          for (column, step) in grid.steps.enumerated() {
            places.append(
              rows.add(
                .text(run.name), .text(component), .integer(layer), .integer(step),
                .number(grid.values[row][column])))
          }
        }
        let settled = grid.settledFrom(0.9)
        never += settled.count { $0 == nil }
        curves += settled.count
        let isFirst = panels.isEmpty
        let hasFinal = grid.steps.last == grid.finalStep
        panels.append(
          Panel(
            runs.count == 1 ? Vocabulary.activation(component) : run.label,
            detail: runs.count == 1 ? "" : run.detail,
            row: runs.count == 1 ? "" : Vocabulary.activation(component),
            marks: [
              .tiles(
                x: grid.steps.map(Double.init), y: grid.layers.map(Double.init),
                values: grid.values.flatMap { $0 }, emptyLast: hasFinal,
                settledFrom: settled.map { $0.map(Double.init) }, rows: places),
              study.twentyPercent(run, label: isFirst ? "20 %" : ""),
            ]))
      }
    }
    guard !panels.isEmpty else {
      return .absent(
        id, Self.title, needs: "a similarity to the final checkpoint at an earlier step")
    }
    let domain = study.similarityDomain(grids)
    let interval = study.cellInterval(grids)
    let settling =
      never == 0
      ? "all \(curves) curves stay there"
      : never == curves
        ? "none of the \(curves) curves does" : "\(never) of \(curves) curves never do"
    let lowest = grids.flatMap { $0.values.joined() }.filter(\.isFinite).min() ?? 0
    return .drawn(
      ReportFigure(
        id: id, title: Self.title, finding: finding(study, never: never, curves: curves),
        caption: [
          "\(study.headline.name) to the final checkpoint, layer by step; the input is at the bottom. Right of the stepped line a layer stays at 0.9 or more to the end; before the final step (outlined last column, the reference) \(settling). The tick marks 20 % of training. One scale in all panels."
            .nonBreaking,
          interval.isEmpty ? "" : interval + ".", chanceLevel(study), study.estimatorSentence(),
          study.layoutSentence(components),
        ],
        alt: [
          "Heatmaps of \(Vocabulary.metricInSentence(study.headline.estimator)) to the final checkpoint, layer by training step, for \(Words.counted(runs.count, "run")) and \(Words.list(components.map(Vocabulary.inSentence))).",
          "Values lie between \(Words.number(lowest)) and 1; \(settling.hasPrefix("none") || settling.hasPrefix("all") ? "at 0.9 to the end, \(settling)" : "\(never) of \(curves) curves never stay at 0.9").",
        ], rows: rows, table: table(study)
      ) { alt in
        Figure(
          id: id, title: Self.title, description: alt, note: study.layersNote(interval),
          x: study.checkpointAxis(shown), y: .layers(),
          color: .sequential(
            domain, title: study.withSampleSize(study.headline.name)),
          panels: panels)
      })
  }

  /// A heatmap has no room for a band: its caption says the level.
  private func chanceLevel(_ study: StudyView) -> String {
    study.highestChance(components).map {
      "Chance alone gives at most \(Words.number($0)) (95 % quantile over re-paired sequences)."
        .nonBreaking
    } ?? ""
  }

  /// The claim's verdict where there is one; otherwise the count.
  private func finding(_ study: StudyView, never: Int, curves: Int) -> String {
    if runs.count > 1 {
      let verdict = study.claim("C4")?.verdict
      if verdict == .supported { return "Earlier layers settle first" }
      if verdict == .contradicted { return "Earlier layers do not settle first" }
    }
    return never == 0
      ? "Every layer settles at 0.9 before the final step"
      : "\(never) of \(curves) layer curves never stay at 0.9"
  }

  private func table(_ study: StudyView) -> TableBlock {
    var body: [[Cell]] = []
    for component in components {
      for run in runs {
        let quantity = study.similarityQuantity(component)
        guard let share = study.convergence.settledShare(run, quantity) else { continue }
        body.append([
          .text(run.name), .text(Vocabulary.activation(component)), .integer(share.of),
          .number(study.convergence.median(run, quantity, "at_0.2"), decimals: 3),
          .percent(share.share), .integer(study.convergence.never(run, quantity)?.0 ?? 0),
        ])
      }
    }
    return TableBlock(
      caption: "Settling at 0.9 by run and component",
      columns: [
        Column("Run", .text), Column("Component", .text), Column("Layers"),
        Column("Median at 20 %"), Column("Settled by 20 %"), Column("Never"),
      ], rows: body, label: "Settling by run and component")
  }
}
