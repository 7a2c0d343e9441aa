import Markup
import Plotting
import Publishing
import Statistics

/// How alike the similarity measures rank the layers: Spearman's ρ of their areas within runs.
enum MeasureAgreement {
  static let id = "measure-agreement"
  static let title = "Agreement between similarity measures"

  static func build(_ study: StudyView) -> FigureOutcome {
    let metrics = Vocabulary.similarities.filter {
      study.hasMetric($0, object: "activations")
    }
    guard metrics.count >= 3 else {
      return .absent(id, title, needs: "three similarity measures (`measure: similarity:`)")
    }
    var rows = FigureRows("component", "first", "second", "rho", "runs")
    var panels: [Panel] = []
    var body: [[Cell]] = []
    var lowest: (value: Double, component: String, a: String, b: String)?
    for component in study.components {
      var values: [Double] = []
      var places: [Int] = []
      for (i, a) in metrics.enumerated() {
        for (j, b) in metrics.enumerated() {
          let agreement = i == j ? (1.0, study.runs.count) : agreement(study, component, a, b)
          if i < j, let agreement {
            if agreement.0 < lowest?.value ?? .infinity {
              lowest = (agreement.0, component, a, b)
            }
            body.append([
              .text(Vocabulary.activation(component)), .text(Vocabulary.metric(a)),
              .text(Vocabulary.metric(b)), .number(agreement.0, decimals: 2),
              .integer(agreement.1),
            ])
          }
          values.append(agreement?.0 ?? .nan)
          places.append(
            rows.add(
              .text(component), .text(a), .text(b), .number(agreement?.0),
              .integer(agreement?.1)))
        }
      }
      let indices = metrics.indices.map(Double.init)
      panels.append(
        Panel(
          Vocabulary.activation(component),
          marks: [.tiles(x: indices, y: indices, values: values, numbers: 2, rows: places)]))
    }
    guard let lowest else {
      return .absent(id, title, needs: "a run of four layers or more")
    }
    let least =
      "The least agreement is \(Words.signed(lowest.value)), \(Vocabulary.metricInSentence(lowest.a)) with \(Vocabulary.metricInSentence(lowest.b)) on \(Vocabulary.inSentence(lowest.component))."
    let names = metrics.map(Vocabulary.metric)
    return .drawn(
      ReportFigure(
        id: id, title: title,
        finding: lowest.value >= 0.8
          ? "All measures rank the layers much alike"
          : "The measures rank the layers differently: ρ down to \(Words.signed(lowest.value))",
        caption: [
          "Spearman's ρ between two measures' areas under the curve over the layers of a run, averaged over runs of four layers or more.",
          least,
        ],
        alt: ["Matrices of rank correlation between \(Words.list(names)).", least], rows: rows,
        table: TableBlock(
          caption: "Agreement of two measures",
          columns: [
            Column("Component", .text), Column("Measure", .text), Column("With", .text),
            Column("ρ"), Column("Runs"),
          ], rows: body, label: title)
      ) { alt in
        Figure(
          id: id, title: title, description: alt, x: .ordinal(names), y: .ordinal(names),
          color: .diverging(1, title: "Spearman's ρ"), panels: panels)
      })
  }

  /// The mean over runs of ρ, and how many runs entered.
  private static func agreement(
    _ study: StudyView, _ component: String, _ a: String, _ b: String
  ) -> (Double, Int)? {
    var values: [Double] = []
    for run in study.runs {
      let first = areas(study, run, component, a)
      let second = areas(study, run, component, b)
      let shared = first.keys.filter { second[$0] != nil }.sorted()
      guard shared.count >= 4,
        let rho = spearman(shared.compactMap { first[$0] }, shared.compactMap { second[$0] })
      else { continue }
      values.append(rho)
    }
    return values.isEmpty ? nil : (values.reduce(0, +) / Double(values.count), values.count)
  }

  private static func areas(
    _ study: StudyView, _ run: RunView, _ component: String, _ metric: String
  ) -> [Int: Double] {
    Dictionary(
      study.convergence.layers(
        run, study.similarityQuantity(component, metric: metric), "area"
      ).compactMap { entry in entry.value.map { (entry.layer, $0) } },
      uniquingKeysWith: { a, _ in a })
  }
}
