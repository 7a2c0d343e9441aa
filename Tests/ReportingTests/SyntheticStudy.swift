import Dynamics
import Foundation
import Reporting

/// A study whose curves follow a law, so that tests know what must come out.
struct SyntheticStudy {
  var runs = ["small", "middle", "large", "huge"]
  var layers = 6
  var steps = [0, 1, 4, 16, 64, 256, 1000, 2000, 3000, 4000]
  var hasWeights = true
  var isDebiased = true
  var failures: [FailedUnit] = []

  /// Similarity to the end: layer by layer later, run by run earlier.
  private func similarity(_ run: Int, _ layer: Int, _ step: Int) -> Double {
    let u = Double(step) / Double(steps.last ?? 1)
    let speed = 2 + Double(run) - 0.2 * Double(layer)
    return step == steps.last
      ? 1 : 1 - 0.8 * exp(-speed * 3 * u) + 0.002 * Double((step + layer) % 3)
  }

  var table: MeasurementTable {
    get throws {
      var rows: [Dynamics.Measurement] = []
      for (index, run) in runs.enumerated() {
        for step in steps {
          rows.append(
            Dynamics.Measurement(
              run: run, step: step, component: "model", object: "loss", metric: "loss", rows: "all",
              probe: "a", value: 8 - similarity(index, 0, step), n: 1000))
          for layer in 0..<layers {
            let value = similarity(index, layer, step)
            for component in ["mlp", "ov"] {
              for metric in isDebiased ? ["cka", "cka_debiased"] : ["cka"] {
                rows.append(
                  Dynamics.Measurement(
                    run: run, step: step, layer: layer, component: component,
                    object: "activations", metric: metric, rows: "last", probe: "a",
                    value: metric == "cka" ? min(1, value + 0.05) : value, lower: value - 0.02,
                    upper: min(1, value + 0.02), n: 64))
              }
            }
            guard hasWeights else { continue }
            let rank = 0.9 - 0.05 * value - 0.01 * Double((layer * 7 + index) % 5)
            rows.append(
              Dynamics.Measurement(
                run: run, step: step, layer: layer, component: "mlp", object: "weights",
                metric: "per", value: rank))
            for head in 0..<2 {
              rows.append(
                Dynamics.Measurement(
                  run: run, step: step, layer: layer, head: head, component: "ov",
                  object: "weights", metric: "per", value: rank - 0.02 * Double(head)))
            }
          }
        }
      }
      return try MeasurementTable(rows)
    }
  }

  var descriptions: [RunDescription] {
    runs.enumerated().map { index, run in
      RunDescription(
        run: run, parameters: 1_000_000 << (2 * index), layers: layers, heads: 2, hiddenSize: 64,
        headDimension: 32, intermediateSize: 256, vocabulary: 1000, steps: steps.count,
        finalStep: steps.last, group: "ladder")
    }
  }

  func report(
    title: String = "Synthetic", table: MeasurementTable? = nil, authorPages: String? = nil
  ) throws -> Report {
    let table = try table ?? self.table
    let analysis = Analysis(
      table: table, runs: descriptions,
      settings: AnalysisSettings(permutations: 99, resamples: 50, threads: 1)
    ).result()
    return Report(
      ReportInput(
        study: StudyDescription(name: "synthetic", title: title), table: table, runs: descriptions,
        analysis: analysis, failures: failures, authorPages: authorPages))
  }
}

/// A folder of its own for one test, removed with it.
final class TemporaryFolder {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "tend-test-" + UUID().uuidString
    for name in ["results", "figures", "site"] {
      try FileManager.default.createDirectory(
        atPath: path + "/" + name, withIntermediateDirectories: true)
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// All files below `name` by their path, with their bytes.
  func files(_ name: String) throws -> [String: Data] {
    let root = path + "/" + name
    var files: [String: Data] = [:]
    for file in try FileManager.default.subpathsOfDirectory(atPath: root) {
      var isFolder: ObjCBool = false
      let isThere = FileManager.default.fileExists(
        atPath: root + "/" + file, isDirectory: &isFolder)
      if isThere, !isFolder.boolValue {
        files[file] = try Data(contentsOf: URL(fileURLWithPath: root + "/" + file))
      }
    }
    return files
  }

  func write(_ report: Report, lanes: Int = 1) throws -> ReportSummary {
    try report.write(
      figures: path + "/figures", site: path + "/site", results: path + "/results", lanes: lanes)
  }
}
