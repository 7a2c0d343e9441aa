import Dynamics
import Plotting
import Publishing

extension ClaimFigure {
  /// C6: one point a seed, the difference between an arm's run and the baseline's; a panel for each
  /// component, arm, and equal step or loss.
  func byPair(_ cells: [EvidenceCell], _ title: String) -> FigureOutcome {
    var rows = FigureRows("component", "cell", "baseline", "arm_run", "difference", "layers")
    // A pair's label names the arm's run, then the baseline's, which is the seed.
    func runs(_ point: EvidencePoint) -> (arm: String, baseline: String) {
      let parts = point.label.split(separator: ",", maxSplits: 1).map(String.init)
      return (parts[0], parts.count > 1 ? String(parts[1].dropFirst()) : parts[0])
    }
    var names: [String] = []
    for point in cells.flatMap(\.points) where !names.contains(runs(point).baseline) {
      names.append(runs(point).baseline)
    }
    names.sort()
    var panels: [Panel] = []
    var body: [[Cell]] = []
    for cell in cells {
      var marks = effect(of: cell, across: names.count)
      let points = cell.points.compactMap { point in
        names.firstIndex(of: runs(point).baseline).map { (x: Double($0), point: point) }
      }.sorted { $0.x < $1.x }
      let places = points.map { _, point in
        rows.add(
          .text(cell.component), .text(cell.detail), .text(runs(point).baseline),
          .text(runs(point).arm), .number(point.y), .integer(point.n))
      }
      marks.append(.points(x: points.map(\.x), y: points.map(\.point.y), rows: places))
      panels.append(
        Panel(
          cellName(cell),
          subtitle: Words.effect(cell.effect, cell.lower, cell.upper).unbrokenInterval,
          marks: marks))
      body.append(row(cell))
    }
    guard !panels.isEmpty else {
      return .absent(claim.figure, title, needs: "an arm beside its baseline")
    }
    return .drawn(
      ReportFigure(
        id: claim.figure, title: title, finding: heading,
        caption: [
          "Each point is a seed: the median over layers of the arm's run less that of the baseline's. Line and band: their mean with its 95 % interval over seeds."
            .nonBreaking, claim.sentence,
        ],
        alt: [
          "Dot plots of one difference a seed with the mean and its 95 % interval, \(Words.counted(panels.count, "panel"))."
            .nonBreaking,
          values(cells),
        ], rows: rows, table: table(body)
      ) { alt in
        Figure(
          id: claim.figure, title: title, description: alt,
          note: "Arm less baseline, \(Words.counted(names.count, "seed")); up is as claimed",
          x: .ordinal(names), y: .linear(), panels: panels)
      })
  }
}
