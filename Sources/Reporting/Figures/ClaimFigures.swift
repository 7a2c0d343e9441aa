import Dynamics
import Foundation
import Markup
import Plotting
import Publishing

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
      panels.append(
        Panel(
          cellName(cell), subtitle: "slope \(Words.effect(cell.effect, cell.lower, cell.upper))",
          y: .linear(sharing: .none),
          marks: fit + [.points(x: sizes, y: points.map(\.point.y), rows: places)]))
      body.append(row(cell))
    }
    let sentence = claim.sentence
    let sorted = ticks.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    return .drawn(
      ReportFigure(
        id: claim.figure, title: title, finding: heading,
        caption: [
          "Each point is a size. Line and band: least squares on log₁₀ of the parameters with its 95 % interval. Layers of one model are no replicates of its size, so the size is the unit."
            .nonBreaking, sentence,
        ],
        alt: [
          "Scatter plots over model size with fitted lines and 95 % intervals, \(Words.counted(panels.count, "panel"))."
            .nonBreaking,
          values(cells),
        ], rows: rows, table: table(body)
      ) { alt in
        Figure(
          id: claim.figure, title: title, description: alt,
          x: .values(sorted, on: .log10, title: "Parameters, log scale"), y: .linear(),
          panels: panels)
      })
  }

  /// One point a run with its own coefficient.
  private func byRun(_ study: StudyView, _ cells: [EvidenceCell], _ title: String) -> FigureOutcome
  {
    var rows = FigureRows("component", "object", "measure", "run", "estimate", "layers")
    var panels: [Panel] = []
    var body: [[Cell]] = []
    let names = study.runs.map(\.name)
    for cell in cells {
      var marks: [Mark] = [.rule(y: 0, tone: .axis)]
      if let lower = cell.lower, let upper = cell.upper, let effect = cell.effect {
        let ends = [-0.4, Double(names.count) - 0.6]
        marks.append(.band(x: ends, lower: [lower, lower], upper: [upper, upper], style: .fit))
        marks.append(.line(x: ends, y: [effect, effect], style: .fit, markers: false))
      }
      let points = cell.points.compactMap { point in
        names.firstIndex(of: point.label).map { (Double($0), point, point.label) }
      }.sorted { $0.0 < $1.0 }
      guard !points.isEmpty else { continue }
      let places = points.map { _, point, name in
        rows.add(
          .text(cell.component), .text(cell.object), .text(cell.measure), .text(name),
          .number(point.y), .integer(point.n))
      }
      marks.append(.points(x: points.map(\.0), y: points.map(\.1.y), rows: places))
      panels.append(
        Panel(
          cellName(cell),
          subtitle: "\(combinedName) \(Words.effect(cell.effect, cell.lower, cell.upper))",
          marks: marks))
      body.append(row(cell))
    }
    return .drawn(
      ReportFigure(
        id: claim.figure, title: title, finding: heading,
        caption: [
          "Each point is a run's own coefficient over its layers. Line and band: the runs combined by random effects, with the 95 % interval over runs."
            .nonBreaking, claim.sentence,
        ],
        alt: [
          "Dot plots of one coefficient a run with the combined estimate and its 95 % interval, \(Words.counted(panels.count, "panel"))."
            .nonBreaking,
          values(cells),
        ], rows: rows, table: table(body)
      ) { alt in
        Figure(
          id: claim.figure, title: title, description: alt,
          note: "Spearman's ρ within a run, turned so that up is as claimed",
          x: .ordinal(names), y: .linear(-1...1), panels: panels)
      })
  }

  private var combinedName: String { "ρ" }

  private var heading: String {
    switch claim.verdict {
    case .supported: "The evidence lies on the claimed side"
    case .contradicted: "The evidence lies against the claim"
    case .inconclusive: "The evidence leaves the sign open"
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

  private func cellName(_ cell: EvidenceCell) -> String {
    var parts = [Vocabulary.short(cell.component)]
    if !cell.object.isEmpty, cell.object != "activations" { parts.append(cell.object) }
    return parts.joined(separator: " ") + ", " + MeasureWords.name(cell.measure)
      + (cell.window == .late || cell.window == .commonLate ? ", late" : "")
  }

  private func values(_ cells: [EvidenceCell]) -> String {
    Words.list(
      cells.prefix(4).map { cell in
        "\(cellName(cell)): \(Words.effect(cell.effect, cell.lower, cell.upper))"
      }) + "."
  }

  private func row(_ cell: EvidenceCell) -> [Cell] {
    [
      .text(cellName(cell)),
      .text(cell.decides ? "decides" : "shown beside"),
      .verdict(ClaimWords.state(cell.verdict)),
      .text(Words.effect(cell.effect, cell.lower, cell.upper)),
      .text(cell.q.map { Words.number($0, decimals: 3) } ?? Words.nothing), .integer(cell.n),
    ]
  }

  private func table(_ body: [[Cell]]) -> TableBlock {
    TableBlock(
      caption: "The cells of \(claim.id.rawValue); positive is as claimed",
      columns: [
        Column("Cell", .text), Column("Part", .text), Column("Verdict", .text), Column("Effect"),
        Column("q"), Column("n"),
      ], rows: body, label: "Cells of \(claim.id.rawValue)")
  }
}
