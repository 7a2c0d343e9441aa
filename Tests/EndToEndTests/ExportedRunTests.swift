import Dynamics
import Files
import Foundation
import Tensors
import Testing

@testable import Studies

/// Runs whose activations, weights and gradients come from elsewhere: pico-train's folders, captures in
/// the documented layout, the paper's pickles.
@Suite(.enabled(if: Places.isThere(Places.miniPythia), Places.miniPythiaIsMissing))
struct ExportedRunTests {
  private static let pico = Places.miniPythia.appending(path: "pico-style")

  /// Measures a study of one run; nothing of it is drawn.
  private func measure(_ folder: URL, _ study: String) throws -> StudyResults {
    let file = folder.appending(path: "study.yaml")
    try study.write(to: file, atomically: true, encoding: .utf8)
    let runner = try StudyRunner(
      file: file.path, options: StudyOptions(threads: 2, command: "test")
    ) { _ in }
    let measurement = StudyMeasurement(
      runner, try StudyInspector.inspect(runner.study, shownAs: "study.yaml"))
    return try measurement.gather(measurement.bringUpToDate())
  }

  private func value(
    _ results: StudyResults, _ step: Int, _ layer: Int, _ component: String, _ object: String,
    _ metric: String, variant: String = "default", head: Int? = nil
  ) -> Double? {
    results.table.rows.first {
      $0.step == step && $0.layer == layer && $0.head == head && $0.component == component
        && $0.object == object && $0.metric == metric && $0.variant == variant
    }?.value
  }

  @Test func picoFoldersGiveTheValuesOfPicoAnalyze() throws {
    let golden = try #require(
      JSONSerialization.jsonObject(
        with: Data(contentsOf: Places.miniPythia.appending(path: "golden/pico_style.json")))
        as? [String: [[String: Any]]])
    try Places.withFolder { folder in
      let results = try measure(
        folder, "name: s\nruns:\n  - {name: r, checkpoints: \(Self.pico.path)}\n")
      #expect(results.failures.isEmpty)
      #expect(results.runs.map(\.heads) == [4])
      #expect(results.runs.map(\.hiddenSize) == [64])
      var compared = 0
      func check(_ found: Double?, _ expected: Any?, _ what: String) throws {
        let expected = try #require(expected as? Double, "\(what)")
        // Stored activations are float32; the golden values start from the same ones.
        #expect(abs((found ?? .nan) - expected) < 1e-6, "\(what): \(found ?? .nan), \(expected)")
        compared += 1
      }
      for (text, layers) in golden {
        let step = try #require(Int(text))
        for (layer, values) in layers.enumerated() {
          let cka = try #require(values["cka_to_3000"] as? [String: Any])
          let per = try #require(values["per"] as? [String: Any])
          func found(
            _ component: String, _ object: String, _ metric: String, _ variant: String,
            head: Int? = nil
          ) -> Double? {
            value(results, step, layer, component, object, metric, variant: variant, head: head)
          }
          try check(
            found("ov", "activations", "cka", "pico"), cka["ov_circuit"], "cka ov \(step) \(layer)")
          try check(
            found("mlp", "activations", "cka", "default"), cka["swiglu.w_2"],
            "cka mlp \(step) \(layer)")
          for object in ["weights", "gradients"] {
            try check(
              found("ov", object, "per", "pico"), per["\(object).ov_circuit"],
              "per ov \(object) \(step) \(layer)")
            try check(
              found("mlp", object, "per", "default"), per["\(object).swiglu.w_2"],
              "per mlp \(object) \(step) \(layer)")
          }
          let heads = try #require(per["weights.ov_circuit.heads"] as? [Double])
          for (head, expected) in heads.enumerated() {
            try check(
              found("ov", "weights", "per", "pico", head: head), expected,
              "per ov \(step) \(layer) head \(head)")
          }
        }
      }
      #expect(compared == 2 * 4 * 10)
    }
  }

  /// The learning dynamics of two steps in the documented layout, under the probe's real hash.
  private func writeCaptures(
    in folder: URL, probe: String = "", rows: (Int) -> Int64 = { Int64($0) },
    changing step: Int = 1000
  ) throws {
    let hash = try #require(StudyProbes.hash)
    for own in [1000, 3000] {
      let source = Self.pico.appending(path: "checkpoints/step_\(own)/learning_dynamics").path
      for object in ["activations", "weights", "gradients"] {
        let file = try TensorFile("\(source)/val_\(object).pt")
        var writer = SafetensorsWriter()
        writer.metadata = [
          "format": "tend-capture-1", "heads": "4",
          "probe": own == step && !probe.isEmpty ? probe : hash,
        ]
        for tensor in file.tensors {
          let parts = tensor.name.split(separator: ".")
          let role =
            switch parts.suffix(2).joined(separator: ".") {
            case "attention.v_proj": "value"
            case "attention.o_proj": object == "activations" ? "attention" : "output"
            default: "mlp"
            }
          writer.add(
            "layers.\(parts[1]).\(role)", shape: tensor.shape, try file.floats(tensor.name))
        }
        if object == "activations" {
          let ids = (0..<128).flatMap { row -> [Int64] in
            [own == step ? rows(row) : Int64(row), 255]
          }
          writer.add("row_ids", shape: [128, 2], ids)
        }
        try writer.write(to: folder.appending(path: "captures/step\(own)/\(object).safetensors"))
      }
    }
  }

  private enum StudyProbes {
    /// The hash of probe_a as the guide defines it.
    static let hash: String? = {
      let path = Places.miniPythia.appending(path: "probe_a.npy").path
      guard let array = try? NumPyFile(path), let tokens = try? array.integers() else { return nil }
      var bytes = Array("tokens [\(array.shape[0]), \(array.shape[1])]\n".utf8)
      for token in tokens { bytes += withUnsafeBytes(of: Int64(token).littleEndian, Array.init) }
      return SHA256Digest(of: bytes).hex
    }()
  }

  private static var study: String {
    """
    name: s
    runs:
      - {name: r, checkpoints: captures}
    probes:
      - {name: a, tokens: \(Places.miniPythia.appending(path: "probe_a.npy").path)}
    """
  }

  @Test func capturesGiveTheGoldenValues() throws {
    let golden = try Golden(
      Places.miniPythia.appending(path: "golden/nano-seed0_probe_a.json"))
    try Places.withFolder { folder in
      try writeCaptures(in: folder)
      let results = try measure(folder, Self.study)
      #expect(results.failures.isEmpty, "\(results.failures.map(\.line))")
      #expect(Set(results.table.rows.map(\.probe)) == ["", "a"])
      let found = Dictionary(
        results.table.rows.filter { $0.step == 1000 }.compactMap { row in
          row.goldenRow.map { ($0, row.value) }
        }, uniquingKeysWith: { first, _ in first })
      var compared = 0
      for (key, expected) in golden.values(1000)
      where !["published_layout", "published"].contains(key.variant) && key.component != "residual"
      {
        let value = try #require(found[key], "\(key)")
        #expect(abs(value - expected) < 2e-6, "\(key): \(value), \(expected)")
        compared += 1
      }
      // CKA of mlp, ov, attention and four heads by two estimators; PER of weights and gradients.
      #expect(compared > 4 * 20, "\(compared)")
      let intervals = results.table.rows.filter { $0.metric == "cka" && $0.lower != nil }
      #expect(!intervals.isEmpty)
    }
  }

  /// What was captured at one step and lies at another too is found by its content.
  @Test func capturesThatLieAtTwoStepsAreNamed() throws {
    try Places.withFolder { folder in
      try writeCaptures(in: folder)
      #expect(try measure(folder, Self.study).audit == [])
      for (own, copy) in [(3000, 500), (1000, 1500)] {
        try FileManager.default.copyItem(
          at: folder.appending(path: "captures/step\(own)"),
          to: folder.appending(path: "captures/step\(copy)"))
      }
      let results = try measure(folder, Self.study)
      #expect(
        results.audit.map { "\($0.step) \($0.finding) \($0.otherStep ?? -1) \($0.excluded)" } == [
          "500 identical_final 3000 true", "1500 identical_neighbour 1000 true",
        ])
    }
  }

  @Test func aSecondRunMeasuresNothingAgain() throws {
    try Places.withFolder { folder in
      try writeCaptures(in: folder)
      _ = try measure(folder, Self.study)
      let file = folder.appending(path: "study.yaml")
      let runner = try StudyRunner(
        file: file.path, options: StudyOptions(threads: 1, command: "test")
      ) { _ in }
      let check = try runner.check()
      #expect(check.stages.map(\.missing).allSatisfy { $0 == 0 })
      #expect(check.stages.map(\.done).reduce(0, +) > 0)
      let verification = try runner.verify(count: nil, seed: 1)
      #expect(!verification.units.isEmpty && verification.missing == 0)
      #expect(
        verification.units.allSatisfy { $0.largest == 0 && $0.agrees }, "\(verification.lines)")
    }
  }

  @Test func capturesOfAnotherProbeOrOtherRowsAreRefused() throws {
    try Places.withFolder { folder in
      try writeCaptures(in: folder, probe: "deadbeef")
      let results = try measure(folder, "name: s\nruns:\n  - {name: r, checkpoints: captures}\n")
      #expect(results.failures.map(\.step) == [1000])
      #expect(results.failures.first?.reason.contains("is another") == true)
      let steps = Set(results.table.rows.filter { $0.metric == "cka" }.map(\.step))
      #expect(steps == [3000])
    }
    try Places.withFolder { folder in
      try writeCaptures(in: folder, rows: { $0 == 5 ? 7 : $0 == 7 ? 5 : Int64($0) })
      let results = try measure(folder, Self.study)
      #expect(
        results.failures.first?.reason.contains("row 5 is of sequence 7, expected 5") == true,
        "\(results.failures.map(\.line))")
    }
    // The final step itself on another probe than the study's.
    try Places.withFolder { folder in
      try writeCaptures(in: folder, probe: "deadbeef", changing: 3000)
      #expect(throws: Never.self) {
        let results = try measure(folder, "name: s\nruns:\n  - {name: r, checkpoints: captures}\n")
        #expect(results.failures.map(\.step) == [1000])
      }
    }
  }

  @Test func comparingCapturesRefusesOtherRowsToo() throws {
    try Places.withFolder { folder in
      try writeCaptures(in: folder)
      func compare(_ a: String, _ b: String) throws -> CheckpointComparison {
        try CheckpointComparison(
          folder.appending(path: a).path, folder.appending(path: b).path, threads: 1)
      }
      let both = try compare("captures/step1000", "captures/step3000")
      #expect(both.rows.contains { $0.measurement.metric == "cka_debiased" })
      #expect(both.rows.contains { $0.measurement.metric == "per" && $0.measurement.run == "b" })
      let files = try compare(
        "captures/step1000/activations.safetensors", "captures/step3000/activations.safetensors")
      #expect(Set(files.rows.map(\.measurement.component)) == ["mlp", "attention"])
      try writeCaptures(in: folder, probe: "deadbeef")
      for (a, b) in [
        ("captures/step1000", "captures/step3000"),
        ("captures/step1000/activations.safetensors", "captures/step3000/activations.safetensors"),
      ] {
        do {
          _ = try compare(a, b)
          Issue.record("compared")
        } catch let error as StudyError {
          #expect("\(error)".contains("another probe"), "\(error)")
          #expect(error.exitCode == .invalid)
        }
      }
    }
  }

  @Test func thePapersPicklesAreARun() throws {
    let paper = Places.shared.appending(path: "data/paper-pythia")
    try #require(Places.isThere(paper))
    let steps =
      [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1000]
      + stride(from: 3000, through: 143_000, by: 10_000)
    let pickle = paper.appending(path: "original/70m-cka_scores_per_layer.pkl").path
    try Places.withFolder { folder in
      let results = try measure(
        folder, "name: s\nruns:\n  - {name: pythia-70m, checkpoints: \(pickle), steps: \(steps)}\n")
      let table = try MeasurementTable(
        csv: Array(Data(contentsOf: paper.appending(path: "measurements.csv"))), file: "")
      let wanted = table.rows.filter { $0.run == "pythia-70m" }
      #expect(wanted.count == 2 * 6 * 27)
      for row in wanted {
        let found = value(
          results, row.step, row.layer ?? -1, row.component, row.object, row.metric,
          variant: row.variant)
        #expect(found == row.value, "\(row)")
      }
      #expect(results.table.rows.count == wanted.count)
    }
    try Places.withFolder { folder in
      _ = #expect(throws: StudyError.self) {
        try measure(folder, "name: s\nruns:\n  - {name: r, checkpoints: \(pickle)}\n")
      }
    }
  }
}
