import Dynamics
import Plotting
import Publishing

/// A run's singular-value spectra over training: one line a checkpoint, one panel a matrix and layer.
struct SpectraFigure {
  static let studyID = "singular-values"
  static let title = "Singular values over training"

  let run: RunView

  var id: String { "\(run.slug)-singular-values" }

  private struct Place: Hashable {
    var component: String
    var object: String
    var layer: Int
  }

  /// One spectrum, by rising rank.
  private typealias Spectrum = [SpectrumRow]

  static func absent() -> FigureOutcome {
    .absent(studyID, title, needs: "singular values, which a measured table does not hold")
  }

  func build(_ study: StudyView) -> FigureOutcome {
    let own = study.input.spectra.filter {
      $0.run == run.name && $0.step <= run.finalStep
        && ($0.object == "weights" || $0.probe.isEmpty || $0.probe == study.headline.probe
          || !study.probes.contains($0.probe))
    }
    let steps = HeadRank.spread(Set(own.map(\.step)).sorted(), to: 6)
    let layers = Self.chosen(Set(own.map(\.layer)).sorted())
    var spectra: [Place: [Int: Spectrum]] = [:]
    for row in own where steps.contains(row.step) && layers.contains(row.layer) {
      let place = Place(component: row.component, object: row.object, layer: row.layer)
      spectra[place, default: [:]][row.step, default: []].append(row)
    }
    let names = steps.map { "step \(Words.count($0))" }
    var rows = FigureRows(
      "run", "component", "object", "layer", "step", "rank", "count", "singular_value",
      "of_largest")
    var panels: [Panel] = []
    var columns: [StepTable.Series] = []
    for object in ["weights", "gradients"] {
      for component in ["mlp", "ov"] {
        for layer in layers {
          guard
            let bySteps = spectra[Place(component: component, object: object, layer: layer)]
          else { continue }
          var marks: [Mark] = []
          var count = 0
          var halves: [Int: Double] = [:]
          for (step, name) in zip(steps, names) {
            guard let spectrum = bySteps[step]?.sorted(by: { $0.rank < $1.rank }),
              let top = spectrum.first?.value, top > 0, let last = spectrum.last
            else { continue }
            count = last.count
            let shares = spectrum.map { $0.value / top }
            if let half = spectrum.firstIndex(where: { 2 * ($0.rank + 1) >= count }) {
              halves[step] = shares[half]
            }
            marks.append(
              .line(
                x: spectrum.map { count > 1 ? Double($0.rank) / Double(count - 1) : 0 },
                y: shares.map { $0 >= Self.floor ? $0 : .nan }, series: name,
                rows: zip(spectrum, shares).map { row, share in
                  rows.add(
                    .text(run.name), .text(component), .text(object), .integer(layer),
                    .integer(step), .integer(row.rank), .integer(row.count), .number(row.value),
                    .number(share))
                }))
          }
          guard !marks.isEmpty else { continue }
          let matrix = "\(Vocabulary.short(component)) \(object)"
          panels.append(
            Panel(
              "layer \(layer)", detail: "\(Words.count(count)) values", row: matrix, marks: marks))
          columns.append(StepTable.Series(name: "layer \(layer)", group: matrix, values: halves))
        }
      }
    }
    guard !panels.isEmpty, let first = columns.first else {
      return .absent(id, Self.title, needs: "singular values of the run's matrices")
    }
    let sentence = Self.sentence(first)
    let isCut = panels.contains { panel in
      panel.marks.contains {
        if case .line(let line) = $0 { line.y.contains { $0.isNaN } } else { false }
      }
    }
    return .drawn(
      ReportFigure(
        id: id, title: Self.title, finding: Self.finding(columns),
        caption: [
          "Singular values of \(run.label), each spectrum divided by its largest value and drawn over relative rank (0 is the largest), one line for each of \(Words.counted(steps.count, "checkpoint")); OV is the full product over heads. A flat line is a matrix of high effective rank.",
          isCut ? "What lies below 10⁻⁴ of the largest is left out of the picture." : "", sentence,
          study.gradientSentence,
        ],
        alt: [
          "Line plots of singular values relative to the largest against relative rank, log scale, one line for each of \(Words.counted(steps.count, "step")), in \(Words.counted(panels.count, "panel")) by matrix and layer of \(run.label).",
          sentence,
        ], rows: rows,
        table: StepTable.medians(
          caption: "The singular value at half the rank, of the largest", label: Self.title,
          columns: columns)
      ) { alt in
        Figure(
          id: id, title: Self.title, description: alt,
          note: "Singular value, of the largest (log scale)",
          x: .linear(0...1, title: "Relative rank"), y: .log10(sharing: .rows).within(0...1),
          series: .size(names), panels: panels)
      })
  }

  /// Of the largest value: below it one vanishing value would press all others together.
  private static let floor = 1e-4

  /// The first, the middle and the last layer.
  private static func chosen(_ layers: [Int]) -> [Int] {
    layers.count <= 3 ? layers : [layers[0], layers[layers.count / 2], layers[layers.count - 1]]
  }

  private static func sentence(_ series: StepTable.Series) -> String {
    let steps = series.values.keys.sorted()
    guard let first = steps.first, let last = steps.last, first < last,
      let from = series.values[first], let to = series.values[last]
    else { return "" }
    return
      "At half the rank \(series.group) of \(series.name) stand at \(Words.number(from)) of the largest value at step \(Words.count(first)) and at \(Words.number(to)) at step \(Words.count(last))."
  }

  private static func finding(_ columns: [StepTable.Series]) -> String {
    var fell = 0
    var known = 0
    for column in columns {
      let steps = column.values.keys.sorted()
      guard let first = steps.first, let last = steps.last, first < last,
        let from = column.values[first], let to = column.values[last]
      else { continue }
      known += 1
      if to < from { fell += 1 }
    }
    guard known > 0 else { return title }
    return fell == known
      ? "Every spectrum grows steeper in training"
      : fell == 0
        ? "No spectrum grows steeper in training"
        : "\(fell) of \(known) spectra grow steeper in training"
  }
}
