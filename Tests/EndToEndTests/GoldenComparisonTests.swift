import Dynamics
import Foundation
import Testing

@testable import Studies

/// Whole studies against golden values that an independent float64 implementation computed.
@Suite struct GoldenComparisonTests {
  /// Absolute, for CKA and PER: activations and gradients are computed in float32, the golden values
  /// in float64.
  private static let tolerance = 1e-4

  private func measure(_ file: URL) throws -> StudyResults {
    let runner = try StudyRunner(
      file: file.path, options: StudyOptions(threads: 2, command: "test")
    ) { _ in }
    let inventory = try StudyInspector.inspect(runner.study, shownAs: file.path)
    let measurement = StudyMeasurement(runner, inventory)
    return try measurement.gather(measurement.bringUpToDate())
  }

  /// Every golden value of `steps` has its row, and they agree.
  private func compare(
    _ results: StudyResults, run: String, probe: String, to golden: Golden, steps: [Int],
    objects: [String] = ["activations", "weights", "gradients"], rows: String = "last"
  ) throws {
    #expect(results.failures.isEmpty)
    for step in steps {
      let own = results.table.rows.filter {
        $0.run == run && $0.step == step && ($0.probe == probe || $0.probe.isEmpty)
      }
      if objects.contains("activations") {
        let loss = try #require(own.first { $0.metric == "loss" }).value
        let expected = try #require(golden.loss(step))
        #expect(abs(loss - expected) <= 1e-5 * expected, "loss of \(run), step \(step)")
      }
      var found: [Golden.Row: Double] = [:]
      for row in own where row.rows.isEmpty || row.rows == rows {
        if let key = row.goldenRow { found[key] = row.value }
      }
      let values = golden.values(step, rows: rows).filter { objects.contains($0.key.object) }
      #expect(values.count > 20 * objects.count)
      for (key, value) in values {
        let measured = try #require(found[key], "no row \(key), step \(step)")
        #expect(
          abs(measured - value) <= Self.tolerance, "\(key), step \(step): \(measured), not \(value)"
        )
      }
    }
  }

  @Test func theFixtureAgreesWithItsGoldenValues() throws {
    try Places.withFixture { folder in
      let results = try measure(folder.appending(path: "study.yaml"))
      let golden = try Golden(folder.appending(path: "golden.json"))
      try compare(results, run: "nano", probe: "a", to: golden, steps: golden.steps)
      try checkSpectra(results)
      try checkLayerPairs(results)
    }
  }

  /// Some singular values of every analysed matrix, falling.
  private func checkSpectra(_ results: StudyResults) throws {
    let steps = Set(results.table.rows.map(\.step)).count
    let layers = try #require(results.runs.first?.layers)
    let spectra = Dictionary(grouping: results.spectra) {
      "\($0.step) \($0.layer) \($0.component) \($0.object)"
    }
    // MLP and OV, weights and gradients.
    #expect(spectra.count == steps * layers * 4)
    for (name, rows) in spectra {
      let values = rows.sorted { $0.rank < $1.rank }.map(\.value)
      #expect(values.count > 8 && values.allSatisfy { $0 >= 0 && $0.isFinite }, "\(name)")
      #expect(zip(values, values.dropFirst()).allSatisfy { $0 >= $1 }, "\(name)")
    }
  }

  /// A layer against itself is what the table says; the final checkpoint against itself is 1 there.
  private func checkLayerPairs(_ results: StudyResults) throws {
    let final = try #require(results.runs.first?.finalStep)
    let diagonal = results.layerSimilarities.filter { $0.layer == $0.otherLayer }
    #expect(Set(diagonal.map(\.step)).count == 2)
    #expect(Set(diagonal.map(\.component)) == ["mlp", "ov", "attention", "residual"])
    for pair in diagonal {
      let row = try #require(
        results.table.rows.first {
          $0.step == pair.step && $0.layer == pair.layer && $0.head == nil
            && $0.component == pair.component && $0.metric == pair.metric
            && $0.variant == "default" && $0.rows == pair.rows && $0.probe == pair.probe
        })
      #expect(abs(row.value - pair.value) < 1e-6)
      #expect(pair.otherStep == final)
      if pair.step == final { #expect(abs(pair.value - 1) < 1e-6) }
    }
  }

  /// Every position of every sequence, streamed.
  @Test func everyPositionOfTheFixtureAgreesWithItsGoldenValues() throws {
    try Places.withFixture { folder in
      let file = folder.appending(path: "study.yaml")
      try String(contentsOf: file, encoding: .utf8)
        .appending("measure: {objects: [activations], rows: [all]}\n")
        .write(to: file, atomically: true, encoding: .utf8)
      let results = try measure(file)
      let golden = try Golden(folder.appending(path: "golden.json"))
      try compare(
        results, run: "nano", probe: "a", to: golden, steps: golden.steps, objects: ["activations"],
        rows: "all")
      // Each value lies within its own interval, far above the band of re-paired sequences.
      for row in results.table.rows where row.rows == "all" && row.metric == "cka_debiased" {
        let (lower, upper) = (try #require(row.lower), try #require(row.upper))
        #expect(lower <= row.value && row.value <= upper)
        let floor = try #require(
          results.table.rows.first {
            $0.metric == "cka_debiased_null_q95" && $0.rows == "all" && $0.step == row.step
              && $0.layer == row.layer && $0.component == row.component
              && $0.variant == row.variant
          })
        #expect(abs(floor.value) < 0.2)
      }
    }
  }

  @Test(.enabled(if: Places.isThere(Places.miniPythia), Places.miniPythiaIsMissing))
  func everyPositionOfMiniPythiaAgreesWithItsGoldenValues() throws {
    try compareMiniPythia(objects: "activations", ["nano": [256, 3000]], rows: "all")
  }

  @Test(.enabled(if: Places.isThere(Places.miniPythia), Places.miniPythiaIsMissing))
  func bothRunsOfMiniPythiaAgreeWithTheirGoldenValues() throws {
    try compareMiniPythia(
      objects: "activations, weights",
      [
        "nano": [
          0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 768, 1000, 1500, 2000, 2500, 3000,
        ],
        "micro": [0, 128, 512, 1500, 3000],
      ])
  }

  @Test(.enabled(if: Places.isThere(Places.miniPythia), Places.miniPythiaIsMissing))
  func gradientsOfMiniPythiaAgreeWithTheirGoldenValues() throws {
    try compareMiniPythia(
      objects: "gradients", ["nano": [0, 1000, 3000], "micro": [512, 3000]])
  }

  private func compareMiniPythia(
    objects: String, _ runs: [String: [Int]], rows: String = "last"
  ) throws {
    try Places.withFolder { folder in
      let data = Places.miniPythia.path
      let file = folder.appending(path: "study.yaml")
      let entries = runs.sorted { $0.key < $1.key }.map { name, steps in
        "  - {name: \(name), checkpoints: \(data)/\(name)-seed0, steps: \(steps)}"
      }
      try """
      name: mini-pythia
      runs:
      \(entries.joined(separator: "\n"))
      probes:
        - {name: a, tokens: \(data)/probe_a.npy}
      measure:
        objects: [\(objects)]
        rows: [\(rows)]
      """.write(to: file, atomically: true, encoding: .utf8)
      let results = try measure(file)
      for (run, steps) in runs {
        let golden = try Golden(
          Places.miniPythia.appending(path: "golden/\(run)-seed0_probe_a.json"))
        try compare(
          results, run: run, probe: "a", to: golden, steps: steps,
          objects: objects.components(separatedBy: ", "), rows: rows)
      }
    }
  }
}
