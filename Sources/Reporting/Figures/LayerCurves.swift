import Plotting
import Publishing

/// A run's curves over training, one line a layer, one panel a component: CKA with the biased value
/// beside it, or PER of weights and gradients.
struct LayerCurves {
  let run: RunView

  /// Debiased CKA leading, biased beside it (a second row of panels).
  func similarity(_ study: StudyView) -> FigureOutcome {
    let id = "\(run.slug)-cka-by-layer"
    let title = "CKA by layer"
    let estimators = study.estimatorPair
    var panels: [Panel] = []
    var rows = FigureRows(
      "run", "component", "metric", "layer", "step", "value", "lower", "upper")
    var grids: [LayerGrid] = []
    let names = layerNames
    var bands = ""
    for estimator in estimators {
      for component in study.components {
        guard let grid = study.similarity(run, component, metric: estimator),
          !grid.stepsBeforeFinal.isEmpty
        else { continue }
        grids.append(grid.beforeFinal())
        let isFirst = panels.isEmpty
        var marks: [Mark] = []
        if let band = study.chanceBand(
          run, component, metric: estimator, label: isFirst ? "chance, 95 %" : "")
        {
          marks.append(band)
        }
        marks += lines(
          grid.beforeFinal(), names: names, rows: &rows, component: component, metric: estimator,
          bands: &bands)
        marks += study.ceiling(
          run, component, metric: estimator, label: isFirst ? "two seeds" : "")
        marks.append(study.twentyPercent(run, label: isFirst ? "20 % of training" : ""))
        if grid.steps.last == grid.finalStep {
          marks.append(.finalPoint(x: Double(run.finalStep), y: 1))
        }
        panels.append(
          Panel(
            Vocabulary.activation(component),
            row: estimators.count > 1 ? Vocabulary.metric(estimator) : "", marks: marks,
            schedule: study.schedule(run)))
      }
    }
    guard !panels.isEmpty else {
      return .absent(id, title, needs: "a similarity to the final checkpoint at an earlier step")
    }
    let spread = spreadSentence(study)
    return .drawn(
      ReportFigure(
        id: id, title: title, finding: finding(study),
        caption: [
          "\(study.headline.name) of each layer to step \(Words.count(run.finalStep))\(estimators.count > 1 ? ", the biased value below it" : ""); one line a layer. The open circle is the final step, 1 by construction.",
          bands.isEmpty ? "" : "Shaded: \(bands), over halves of the sequences.", spread,
          study.chanceSentence(study.components), study.ceilingSentence(study.components),
          study.scheduleSentence, study.estimatorSentence(),
          study.layoutSentence(study.components),
        ],
        alt: [
          "Line plots of \(Words.list(estimators.map(Vocabulary.metricInSentence))) to the final checkpoint over \(grids.first?.steps.count ?? 0) training steps of \(run.label), one line for each of \(Words.counted(run.layers, "layer")), for \(Words.list(study.components.map(Vocabulary.inSentence))).",
          spread,
        ], rows: rows,
        table: table(
          study.components.compactMap { component in
            study.similarity(run, component).map { (Vocabulary.short(component), $0.beforeFinal()) }
          }, caption: "\(study.headline.name) by layer")
      ) { alt in
        Figure(
          id: id, title: title, description: alt,
          note: study.withSampleSize(
            "\(estimators.count > 1 ? "CKA" : study.headline.name) to step \(Words.count(run.finalStep))"
          )
            + (bands.isEmpty ? "" : "; shaded: \(bands)"),
          x: study.trainingAxis(.log2), y: .linear(study.similarityDomain(grids)),
          series: .depth(names),
          panels: panels)
      })
  }

  /// PER of weights and of gradients.
  func rank(_ study: StudyView) -> FigureOutcome {
    let id = "\(run.slug)-per-by-layer"
    let title = "Effective rank by layer"
    var panels: [Panel] = []
    var rows = FigureRows(
      "run", "component", "object", "layer", "step", "value", "lower", "upper")
    let names = layerNames
    var behind: [(String, LayerGrid)] = []
    var sentences: [String] = []
    var bands = ""
    for object in ["weights", "gradients"] {
      for component in ["mlp", "ov"] {
        guard let grid = study.matrix(run, component, object: object) else { continue }
        let name = "\(Vocabulary.short(component)) \(object)"
        behind.append((name, grid))
        panels.append(
          Panel(
            name,
            detail: component == "ov" && study.hasHeads("per", object: object)
              ? "mean over heads" : "",
            row: "",
            // Weights move far less than gradients.
            y: .linear(sharing: .set(object)).within(Vocabulary.range("per")),
            marks: lines(
              grid, names: names, rows: &rows, component: component, metric: object,
              bands: &bands), schedule: study.schedule(run)))
        let summaries = grid.summaries(includingFinal: true)
        if let first = summaries.first, let last = summaries.last, first.step < last.step {
          sentences.append(
            "\(name) \(Self.moves(first.median, last.median)) from \(Words.number(first.median)) to \(Words.number(last.median))"
          )
        }
      }
    }
    guard !panels.isEmpty else {
      return .absent(id, title, needs: "PER of weights or gradients")
    }
    let moves =
      sentences.isEmpty
      ? ""
      : "From the first checkpoint to the last the median over layers of \(sentences.joined(separator: "; "))."
        .nonBreaking
    return .drawn(
      ReportFigure(
        id: id, title: title, finding: Self.rankFinding(behind),
        caption: [
          "Proportional effective rank of each layer over training; one line a layer. 1 means that all singular values are equal. Weights and gradients have a scale each.",
          bands.isEmpty ? "" : "Shaded: \(bands).", moves, study.scheduleSentence,
          study.gradientSentence,
        ],
        alt: [
          "Line plots of proportional effective rank over training steps of \(run.label), one line for each of \(Words.counted(run.layers, "layer")), in \(Words.counted(panels.count, "panel")): \(Words.list(behind.map(\.0))).",
          moves,
        ], rows: rows, table: table(behind, caption: "Proportional effective rank by layer")
      ) { alt in
        Figure(
          id: id, title: title, description: alt,
          note: "Proportional effective rank" + (bands.isEmpty ? "" : "; shaded: \(bands)"),
          x: study.trainingAxis(.log2), y: .linear().within(Vocabulary.range("per")),
          series: .depth(names), panels: panels)
      })
  }

  private var layerNames: [String] { (0..<max(1, run.layers)).map { "layer \($0)" } }

  private func lines(
    _ grid: LayerGrid, names: [String], rows: inout FigureRows, component: String, metric: String,
    bands: inout String
  ) -> [Mark] {
    var marks: [Mark] = []
    let x = grid.steps.map(Double.init)
    let banded = grid.banded
    if !banded.rows.isEmpty { bands = banded.words }
    for row in banded.rows {
      marks.append(
        .band(
          x: x, lower: grid.lower[row], upper: grid.upper[row],
          style: .interval("layer \(grid.layers[row])")))
    }
    for (row, layer) in grid.layers.enumerated() {
      let places = grid.steps.indices.map { column in
        rows.add(
          .text(run.name), .text(component), .text(metric), .integer(layer),
          .integer(grid.steps[column]), .number(grid.values[row][column]),
          .number(grid.lower[row][column]), .number(grid.upper[row][column]))
      }
      marks.append(
        .line(x: x, y: grid.values[row], series: "layer \(layer)", rows: places))
    }
    return marks
  }

  private func finding(_ study: StudyView) -> String {
    guard let component = study.components.first,
      let never = study.convergence.never(run, study.similarityQuantity(component))
    else { return "How each layer nears its final state" }
    let name = Vocabulary.short(component)
    if never.0 == 0 {
      let settled = study.convergence.layers(
        run, study.similarityQuantity(component), "settling_0.9")
      guard let last = settled.compactMap(\.value).max() else { return "CKA by layer" }
      return "Every \(name) layer stays at 0.9 from \(Words.percent(last)) of training on"
    }
    return never.0 == never.of
      ? "No \(name) layer stays at 0.9 before the final step"
      : "\(never.0) of \(never.of) \(name) layers never stay at 0.9"
  }

  private func spreadSentence(_ study: StudyView) -> String {
    let parts = study.components.compactMap { component -> String? in
      let layers = study.convergence.layers(
        run, study.similarityQuantity(component), "at_0.2")
      let values = layers.compactMap(\.value)
      guard let low = values.min(), let high = values.max() else { return nil }
      let name = Vocabulary.short(component)
      return values.count == 1
        ? "\(name) is at \(Words.number(low))"
        : "\(name) layers lie between \(Words.number(low)) and \(Words.number(high))"
    }
    return parts.isEmpty ? "" : "At 20 % of training \(parts.joined(separator: "; ")).".nonBreaking
  }

  static func moves(_ first: Double, _ last: Double) -> String {
    abs(last - first) < 0.005 ? "stays" : last > first ? "rises" : "falls"
  }

  private static func rankFinding(_ behind: [(String, LayerGrid)]) -> String {
    var parts: [String] = []
    for (name, grid) in behind {
      let summaries = grid.summaries(includingFinal: true)
      guard let first = summaries.first, let last = summaries.last, first.step < last.step else {
        continue
      }
      if abs(last.median - first.median) >= 0.005 {
        parts.append("\(name) \(last.median > first.median ? "gain" : "lose") rank")
      }
    }
    guard let first = parts.first else { return "Effective rank by layer" }
    return parts.count == 1 ? first : "\(first), \(parts[1])"
  }

  private func table(_ grids: [(String, LayerGrid)], caption: String) -> TableBlock {
    StepTable.medians(
      caption: caption, label: "\(caption), \(run.name)",
      columns: grids.flatMap { name, grid in
        grid.layers.enumerated().map { row, layer in
          StepTable.Series(
            name: "layer \(layer)", group: name,
            values: Dictionary(
              grid.steps.indices.filter { grid.values[row][$0].isFinite }
                .map { (grid.steps[$0], grid.values[row][$0]) }, uniquingKeysWith: { a, _ in a }))
        }
      })
  }
}
