import Dynamics
import Foundation

@testable import Reporting

/// A study that has every quantity of the catalogue, at the sizes and with the names that a test asks for.
struct CatalogueStudy {
  var runs = ["70M", "160M", "410M", "1.4B", "2.8B"]
  var layers = 4
  var heads = 2
  var steps = [0, 1, 8, 64, 512, 1000, 3000, 13_000, 33_000, 73_000, 143_000]
  /// The value of a similarity or a rank; nil: missing.
  var value: @Sendable (_ run: Int, _ layer: Int, _ u: Double) -> Double? = { run, layer, u in
    1 - (0.8 - 0.01 * Double(layer % 9)) * exp(-3 * (2 + Double(run)) * u)
  }

  /// The log spacing of the published checkpoints, `count` of them.
  static func steps(_ count: Int) -> [Int] {
    if count <= 2 { return [0, 143_000] }
    let early = [0] + (0..<10).map { 1 << $0 }
    let head = Array(early.prefix(max(1, min(early.count, count / 2))))
    return head + (1...(count - head.count)).map { $0 * 143_000 / (count - head.count) }
  }

  private var final: Int { steps.last ?? 1 }

  private func rows(_ place: Int, _ run: String) -> [Dynamics.Measurement] {
    var rows: [Dynamics.Measurement] = []
    func add(
      _ step: Int, _ layer: Int?, head: Int? = nil, _ component: String, _ object: String,
      _ metric: String, variant: String = "default", _ value: Double?, spread: Double? = nil
    ) {
      let isActivation = object == "activations"
      rows.append(
        Dynamics.Measurement(
          run: run, step: step, layer: layer, head: head, component: component, object: object,
          metric: metric, variant: variant, rows: isActivation || object == "loss" ? "last" : "",
          probe: object == "weights" ? "" : "a", value: value ?? .nan,
          lower: spread.flatMap { s in value.map { $0 - s } },
          upper: spread.flatMap { s in value.map { $0 + s } },
          n: isActivation ? 128 : nil))
    }
    for step in steps {
      let u = Double(step) / Double(max(1, final))
      add(step, nil, "model", "loss", "loss", value(place, 0, u).map { 10 - 6 * $0 })
      for layer in 0..<layers {
        let own = value(place, layer, u)
        let similarity = step == final ? 1 : own
        for component in ["mlp", "ov", "attention", "residual"] {
          add(
            step, layer, component, "activations", "cka_debiased", similarity,
            spread: step == final ? nil : 0.03)
          add(
            step, layer, component, "activations", "cka", similarity.map { max(0, $0 * 0.9 + 0.1) })
          add(step, layer, component, "activations", "cka_null_q95", 0.3)
          add(step, layer, component, "activations", "cka_debiased_null_q95", 0.02)
          add(step, layer, component, "activations", "cka_debiased_previous", similarity)
          if component == "mlp" || component == "ov" {
            add(step, layer, component, "activations", "procrustes", similarity.map { $0 * $0 })
            if step == final {
              add(step, layer, component, "activations", "cka_seed_ceiling", 0.85)
            }
          }
        }
        add(
          step, layer, "ov", "activations", "cka_debiased", variant: "published_layout",
          similarity.map { $0 * 0.95 })
        for object in ["weights", "gradients"] {
          let rank = own.map { 0.95 - 0.4 * abs($0) }
          add(step, layer, "mlp", object, "per", rank)
          add(
            step, layer, "mlp", object, "per", variant: "published_truncation",
            rank.map { min(1, $0 + 0.03) })
          add(step, layer, "mlp", object, "condition_number", rank.map { pow(10, 2 + 3 * $0) })
          for head in 0..<heads {
            add(step, layer, head: head, "ov", object, "per", rank.map { $0 - 0.02 * Double(head) })
          }
        }
        add(step, layer, "mlp", "weights", "relative_change", own.map { 0.3 * (1 - $0) + 1e-4 })
      }
    }
    return rows
  }

  var table: MeasurementTable {
    get throws { try MeasurementTable(runs.enumerated().flatMap { rows($0, $1) }) }
  }

  private var spectra: [SpectrumRow] {
    runs.enumerated().flatMap { place, run in
      steps.flatMap { step in
        (0..<layers).flatMap { layer in
          [("mlp", "weights"), ("ov", "weights"), ("mlp", "gradients")].flatMap {
            component, object in
            (0..<33).map { rank in
              let u = Double(step) / Double(max(1, final))
              let value = value(place, layer, u) ?? 0.5
              return SpectrumRow(
                run: run, step: step, layer: layer, component: component, object: object,
                probe: object == "weights" ? "" : "a", count: 512, rank: rank * 511 / 32,
                value: exp(-5 * abs(value) * Double(rank) / 32))
            }
          }
        }
      }
    }
  }

  private var pairs: [LayerSimilarityRow] {
    runs.enumerated().flatMap { place, run in
      [steps.count > 2 ? steps[steps.count - 2] : steps[0], final].flatMap { step in
        (0..<layers).flatMap { layer in
          (0..<layers).map { other in
            let near = value(place, abs(layer - other), 0.3) ?? .nan
            return LayerSimilarityRow(
              run: run, step: step, otherStep: final, component: "mlp", metric: "cka_debiased",
              rows: "last", probe: "a", layer: layer, otherLayer: other, value: near, n: 128)
          }
        }
      }
    }
  }

  func input() throws -> ReportInput {
    let table = try table
    let descriptions = runs.enumerated().map { place, run in
      RunDescription(
        run: run, parameters: 70_000_000 << min(place, 20) + place, layers: layers, heads: heads,
        hiddenSize: 64,
        headDimension: 32, intermediateSize: 256, vocabulary: 1000, steps: steps.count,
        finalStep: final, group: "ladder")
    }
    let evaluations = runs.enumerated().flatMap { place, run in
      steps.map {
        Evaluation(
          run: run, step: $0, name: "lambada_accuracy",
          value: value(place, 0, Double($0) / Double(max(1, final))) ?? .nan)
      }
    }
    let log = runs.enumerated().flatMap { place, run in
      (0...40).map { k in
        let step = k * final / 40
        return TrainingRecord(
          run: run, step: step, loss: 10 - 0.1 * Double(k),
          learningRate: 1e-3 / Double(place + 1) * (k < 2 ? Double(k) / 2 : 1 - Double(k) / 45),
          tokens: Double(step) * 2_097_152)
      }
    }
    let analysis = Analysis(
      table: table, runs: descriptions,
      settings: AnalysisSettings(permutations: 19, resamples: 20, threads: 1)
    ).result()
    return ReportInput(
      study: StudyDescription(name: "catalogue", title: "Catalogue"), table: table,
      runs: descriptions, analysis: analysis,
      audit: [
        AuditFinding(
          run: runs[0], step: steps[min(1, steps.count - 1)], check: "content",
          finding: "identical_neighbour", otherStep: 0, excluded: true)
      ], evaluations: evaluations, spectra: spectra, layerSimilarities: pairs,
      trainingLog: log)
  }

  func catalogue() throws -> FigureCatalogue { FigureCatalogue(StudyView(try input())) }
}
