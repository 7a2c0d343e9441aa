import Dynamics
import Foundation
import Markup
import Plotting
import Publishing
import Statistics

/// The figure of a claim, drawn from the cells that decided it.
struct ClaimFigure {
  let claim: Claim

  func build(_ study: StudyView) -> FigureOutcome {
    let cells = claim.evidence.filter { !$0.points.isEmpty }
    let title = "Evidence for \(claim.id.rawValue)" + probeSuffix(study)
    guard !cells.isEmpty else {
      return .absent(
        claim.figure, title,
        needs: claim.needs.isEmpty ? "cells with values" : Words.list(claim.needs))
    }
    switch claim.id {
    case .c1, .c2, .c5: return bySize(study, cells, title)
    case .c6: return byPair(cells, title)
    default: return byRun(study, cells, title)
    }
  }

  /// One point a size, the least-squares trend on log₁₀ of the parameters with its interval.
  private func bySize(_ study: StudyView, _ cells: [EvidenceCell], _ title: String) -> FigureOutcome
  {
    var rows = FigureRows("component", "object", "measure", "window", "parameters", "value", "runs")
    var panels: [Panel] = []
    var body: [[Cell]] = []
    var ticks: [Double: String] = [:]
    var hasLines = false
    for cell in cells {
      let points = cell.points.compactMap { point in point.x.map { (x: $0, point: point) } }
        .sorted { $0.x < $1.x }
      guard !points.isEmpty else { continue }
      let sizes = points.map { pow(10, $0.x) }
      for size in sizes { ticks[size] = Words.parameters(Int(size.rounded())) }
      let places = zip(points, sizes).map { point, size in
        rows.add(
          .text(cell.component), .text(cell.object), .text(cell.measure),
          .text(cell.window.rawValue), .integer(Int(size.rounded())),
          .number(point.point.y), .text(point.point.label))
      }
      let fit = RankAgainstArea.fit(points.map(\.x), points.map(\.point.y)).map(onSizes)
      if !fit.isEmpty { hasLines = true }
      panels.append(
        Panel(
          cellName(cell), subtitle: slope(cell),
          y: .linear(sharing: .none).within(MeasureWords.range(cell.measure, of: cell.metric)),
          marks: fit + [.points(x: sizes, y: points.map(\.point.y), rows: places)]))
      body.append(row(cell))
    }
    let sentence = claim.sentence
    let sorted = ticks.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    return .drawn(
      ReportFigure(
        id: claim.figure, title: title, finding: heading,
        caption: [
          "Each point is a size.",
          hasLines
            ? "Line and band: least squares on log₁₀ of the parameters with its 95 % interval."
              .nonBreaking : "",
          "Layers of one model are no replicates of its size, so the size is the unit.", sentence,
        ],
        alt: [
          "Scatter plots over model size\(hasLines ? " with fitted lines and 95 % intervals" : ""), \(Words.counted(panels.count, "panel"))."
            .nonBreaking,
          Words.list(cells.prefix(4).map { "\(cellName($0)): \(slope($0))" }) + ".",
        ], rows: rows, table: table(body)
      ) { alt in
        Figure(
          id: claim.figure, title: title, description: alt,
          note: "One point a size, n = \(sorted.count)"
            + (cells.contains { $0.effect != nil } ? "; slope per tenfold parameters" : "")
            + (cells.contains { $0.lower != nil } ? ", 95 % interval".nonBreaking : ""),
          x: .values(sorted, on: .log10, title: "Parameters, log scale"), y: .linear(),
          panels: panels)
      })
  }

  /// One point a run with its own coefficient.
  private func byRun(_ study: StudyView, _ cells: [EvidenceCell], _ title: String) -> FigureOutcome
  {
    var rows = FigureRows(
      "component", "object", "measure", "run", "estimate", "lower", "upper", "layers")
    var panels: [Panel] = []
    var body: [[Cell]] = []
    let labels = Set(cells.flatMap(\.points).map(\.label))
    let names = study.runs.map(\.name).filter(labels.contains)
    var hasIntervals = false
    for cell in cells {
      let turn = orientation(cell)
      var marks = effect(of: cell, across: names.count)
      let points = cell.points.compactMap { point in
        names.firstIndex(of: point.label).map { (Double($0), point, point.label) }
      }.sorted { $0.0 < $1.0 }
      guard !points.isEmpty else { continue }
      let own = points.map { _, _, name in interval(study, cell, run: name, turn: turn) }
      if own.contains(where: { $0 != nil }) { hasIntervals = true }
      let places = zip(points, own).map { point, interval in
        rows.add(
          .text(cell.component), .text(cell.object), .text(cell.measure), .text(point.2),
          .number(turn * point.1.y), .number(interval?.lowerBound), .number(interval?.upperBound),
          .integer(point.1.n))
      }
      marks.append(
        .points(
          x: points.map(\.0), y: points.map { turn * $0.1.y },
          lower: own.map { $0?.lowerBound ?? .nan }, upper: own.map { $0?.upperBound ?? .nan },
          rows: places))
      panels.append(
        Panel(
          cellName(cell),
          subtitle: cell.effect == nil
            ? ""
            : "ρ \(Words.effect(cell.effect, cell.lower, cell.upper).unbrokenInterval)",
          marks: marks))
      body.append(row(cell))
    }
    guard !panels.isEmpty else {
      return .absent(claim.figure, title, needs: "a coefficient of a run by itself")
    }
    return .drawn(
      ReportFigure(
        id: claim.figure, title: title, finding: heading,
        caption: [
          "Each point is a run's own coefficient over its layers.",
          cells.contains { $0.lower != nil }
            ? "Line and band: the runs combined by random effects, with the 95 % interval over runs."
              .nonBreaking : "",
          hasIntervals
            ? "Thin uprights: each run's own 95 % interval, a bootstrap over its layers, descriptive."
              .nonBreaking : "",
          cells.contains { $0.n > 0 && $0.points.count > $0.n }
            ? "A run with too few layers for an interval has a point, but does not enter." : "",
          claim.sentence,
        ],
        alt: [
          "Dot plots of one coefficient a run\(cells.contains { $0.lower != nil } ? " with the combined estimate and its 95 % interval" : ""), \(Words.counted(panels.count, "panel"))."
            .nonBreaking,
          values(cells),
        ], rows: rows, table: table(body)
      ) { alt in
        Figure(
          id: claim.figure, title: title, description: alt,
          note:
            "Spearman's ρ within a run, \(Words.counted(names.count, "run")), turned so that up is as claimed"
            + (hasIntervals ? "; thin: a run's own 95 % interval".nonBreaking : ""),
          x: .ordinal(names.map(study.label(of:))), y: .linear(-1...1), panels: panels)
      })
  }

  /// Whether cells of several similarities stand side by side.
  private var readsEstimators: Bool { Set(claim.evidence.map(\.metric)).count > 1 }

  /// −1 where a low value of the cell's measure is as claimed: effects are turned, points are not.
  private func orientation(_ cell: EvidenceCell) -> Double {
    cell.object.isEmpty ? 1 : Measure(rawValue: cell.measure)?.orientation ?? 1
  }

  /// The slope of the line as it is drawn, not turned.
  private func slope(_ cell: EvidenceCell) -> String {
    guard let effect = cell.effect else { return "too few sizes" }
    let turn = orientation(cell)
    let ends = [cell.lower, cell.upper].map { $0.map { turn * $0 } }
    return "slope "
      + Words.effect(turn * effect, ends[turn < 0 ? 1 : 0], ends[turn < 0 ? 0 : 1])
      .unbrokenInterval
  }

  /// The interval of a run's own coefficient, turned like the cell's effect; nil where there is none.
  private func interval(
    _ study: StudyView, _ cell: EvidenceCell, run: String, turn: Double
  ) -> ClosedRange<Double>? {
    let row = study.input.analysis.associations.first {
      let key = $0.key
      return key.run == run && key.component == cell.component && key.object == cell.object
        && key.metric == cell.metric && key.measure.rawValue == cell.measure
        && key.perMeasure == Measure.mean.rawValue && key.variant == cell.variant
        && key.rows == study.headline.rows && key.probe == claim.probe
        && key.window == cell.window && key.method == .spearman
        && key.scope == .withinGivenDepth
    }
    guard let low = row?.lower, let high = row?.upper, low.isFinite, high.isFinite else {
      return nil
    }
    return min(turn * low, turn * high)...max(turn * low, turn * high)
  }

  var heading: String {
    switch claim.verdict {
    case .supported: "The evidence lies on the claimed side"
    case .contradicted: "The evidence lies against the claim"
    case .inconclusive:
      // An interval on one side leaves no sign open: other cells, or q, keep the claim undecided.
      (claim.lower ?? 0) > 0 || (claim.upper ?? 0) < 0 || claim.lower == claim.upper
        ? "The evidence does not decide" : "The evidence leaves the sign open"
    case .notEnoughData: "What there is so far"
    }
  }

  private func onSizes(_ mark: Mark) -> Mark {
    switch mark {
    case .line(var line):
      line.x = line.x.map { pow(10, $0) }
      return .line(line)
    case .band(var band):
      band.x = band.x.map { pow(10, $0) }
      return .band(band)
    default: return mark
    }
  }

  private func probeSuffix(_ study: StudyView) -> String {
    study.probes.count > 1 && !claim.probe.isEmpty ? ", probe \(claim.probe)" : ""
  }

  /// Zero, and the cell's effect with its interval as a line and a band across `count` places.
  func effect(of cell: EvidenceCell, across count: Int) -> [Mark] {
    let zero = Mark.rule(y: 0, tone: .axis)
    guard let lower = cell.lower, let upper = cell.upper, let effect = cell.effect else {
      return [zero]
    }
    let ends = [-0.4, Double(count) - 0.6]
    return [
      zero, .band(x: ends, lower: [lower, lower], upper: [upper, upper], style: .fit),
      .line(x: ends, y: [effect, effect], style: .fit, markers: false),
    ]
  }

  func cellName(_ cell: EvidenceCell) -> String {
    var parts = [Vocabulary.short(cell.component)]
    if !cell.object.isEmpty, cell.object != "activations" { parts.append(cell.object) }
    return parts.joined(separator: " ") + ", " + MeasureWords.name(cell.measure)
      + (cell.window == .late || cell.window == .commonLate ? ", late" : "")
      + (readsEstimators ? ", " + Vocabulary.metricInSentence(cell.metric) : "")
      + (cell.detail.isEmpty ? "" : ", " + cell.detail)
  }

  func values(_ cells: [EvidenceCell]) -> String {
    Words.list(
      cells.prefix(4).map { cell in
        "\(cellName(cell)): \(Words.effect(cell.effect, cell.lower, cell.upper))"
      }) + "."
  }

  func row(_ cell: EvidenceCell) -> [Cell] {
    [
      .text(cellName(cell)),
      .text(cell.decides ? "decides" : "shown beside"),
      .verdict(ClaimWords.state(cell.verdict)),
      .text(Words.effect(cell.effect, cell.lower, cell.upper)),
      .text(Words.probability(cell.q)), .integer(cell.n),
    ]
  }

  func table(_ body: [[Cell]]) -> TableBlock {
    TableBlock(
      caption: "The cells of \(claim.id.rawValue); positive is as claimed",
      columns: [
        Column("Cell", .text), Column("Part", .text), Column("Verdict", .text), Column("Effect"),
        Column("q"), Column("n"),
      ], rows: body, label: "Cells of \(claim.id.rawValue)")
  }
}
