import Foundation
import Plotting

/// Figures of every kind over made-up data, at the sizes and with the labels that a test asks for.
struct SampleFigures {
  var runs: [String]
  var layers: Int
  var steps: [Double]
  var components = ["MLP output", "OV activation"]
  var value: @Sendable (_ run: Int, _ layer: Int, _ u: Double) -> Double

  /// `count` checkpoints: 0, powers of two, then even steps to 143,000.
  static func steps(_ count: Int) -> [Double] {
    let early = [0.0] + (0..<10).map { Foundation.exp2(Double($0)) }
    if count <= 2 { return [0, 143_000] }
    let head = Array(early.prefix(max(1, min(early.count, count / 2))))
    let rest = count - head.count
    return head + (1...rest).map { (Double($0) / Double(rest) * 143).rounded() * 1000 }
  }

  init(
    runs: [String] = ["70M", "160M", "410M", "1.4B", "2.8B"], layers: Int = 6,
    checkpoints: Int = 27,
    value: @escaping @Sendable (Int, Int, Double) -> Double = { run, layer, u in
      let speed = 2 + Double(run)
      return 1 - (0.8 - 0.02 * Double(layer)) * exp(-speed * u * 3)
    }
  ) {
    self.runs = runs
    self.layers = layers
    self.steps = Set(Self.steps(checkpoints)).sorted()
    self.value = value
  }

  private var final: Double { steps.last ?? 1 }
  private var inner: [Double] { steps.count > 2 ? Array(steps.dropLast()) : steps }

  private func curve(_ run: Int, _ layer: Int) -> [Double] {
    inner.map { value(run, layer, log2(1 + $0) / log2(1 + final)) }
  }

  func lines() -> Figure {
    let names = (0..<layers).map { "layer \($0)" }
    var figure = Figure(
      id: "cka-by-layer", title: "CKA by layer", description: "Curves of CKA over training.",
      note: "Debiased CKA to the final step; shaded: 95 % interval over halves of the sequences",
      x: .steps(.log2), y: .linear(0...1), series: .depth(names))
    for (r, run) in runs.enumerated() {
      var marks: [Mark] = [
        .band(
          x: inner, lower: inner.map { _ in -0.02 }, upper: inner.map { _ in 0.04 }, style: .null,
          label: r == 0 ? "chance, 95 %" : ""),
        .rule(x: 0.2 * final, label: r == 0 ? "20 % of training" : ""),
        .finalPoint(x: final),
      ]
      for layer in 0..<layers {
        let v = curve(r, layer)
        marks.append(
          .band(
            x: inner, lower: v.map { $0 - 0.03 }, upper: v.map { $0 + 0.03 },
            style: .interval(names[layer])))
        marks.append(.line(x: inner, y: v, series: names[layer]))
      }
      figure.panels.append(Panel(run, detail: "\(layers) layers", marks: marks))
    }
    return figure
  }

  func boxes() -> Figure {
    var figure = Figure(
      id: "cka-by-size", title: "CKA by size", description: "Boxes of CKA per checkpoint.",
      note: "CKA to the final checkpoint; median, quartiles and range over layers",
      x: .steps(.even), y: .linear(0...1), series: .size(runs))
    for component in components {
      for (r, run) in runs.enumerated() {
        let v = curve(r, 0)
        figure.panels.append(
          Panel(
            run, detail: "\(layers) layers", row: component,
            marks: [
              .boxes(
                x: inner, median: v, lowerQuartile: v.map { $0 - 0.1 },
                upperQuartile: v.map { $0 + 0.1 }, minimum: v.map { $0 - 0.2 },
                maximum: v.map { $0 + 0.15 }, series: run),
              .rule(x: 0.2 * final, label: r == 0 ? "20 % of training" : ""),
              .finalPoint(x: final),
            ]))
      }
    }
    return figure
  }

  func heatmap() -> Figure {
    var figure = Figure(
      id: "cka-layer-step", title: "CKA by layer and step", description: "Heatmaps of CKA.",
      x: .steps(.even), y: .layers(),
      color: .sequential(0...1, title: "CKA to the final checkpoint"))
    for component in components {
      for (r, run) in runs.enumerated() {
        let values = (0..<layers).flatMap { layer in
          steps.map { value(r, layer, log2(1 + $0) / log2(1 + final)) }
        }
        let settled: [Double?] = (0..<layers).map { layer in
          inner.first { value(r, layer, log2(1 + $0) / log2(1 + final)) >= 0.9 }
        }
        figure.panels.append(
          Panel(
            run, detail: "\(layers) layers", row: component,
            marks: [
              .tiles(
                x: steps, y: (0..<layers).map(Double.init), values: values, emptyLast: true,
                settledFrom: settled), .rule(x: 0.2 * final, label: "20 %"),
            ]))
      }
    }
    return figure
  }

  func scatter() -> Figure {
    var figure = Figure(
      id: "per-against-area", title: "PER against area", description: "Scatter plots.",
      note: "Area under debiased CKA; line: least squares with 95 % interval",
      x: .linear(title: "PER, mean over training", sharing: .columns), y: .linear(),
      series: .categorical(runs))
    for (k, name) in ["MLP, weights", "OV heads, weights", "MLP, gradients", "OV, gradients"]
      .enumerated()
    {
      var marks: [Mark] = [
        .band(x: [0.3, 0.6, 0.9], lower: [0.1, 0.4, 0.5], upper: [0.5, 0.6, 1.2], style: .fit),
        .line(x: [0.3, 0.9], y: [0.3, 0.8], style: .fit),
      ]
      for (r, run) in runs.enumerated() {
        let x = (0..<layers).map { layer -> Double in
          let place = (layer * 7 + r * 3 + k) % 11
          return 0.3 + 0.6 * Double(place) / 11
        }
        let y = (0..<layers).map { layer -> Double in
          let u = Double(layer + 1) / Double(layers + 1)
          return value(r, layer, u)
        }
        marks.append(.points(x: x, y: y, series: run))
      }
      figure.panels.append(
        Panel(name, subtitle: "ρ within runs +0.60, +0.66, −0.03", marks: marks))
    }
    return figure
  }

  func bars() -> Figure {
    var figure = Figure(
      id: "share-settled", title: "Share settled", description: "Bars of the share of layers.",
      note: "Share of layers settled by 20 % of training", x: .ordinal(runs), y: .linear(0...1),
      series: .categorical(components))
    var marks: [Mark] = []
    for (c, component) in components.enumerated() {
      let y = runs.indices.map { min(1, abs(value($0, c, 0.3))) }
      marks.append(
        .bars(
          x: runs.indices.map(Double.init), y: y, lower: y.map { $0 - 0.1 },
          upper: y.map { $0 + 0.1 }, series: component))
    }
    figure.panels = [Panel("", marks: marks)]
    return figure
  }

  func agreement() -> Figure {
    let n = runs.count
    let values = (0..<n * n).map { (i: Int) -> Double in cos(Double(i / n - i % n)) }
    return Figure(
      id: "agreement", title: "Agreement", description: "A matrix of rank correlations.",
      x: .ordinal(runs), y: .ordinal(runs), color: .diverging(1, title: "Spearman's ρ"),
      panels: [
        Panel(
          "",
          marks: [
            .tiles(
              x: (0..<n).map(Double.init), y: (0..<n).map(Double.init), values: values, numbers: 2)
          ])
      ])
  }

  var all: [Figure] { [lines(), boxes(), heatmap(), scatter(), bars(), agreement()] }
}
