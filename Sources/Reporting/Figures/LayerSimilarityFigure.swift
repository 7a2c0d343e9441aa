package import Dynamics
import Markup
import Plotting
import Publishing

/// CKA of every layer at one checkpoint with every layer at another, as matrices.
struct LayerSimilarityFigure {
  static let studyID = "layer-similarity"
  static let title = "Similarity of every layer with every other"

  let id: String
  /// Whose layers are compared: a run's name, and what words call it.
  let name: String
  let label: String
  let rows: [LayerSimilarityRow]

  /// The study's own: `RUN-layer-similarity`, on the headline's estimator and probe.
  static func of(_ run: RunView, _ study: StudyView) -> LayerSimilarityFigure {
    let own = study.input.layerSimilarities.filter {
      $0.run == run.name && $0.probe == study.headline.probe
    }
    let metric =
      own.contains { $0.metric == study.headline.estimator } ? study.headline.estimator : "cka"
    return LayerSimilarityFigure(
      id: "\(run.slug)-layer-similarity", name: run.name, label: run.label,
      rows: own.filter { $0.metric == metric })
  }

  static func absent() -> FigureOutcome {
    .absent(
      studyID, title,
      needs: "activations of two layers at once: a measured table compares a layer with itself")
  }

  func build() -> FigureOutcome {
    var table = FigureRows(
      "run", "component", "step", "other_step", "layer", "other_layer", "value")
    var panels: [Panel] = []
    var body: [[Cell]] = []
    var all: [Double] = []
    var beyond = 0
    var compared = 0
    // The pair of different checkpoints first, then the reference with itself.
    let pairs = Set(rows.map { Pair(step: $0.step, other: $0.otherStep) }).sorted {
      ($0.step == $0.other ? 1 : 0, $0.step, $0.other)
        < ($1.step == $1.other ? 1 : 0, $1.step, $1.other)
    }
    for component in Vocabulary.components {
      for pair in pairs {
        let own = rows.filter {
          $0.component == component && $0.step == pair.step && $0.otherStep == pair.other
        }
        guard !own.isEmpty else { continue }
        let layers = Set(own.map(\.layer)).sorted()
        let others = Set(own.map(\.otherLayer)).sorted()
        var values = [Double](repeating: .nan, count: layers.count * others.count)
        var places = [Int](repeating: 0, count: values.count)
        var byLayer: [Int: [LayerSimilarityRow]] = [:]
        for row in own { byLayer[row.layer, default: []].append(row) }
        for (r, layer) in layers.enumerated() {
          let line = Dictionary(
            (byLayer[layer] ?? []).map { ($0.otherLayer, $0.value) },
            uniquingKeysWith: { a, _ in a })
          for (c, other) in others.enumerated() {
            let value = line[other] ?? .nan
            values[r * others.count + c] = value
            places[r * others.count + c] = table.add(
              .text(name), .text(component), .integer(pair.step), .integer(pair.other),
              .integer(layer), .integer(other), .number(value))
            if value.isFinite { all.append(value) }
          }
          guard pair.step != pair.other, let same = line[layer], same.isFinite,
            let best = line.filter({ $0.value.isFinite }).max(by: {
              $0.value == $1.value ? $0.key > $1.key : $0.value < $1.value
            })
          else { continue }
          compared += 1
          if best.key != layer { beyond += 1 }
          body.append([
            .text(Vocabulary.activation(component)), .integer(layer),
            .number(same, decimals: 3), .integer(best.key), .number(best.value, decimals: 3),
          ])
        }
        panels.append(
          Panel(
            Vocabulary.activation(component),
            row: pair.step == pair.other
              ? "Step \(Words.count(pair.step)) with itself"
              : "Step \(Words.count(pair.step)) with step \(Words.count(pair.other))",
            marks: [
              .tiles(
                x: others.map(Double.init), y: layers.map(Double.init), values: values,
                rows: places)
            ]))
      }
    }
    guard !panels.isEmpty, let low = all.min(), let high = all.max(), let first = rows.first else {
      return .absent(id, Self.title, needs: "activations of two layers at once")
    }
    let estimator = Vocabulary.metric(first.metric)
    let own =
      compared == 0
      ? ""
      : beyond == 0
        ? "Every one of the \(compared) layers is closest to itself at the later checkpoint."
        : "\(beyond) of \(compared) layers are closer to another layer of the later checkpoint than to themselves."
    let range = "Values lie between \(Words.number(low)) and \(Words.number(high))."
    let size = first.n.map { "n = \(Words.count($0)) sequences" } ?? ""
    let bottom = low < -0.005 ? (low * 10).rounded(.down) / 10 : 0
    return .drawn(
      ReportFigure(
        id: id, title: Self.title,
        finding: compared == 0
          ? range
          : beyond == 0
            ? "Each layer is closest to itself"
            : "\(beyond) of \(compared) layers are closest to another layer",
        caption: [
          "\(estimator) of every layer of \(label) at one checkpoint (upwards from the input) with every layer at another (from left to right). The diagonal compares a layer with itself.",
          own, range, size.isEmpty ? "" : "\(Words.capitalized(size)).",
        ],
        alt: [
          "Heatmaps of \(Vocabulary.metricInSentence(first.metric)) between layers of \(label), layer by layer, \(Words.counted(panels.count, "panel")).",
          range, own,
        ], rows: table,
        table: TableBlock(
          caption: "Each layer, itself and the layer it is closest to",
          columns: [
            Column("Component", .text), Column("Layer"), Column("With itself"),
            Column("Closest layer"), Column("Its value"),
          ], rows: body, label: Self.title)
      ) { alt in
        Figure(
          id: id, title: Self.title, description: alt,
          note: "Upwards: layers of the earlier checkpoint",
          x: .layers(title: "Layer of the later checkpoint", sharing: .all),
          y: .layers(sharing: .all),
          color: .sequential(
            bottom...1, title: size.isEmpty ? estimator : "\(estimator), \(size)"), panels: panels,
          squarePanels: true)
      })
  }

  private struct Pair: Hashable {
    var step: Int
    var other: Int
  }
}

extension Report {
  /// The figure of two checkpoints compared layer by layer, as files: `layer-similarity.svg`, `.dark.svg`,
  /// `.pdf`, `.png` and the rest that a report's figure has. Empty where no value is defined.
  package static func layerSimilarity(
    _ rows: [LayerSimilarityRow], of name: String
  ) throws -> [(name: String, bytes: [UInt8])] {
    let figure = LayerSimilarityFigure(
      id: LayerSimilarityFigure.studyID, name: name, label: name, rows: rows)
    guard case .drawn(let drawn) = figure.build() else { return [] }
    return try FigureDrawing().draw(drawn).named
  }
}
