import Dynamics
import Markup
import Plotting
import Publishing
import Statistics

/// PER against convergence, each point a layer, with the fit over all and its interval.
enum RankAgainstArea {
  static let id = "per-against-area"
  static let title = "Effective rank against convergence"

  static func build(_ study: StudyView) -> FigureOutcome {
    var rows = FigureRows(
      "run", "component", "object", "layer", "per_mean", "area", "lower", "upper")
    var hasIntervals = false
    var panels: [Panel] = []
    var sentences: [String] = []
    var isDescriptive = false
    var body: [[Cell]] = []
    for object in ["weights", "gradients"] {
      for component in ["mlp", "ov"] {
        var marks: [Mark] = []
        var allX: [Double] = []
        var allY: [Double] = []
        for run in study.runs {
          let pairs = study.rankAndArea(run, component: component, object: object)
          guard !pairs.isEmpty else { continue }
          allX += pairs.map(\.rank)
          allY += pairs.map(\.area)
          let places = pairs.map { pair in
            rows.add(
              .text(run.name), .text(component), .text(object), .integer(pair.layer),
              .number(pair.rank), .number(pair.area), .number(pair.lower), .number(pair.upper))
          }
          if pairs.contains(where: { $0.lower != nil && $0.upper != nil }) { hasIntervals = true }
          marks.append(
            .points(
              x: pairs.map(\.rank), y: pairs.map(\.area), series: run.label,
              lower: pairs.map { $0.lower ?? .nan }, upper: pairs.map { $0.upper ?? .nan },
              rows: places))
        }
        guard allX.count >= 3 else { continue }
        let name = "\(Vocabulary.short(component)), \(object)"
        let within = study.association(component: component, object: object, measure: "area")
        let pooled = study.association(
          component: component, object: object, measure: "area", scope: "pooled")
        body.append([
          .text(name), .integer(allX.count),
          .text(pooled.map { Words.signed($0.estimate) } ?? Words.nothing),
          .text(within.map { Words.effect($0.estimate, $0.lower, $0.upper) } ?? Words.nothing),
          .text(within.map { $0.isDescriptive ? "descriptive" : "over runs" } ?? Words.nothing),
        ])
        if let within {
          if within.isDescriptive { isDescriptive = true }
          sentences.append(
            "\(name) \(Words.effect(within.estimate, within.lower, within.upper))")
        }
        panels.append(
          Panel(
            name, detail: "\(allX.count) layers",
            subtitle: within.map {
              "ρ given depth \(Words.effect($0.estimate, $0.lower, $0.upper).unbrokenInterval)"
            } ?? "",
            marks: fit(allX, allY) + marks))
      }
    }
    guard !panels.isEmpty else {
      return .absent(
        id, title,
        needs: study.components.isEmpty
          ? "a similarity to the final checkpoint" : "PER of weights or gradients")
    }
    let given =
      sentences.isEmpty
      ? ""
      : "Spearman's ρ within runs, given depth: \(sentences.joined(separator: "; "))."
        + (isDescriptive
          ? " Intervals of fewer than four runs are a bootstrap over layers: descriptive." : "")
    return .drawn(
      ReportFigure(
        id: id, title: title, finding: finding(study),
        caption: [
          "Each point is a layer: the area under its \(Vocabulary.metricInSentence(study.headline.estimator)) curve against its mean PER over training. The line is a least-squares fit over all points with its 95 % interval; it mixes sizes and depth, so the verdict rests on ρ within runs given depth.",
          given, study.estimatorSentence(),
        ],
        alt: [
          "Scatter plots of convergence area against mean proportional effective rank, one point a layer of \(Words.counted(study.runs.count, "run")), in \(Words.counted(panels.count, "panel")).",
          given,
        ], rows: rows,
        table: TableBlock(
          caption: "Spearman's ρ of area and mean PER",
          columns: [
            Column("Pair", .text), Column("Layers"), Column("Pooled"),
            Column("Within runs, given depth"), Column("Interval", .text),
          ], rows: body, label: "Associations of rank and convergence")
      ) { alt in
        Figure(
          id: id, title: title, description: alt,
          note: study.withSampleSize(
            "Area under the \(Vocabulary.metricInSentence(study.headline.estimator)) curve")
            + "; line: least squares with 95 % interval".nonBreaking
            + (hasIntervals ? "; thin: a layer's own" : ""),
          x: .linear(title: "PER, mean over training", sharing: .none)
            .within(Vocabulary.range("per")),
          y: .linear().within(Vocabulary.range(study.headline.estimator)),
          series: study.runSeries, panels: panels)
      })
  }

  /// The least-squares line over the range of `x` and its 95 % interval (of the mean).
  static func fit(_ x: [Double], _ y: [Double]) -> [Mark] {
    guard x.count >= 3, let fit = LineFit(x: x, y: y), let error = fit.standardError,
      let low = x.min(), let high = x.max(), low < high
    else { return [] }
    let count = Double(x.count)
    let centre = x.reduce(0, +) / count
    let spread = x.reduce(0) { $0 + ($1 - centre) * ($1 - centre) }
    let t = StudentT(degreesOfFreedom: count - 2).quantile(0.975)
    let residual = error * spread.squareRoot()
    let places = (0...24).map { low + (high - low) * Double($0) / 24 }
    let line = places.map { fit.intercept + fit.slope * $0 }
    let half = places.map { place in
      t * residual * (1 / count + (place - centre) * (place - centre) / spread).squareRoot()
    }
    return [
      .band(
        x: places, lower: zip(line, half).map { $0 - $1 }, upper: zip(line, half).map { $0 + $1 },
        style: .fit),
      .line(x: places, y: line, style: .fit, markers: false),
    ]
  }

  private static func finding(_ study: StudyView) -> String {
    switch study.claim("C3")?.verdict {
    case .supported: "Layers of higher rank converge faster, given depth"
    case .contradicted: "Layers of higher rank do not converge faster"
    case .inconclusive: "Rank and convergence: no clear relation given depth"
    default: "Rank and convergence of each layer"
    }
  }
}

extension StudyView {
  /// The layers that have both the area under the headline's curve and the mean PER.
  func rankAndArea(
    _ run: RunView, component: String, object: String
  ) -> [(layer: Int, rank: Double, area: Double, lower: Double?, upper: Double?)] {
    let areas = convergence.layers(run, similarityQuantity(component), "area")
    let ranks = meanRank(run, component: component, object: object)
    return areas.compactMap { entry in
      guard let area = entry.value, let rank = ranks[entry.layer] else { return nil }
      return (entry.layer, rank, area, entry.lower, entry.upper)
    }
  }

  /// Each layer's PER averaged over training (trapezoid over u, METHODS section 5).
  func meanRank(_ run: RunView, component: String, object: String) -> [Int: Double] {
    guard let grid = matrix(run, component, object: object), grid.finalStep > 0 else { return [:] }
    var result: [Int: Double] = [:]
    for (row, layer) in grid.layers.enumerated() {
      let points = grid.steps.indices.filter { grid.values[row][$0].isFinite }
      guard let first = points.first, let last = points.last, first < last else { continue }
      var sum = 0.0
      for (a, b) in zip(points, points.dropFirst()) {
        sum +=
          Double(grid.steps[b] - grid.steps[a]) * (grid.values[row][a] + grid.values[row][b]) / 2
      }
      result[layer] = sum / Double(grid.steps[last] - grid.steps[first])
    }
    return result
  }
}
