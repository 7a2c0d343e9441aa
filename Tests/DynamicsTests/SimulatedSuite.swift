import Foundation
import Statistics

@testable import Dynamics

/// Tables of runs that never were, with known effects.
struct SimulatedSuite {
  /// How speed and rank vary over the layers of a run.
  enum Depth: String, CaseIterable {
    /// Independent from layer to layer.
    case white
    /// Both fall with depth, independent given it.
    case drives
    /// Two independent smooth functions of depth (Gaussian process, length 0.2).
    case smooth
  }

  var layers = [6, 8, 12, 12, 16]
  var depth = Depth.white
  /// The part of rank that is the layer's speed, given depth: a correlation in [0, 1).
  var correlation = 0.0
  /// What log-speed gains per tenfold parameters (C1).
  var speedPerDecade = 0.0
  /// What the sizes' noise loses per tenfold parameters, as a factor's logarithm (C2).
  var calmPerDecade = 0.0
  /// What PER gains per tenfold parameters (C5).
  var rankPerDecade = 0.0
  /// Log-speed: about half of the layers settle by a fifth of training at 2.3, nearly all at 5.
  var meanSpeed = 3.0

  static let steps = [0, 1, 4, 16, 64, 100, 150, 200, 300, 500, 700, 850, 1000]

  /// A fixed range of 2.4 decades, evenly spaced in logarithm.
  private func decade(_ index: Int) -> Double {
    2.4 * (Double(index) / Double(max(1, layers.count - 1)) - 0.5)
  }

  var runs: [RunDescription] {
    layers.indices.map {
      RunDescription(
        run: "r\($0)", parameters: Int(pow(10, 7.2 + decade($0))), layers: layers[$0],
        group: "ladder")
    }
  }

  func table(_ generator: inout SeededGenerator) throws -> MeasurementTable {
    var rows: [Measurement] = []
    for index in layers.indices {
      let decade = decade(index)
      for component in ["mlp", "ov"] {
        let n = layers[index]
        let speeds = pattern(n, &generator)
        var ranks: [[Double]] = []
        for _ in 0..<2 {
          let own = pattern(n, &generator)
          let rest = (1 - correlation * correlation).squareRoot()
          ranks.append((0..<n).map { correlation * speeds[$0] + rest * own[$0] })
        }
        for layer in 0..<n {
          let speed = meanSpeed + 0.7 * speeds[layer] + speedPerDecade * decade
          let noise = 0.02 * exp(-calmPerDecade * decade)
          rows += curves(index, layer, component, speed, noise, &generator)
          for (object, rank) in zip(["weights", "gradients"], ranks) {
            let level = 0.6 + 0.03 * rank[layer] + rankPerDecade * decade
            rows += rankRows(index, layer, component, object, level)
          }
        }
      }
    }
    return try MeasurementTable(rows)
  }

  /// Speed or rank of each layer, in standard deviations.
  private func pattern(_ n: Int, _ generator: inout SeededGenerator) -> [Double] {
    switch depth {
    case .white:
      return generator.gaussians(n)
    case .drives:
      return generator.gaussians(n).enumerated().map {
        3.5 * (0.5 - Double($0.offset) / Double(n - 1)) + 0.6 * $0.element
      }
    case .smooth:
      return smooth(n, &generator)
    }
  }

  /// Draws from a Gaussian process with the squared-exponential kernel of length 0.2 over relative
  /// depth, by its Cholesky factor.
  private func smooth(_ n: Int, _ generator: inout SeededGenerator) -> [Double] {
    var factor = [[Double]](repeating: [Double](repeating: 0, count: n), count: n)
    for i in 0..<n {
      for j in 0...i {
        let distance = Double(i - j) / Double(n - 1) / 0.2
        var sum = exp(-distance * distance / 2) + (i == j ? 1e-6 : 0)
        for k in 0..<j { sum -= factor[i][k] * factor[j][k] }
        factor[i][j] = i == j ? sum.squareRoot() : sum / factor[j][j]
      }
    }
    let white = generator.gaussians(n)
    return (0..<n).map { i in (0...i).reduce(0) { $0 + factor[i][$1] * white[$1] } }
  }

  /// c(u) = 1 − (1 − c₀)(1 − u)^e^s with noise that vanishes at the end; the biased CKA above it.
  private func curves(
    _ index: Int, _ layer: Int, _ component: String, _ speed: Double, _ noise: Double,
    _ generator: inout SeededGenerator
  ) -> [Measurement] {
    Self.steps.flatMap { step -> [Measurement] in
      let u = Double(step) / 1000
      let clean = 1 - 0.8 * pow(1 - u, exp(speed))
      let c = step == 1000 ? 1 : clean + noise * (1 - u) * generator.gaussian()
      return ["cka_debiased", "cka"].map { metric in
        Measurement(
          run: "r\(index)", step: step, layer: layer, component: component,
          object: "activations", metric: metric, rows: "last", probe: "p",
          value: metric == "cka" ? 0.2 + 0.8 * c : c, n: 128)
      }
    }
  }

  private func rankRows(
    _ index: Int, _ layer: Int, _ component: String, _ object: String, _ level: Double
  ) -> [Measurement] {
    [0, 100, 500, 1000].map { step in
      Measurement(
        run: "r\(index)", step: step, layer: layer, head: component == "ov" ? 0 : nil,
        component: component, object: object, metric: "per",
        probe: object == "gradients" ? "p" : "", value: level)
    }
  }
}
