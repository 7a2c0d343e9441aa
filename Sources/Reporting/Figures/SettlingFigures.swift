import Dynamics
import Markup
import Plotting
import Publishing

/// When layers settle: by depth, and how the share of settled layers depends on the threshold.
enum SettlingFigures {
  /// Settling time by relative depth.
  static func byDepth(_ study: StudyView) -> FigureOutcome {
    let id = "settling-by-depth"
    let title = "Settling by depth"
    // Far enough above the end of training for a label of its own.
    let never = 1.3
    var hasIntervals = false
    var rows = FigureRows(
      "run", "component", "layer", "relative_depth", "settling_0.9", "lower", "upper")
    var panels: [Panel] = []
    var body: [[Cell]] = []
    var neverCount = 0
    var total = 0
    for component in study.components {
      var marks: [Mark] = []
      for run in study.runs {
        let layers = study.convergence.layers(
          run, study.similarityQuantity(component), "settling_0.9")
        guard layers.count > 1 else { continue }
        let depth = layers.map { Double($0.layer) / Double(max(1, run.layers - 1)) }
        let places = zip(layers, depth).map { layer, depth in
          rows.add(
            .text(run.name), .text(component), .integer(layer.layer), .number(depth),
            .number(layer.value), .number(layer.lower), .number(layer.upper))
        }
        // An interval without an end reaches to the layers that never settle.
        let isKnown = layers.map { $0.lower != nil || $0.upper != nil }
        if isKnown.contains(true) { hasIntervals = true }
        neverCount += layers.count { $0.value == nil }
        total += layers.count
        marks.append(
          .line(
            x: depth, y: layers.map { $0.value ?? never }, series: run.label,
            lower: zip(layers, isKnown).map { $1 ? $0.lower ?? never : .nan },
            upper: zip(layers, isKnown).map { $1 ? $0.upper ?? never : .nan }, rows: places))
        let half = layers.filter { $0.layer * 2 < run.layers }
        let rest = layers.filter { $0.layer * 2 >= run.layers }
        body.append([
          .text(run.name), .text(Vocabulary.activation(component)), .integer(layers.count),
          share(half.map(\.value)), share(rest.map(\.value)),
          .integer(layers.count { $0.value == nil }),
        ])
      }
      guard !marks.isEmpty else { continue }
      panels.append(
        Panel(
          Vocabulary.activation(component),
          marks: [
            .rule(y: 0.2, label: panels.isEmpty ? "20 % of training" : "")
          ] + marks))
    }
    guard !panels.isEmpty else {
      return .absent(
        id, title, needs: "four checkpoints of a similarity in a run of two layers or more")
    }
    let count =
      neverCount == 0
      ? "Every layer settles before the final step."
      : "\(neverCount) of \(total) layer curves never settle (top)."
    return .drawn(
      ReportFigure(
        id: id, title: title, finding: finding(study),
        caption: [
          "The fraction of training from which a layer stays at 0.9 or more, by relative depth (0 is the first layer, 1 the last).",
          count,
          hasIntervals
            ? "Thin uprights: 95 % intervals over halves of the sequences.".nonBreaking : "",
          study.estimatorSentence(), study.layoutSentence(study.components),
        ],
        alt: [
          "Line plots of settling time against relative depth, one line for each of \(Words.counted(study.runs.count, "run")), for \(Words.list(study.components.map(Vocabulary.inSentence))).",
          count,
        ], rows: rows,
        table: TableBlock(
          caption: "Median settling time of the lower and the upper half of the layers",
          columns: [
            Column("Run", .text), Column("Component", .text), Column("Layers"),
            Column("Lower half"), Column("Upper half"), Column("Never"),
          ], rows: body, label: "Settling by depth")
      ) { alt in
        var share = Axis.values(
          [(0, "0"), (0.5, "50 %"), (1, "100 %"), (never, "never")]
            .map { ($0.0, $0.1.nonBreaking) }, on: .linear)
        share.domain = 0...(neverCount > 0 ? never : 1)
        return Figure(
          id: id, title: title, description: alt,
          note: study.withSampleSize("Settling at 0.9, share of training")
            + (hasIntervals ? "; thin: 95 % interval".nonBreaking : ""),
          x: .linear(0...1, title: "Relative depth"), y: share, series: study.runSeries,
          panels: panels)
      })
  }

  /// Share of layers settled by 20 % of training against the threshold q.
  static func byThreshold(_ study: StudyView) -> FigureOutcome {
    let id = "settled-by-threshold"
    let title = "Share settled by threshold"
    var rows = FigureRows("run", "component", "q", "share", "layers")
    var panels: [Panel] = []
    var body: [[Cell]] = []
    var sentences: [String] = []
    for component in study.components {
      var marks: [Mark] = []
      var atNine: [Double] = []
      var atEight: [Double] = []
      for run in study.runs {
        let shares = study.settledShares(run, component)
        guard !shares.isEmpty else { continue }
        let places = shares.map { share in
          rows.add(
            .text(run.name), .text(component), .number(share.q), .number(share.share),
            .integer(share.n))
        }
        marks.append(
          .line(
            x: shares.map(\.q), y: shares.map(\.share), series: run.label, style: .stepped,
            rows: places))
        func value(_ q: Double) -> Double? { shares.first { abs($0.q - q) < 1e-9 }?.share }
        if let eight = value(0.8), let nine = value(0.9) {
          atEight.append(eight)
          atNine.append(nine)
        }
        body.append(
          [.text(run.name), .text(Vocabulary.activation(component))]
            + [0.5, 0.7, 0.8, 0.9, 0.95].map { q in value(q).map { Cell.percent($0) } ?? .none })
      }
      guard !marks.isEmpty else { continue }
      if let low = atEight.min(), let high = atEight.max(), let low9 = atNine.min(),
        let high9 = atNine.max()
      {
        sentences.append(
          "\(Vocabulary.short(component)) \(range(low, high)) at q = 0.8 and \(range(low9, high9)) at 0.9"
        )
      }
      panels.append(
        Panel(
          Vocabulary.activation(component),
          marks: [.rule(x: 0.9, label: panels.isEmpty ? "q of the claim" : "")] + marks))
    }
    guard !panels.isEmpty else {
      return .absent(id, title, needs: "four checkpoints of a similarity before the final one")
    }
    let numbers = sentences.isEmpty ? "" : "Shares: \(sentences.joined(separator: "; "))."
    return .drawn(
      ReportFigure(
        id: id, title: title, finding: "How many layers count as settled depends on the threshold",
        caption: [
          "Share of layers whose CKA stays at or above q from 20 % of training on, against q."
            .nonBreaking,
          numbers, study.estimatorSentence(),
        ],
        alt: [
          "Step lines of the share of layers settled by 20 % of training against the threshold, one line for each of \(Words.counted(study.runs.count, "run")), for \(Words.list(study.components.map(Vocabulary.inSentence)))."
            .nonBreaking,
          numbers,
        ], rows: rows,
        table: TableBlock(
          caption: "Share of layers settled by 20 % of training",
          columns: [Column("Run", .text), Column("Component", .text)]
            + ["0.5", "0.7", "0.8", "0.9", "0.95"].map { Column("q = \($0)") }, rows: body,
          label: "Settled shares")
      ) { alt in
        Figure(
          id: id, title: title, description: alt,
          note: study.withSampleSize("Share of layers settled by 20 % of training".nonBreaking),
          x: .linear(0.5...1, title: "Threshold q for CKA to the final checkpoint"),
          y: .linear(0...1, format: .percent), series: study.runSeries, panels: panels)
      })
  }

  private static func range(_ low: Double, _ high: Double) -> String {
    Words.percent(low) == Words.percent(high)
      ? Words.percent(low) : "\(Words.percent(low)) to \(Words.percent(high))"
  }

  /// The median settling time; "never" where it falls on a layer that never settles.
  private static func share(_ values: [Double?]) -> Cell {
    guard !values.isEmpty else { return .none }
    let sorted = values.map { $0 ?? .infinity }.sorted()
    let middle = sorted.count / 2
    let median =
      sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    return median.isFinite ? .percent(median) : .shown("never", sort: 2)
  }

  private static func finding(_ study: StudyView) -> String {
    switch study.claim("C4")?.verdict {
    case .supported: "Lower layers settle earlier"
    case .contradicted: "Lower layers do not settle earlier"
    default: "When each layer settles, by depth"
    }
  }
}
