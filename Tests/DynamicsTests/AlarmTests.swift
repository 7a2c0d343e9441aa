import Foundation
import Testing

@testable import Dynamics

/// Each alarm on curves made to raise it, with its layers, steps and figure, and on none that do not.
@Suite struct AlarmTests {
  static let steps = [0, 1, 5, 10, 100, 250, 400, 550, 700, 850, 1000]
  static let late = [10, 100, 250, 400, 550, 700, 850]

  /// A run of nine layers; `similarity` and `rank` by layer and u, NaN for a value that is missing.
  private func alarms(
    components: [String] = ["mlp", "ov", "attention"],
    similarity: (Int, Double) -> Double = { layer, u in
      1 - 0.7 * pow(1 - u, 3 + 0.2 * Double(layer))
    },
    rank: (Int, Double) -> Double = { layer, u in 0.9 - 0.1 * u + 0.02 * Double(layer) }
  ) throws -> [Alarm] {
    var rows: [Measurement] = []
    for layer in 0..<9 {
      for step in Self.steps {
        let u = Double(step) / 1000
        for component in components {
          rows.append(
            Measurement(
              run: "r", step: step, layer: layer, component: component, object: "activations",
              metric: "cka_debiased", rows: "last", probe: "p",
              value: step == 1000 ? 1 : similarity(layer, u), n: 128))
        }
        for object in ["weights", "gradients"] {
          let probe = object == "weights" ? "" : "p"
          rows.append(
            Measurement(
              run: "r", step: step, layer: layer, component: "mlp", object: object, metric: "per",
              probe: probe, value: rank(layer, u)))
          for head in 0..<2 {
            rows.append(
              Measurement(
                run: "r", step: step, layer: layer, head: head, component: "ov", object: object,
                metric: "per", probe: probe, value: rank(layer, u) + 0.01 * Double(head)))
          }
        }
      }
    }
    return Analysis(
      table: try MeasurementTable(rows), settings: AnalysisSettings(permutations: 0, resamples: 0)
    ).result().alarms
  }

  @Test func curvesThatConvergeRaiseNone() throws {
    #expect(try alarms().isEmpty)
  }

  @Test func aFlatCurveFarBelowOneIsNamedWithItsLayersAndSteps() throws {
    let alarms = try alarms(similarity: { layer, u in
      layer == 2 || layer == 3 || layer == 7
        ? 0.3 + 0.001 * Double(layer) : 1 - 0.7 * pow(1 - u, 3 + 0.2 * Double(layer))
    }).filter { $0.kind == "flat_early" }
    #expect(alarms.map(\.component) == ["attention", "mlp", "ov"])
    for alarm in alarms {
      #expect(alarm.layers == [2, 3, 7])
      #expect(alarm.steps == Self.late)
      #expect(alarm.figure == "cka-by-layer")
      #expect(alarm.sentence.contains("0.31 or below"))
      #expect(alarm.sentence.contains("3 of 9 layers"))
      #expect(alarm.cells[6] == .word("2-3 7"))
    }
  }

  @Test func aRisingRankIsNamedWithWhatItGains() throws {
    let alarms = try alarms(rank: { layer, u in
      layer < 4 ? 0.5 + 0.2 * u + 0.02 * Double(layer) : 0.9 - 0.1 * u + 0.02 * Double(layer)
    }).filter { $0.kind == "per_rising" }
    #expect(alarms.count == 4)
    for alarm in alarms {
      #expect(alarm.layers == [0, 1, 2, 3])
      #expect(alarm.steps == Self.late + [1000])
      #expect(alarm.figure == "per-by-layer")
      #expect(alarm.sentence.contains("by up to 0.20"))
    }
    #expect(
      Set(alarms.map { "\($0.component) \($0.object)" }) == [
        "mlp weights", "mlp gradients", "ov weights", "ov gradients",
      ])
  }

  @Test func aReversedRelationNamesTheMatrixWhoseRankItIs() throws {
    let alarms = try alarms(rank: { layer, u in 0.9 - 0.1 * u - 0.02 * Double(layer) })
    #expect(Set(alarms.map(\.kind)) == ["relation_reversed"])
    #expect(alarms.count == 6)
    for alarm in alarms {
      #expect(alarm.layers == Array(0..<9))
      #expect(alarm.steps == Self.steps)
      #expect(alarm.figure == "per-by-layer")
      #expect(alarm.sentence.contains("\u{03C1} \u{2212}1.00"))
    }
    let attention = try #require(alarms.first { $0.component == "attention" })
    #expect(attention.sentence.contains("PER of OV \(attention.object) by head"))
  }

  @Test func anAbsentRelationIsNoReversedOne() throws {
    // Spearman's ρ of these with the layer is 0.017.
    let order = [7.0, 1, 4, 5, 0, 3, 8, 6, 2]
    let alarms = try alarms(rank: { layer, u in 0.9 - 0.1 * u + 0.01 * order[layer] })
    #expect(Set(alarms.map(\.kind)) == ["relation_absent"])
  }

  @Test func whatRaisesAnAlarmIsSaidOnceAKind() {
    let text = Alarm.meaning(of: ["relation_absent", "per_rising", "relation_reversed"])
    #expect(text.hasPrefix("An alarm decides nothing"))
    #expect(text.contains("Rising: by 0.05 or more") && text.contains("within ±0.10"))
    #expect(text.components(separatedBy: "A relation:").count == 2)
    #expect(!text.contains("Flat:"))
  }

  @Test func missingValuesComeFirstWithTheirSteps() throws {
    let alarms = try alarms(similarity: { layer, u in
      layer == 5 && (u == 0.1 || u == 0.25) ? .nan : 1 - 0.7 * pow(1 - u, 3 + 0.2 * Double(layer))
    })
    #expect(alarms.count == 3)
    for alarm in alarms {
      #expect(alarm.kind == "non_finite")
      #expect(alarm.layers == [5])
      #expect(alarm.steps == [100, 250])
      #expect(alarm.sentence.hasPrefix("2 values of debiased CKA"))
    }
  }
}
