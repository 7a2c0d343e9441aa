import Dynamics
import Plotting
import Publishing

extension ClaimFigure {
  /// C6: what each arm did to convergence against what it did to PER of weights, one open point a seed and
  /// the arm's mean; a row of panels for each measure at equal step and at equal loss.
  func byPair(_ cells: [EvidenceCell], _ title: String) -> FigureOutcome {
    var rows = FigureRows(
      "component", "measure", "at", "arm", "runs", "change_of_per", "faster_by", "layers")
    let shown = cells.filter { !$0.arm.isEmpty && $0.metric != "per" }
    var arms: [String] = []
    for cell in shown where !arms.contains(cell.arm) { arms.append(cell.arm) }
    var places: [Place] = []
    for cell in shown where !places.contains(Place(cell)) { places.append(Place(cell)) }
    var panels: [Panel] = []
    for place in places {
      var marks: [Mark] = [.rule(x: 0, label: "", tone: .axis), .rule(y: 0, tone: .axis)]
      for cell in shown where Place(cell) == place {
        marks += points(of: cell, &rows)
      }
      guard marks.count > 2 else { continue }
      panels.append(
        Panel(Vocabulary.short(place.component), row: place.words, marks: marks))
    }
    guard !panels.isEmpty else {
      return .absent(claim.figure, title, needs: "PER of weights of an arm and of its baseline")
    }
    let seeds = Set(shown.flatMap(\.points).map(\.label)).count
    let slopes = cells.filter { $0.arm.isEmpty && $0.ground == "equal loss" }
    return .drawn(
      ReportFigure(
        id: claim.figure, title: title, finding: heading,
        caption: [
          "Each open point is a seed: the median over layers of the arm's run less that of the baseline's run of the same seed, convergence against PER of weights. Filled: the mean of the arm with its 95 % interval over seeds. Baselines lie where the lines cross."
            .nonBreaking,
          slopes.isEmpty
            ? ""
            : "Slope over all arms at equal loss, per unit of PER: "
              + Words.list(
                slopes.map { "\(brief($0)) \(Words.effect($0.effect, $0.lower, $0.upper))" })
              + ".",
          claim.sentence,
        ],
        alt: [
          "Scatter plots of the change of convergence against the change of PER of weights, one point a seed of \(Words.counted(arms.count, "arm")), \(Words.counted(panels.count, "panel"))."
            .nonBreaking,
          values(shown),
        ], rows: rows, table: table(shown.map(row))
      ) { alt in
        Figure(
          id: claim.figure, title: title, description: alt,
          note:
            "Arm less baseline, \(Words.counted(seeds, "pair")) of runs; up is faster, bars: 95 % intervals over seeds"
            .nonBreaking,
          x: .linear(title: "Change of PER of weights"), y: .linear(sharing: .rows),
          series: .categorical(arms), panels: panels)
      })
  }

  /// What a panel shows.
  private struct Place: Equatable {
    let component: String
    let measure: String
    let ground: String

    init(_ cell: EvidenceCell) {
      component = cell.component
      measure = cell.measure
      ground = cell.ground
    }

    var words: String {
      Words.capitalized(measure == "area" ? "area" : MeasureWords.name(measure)) + ", " + ground
    }
  }

  private func brief(_ cell: EvidenceCell) -> String {
    Vocabulary.short(cell.component) + " " + (cell.measure == "area" ? "area" : "settling")
  }

  /// The seeds of a cell and their mean, turned so that faster is up; nothing where PER is missing.
  private func points(of cell: EvidenceCell, _ rows: inout FigureRows) -> [Mark] {
    let turn = Measure(rawValue: cell.measure)?.orientation ?? 1
    let points = cell.points.compactMap { point in
      point.x.map { (x: $0, y: turn * point.y, point: point) }
    }
    guard !points.isEmpty else { return [] }
    let places = points.map { x, y, point in
      rows.add(
        .text(cell.component), .text(cell.measure), .text(cell.ground), .text(cell.arm),
        .text(point.label), .number(x), .number(y), .integer(point.n))
    }
    var marks: [Mark] = [
      .points(
        x: points.map(\.x), y: points.map(\.y), series: cell.arm, open: true, rows: places)
    ]
    if points.count == cell.n, let effect = cell.effect, let lower = cell.lower,
      let upper = cell.upper
    {
      let center = points.reduce(0) { $0 + $1.x } / Double(points.count)
      let mean = rows.add(
        .text(cell.component), .text(cell.measure), .text(cell.ground), .text(cell.arm),
        .text("mean"), .number(center), .number(effect), .integer(nil))
      marks.append(
        .points(
          x: [center], y: [effect], series: cell.arm, lower: [lower], upper: [upper],
          rows: [mean]))
    }
    return marks
  }
}
