import Capture
import Dynamics
import Files
import Foundation
import Tensors
import Testing

@testable import Studies

/// Every number's way back to the bytes that it came from.
@Suite struct ProvenanceTests {
  private static let study = """
    name: s
    runs: [{name: nano, checkpoints: ., steps: [0, 512, 3000]}]
    probes: [{name: a, tokens: tokens.npy}]
    measure: {heads: false, rows: [last, all], spectra: [per, relative_change]}
    """

  private struct Unit {
    let key: String
    let run: String
    let step: Int
    let probe: String
    let rows: [(table: String, object: String, metric: String, rows: String, values: Int)]
    let inputs: [String: String]
    let environment: Int?
    let seconds: Double?
  }

  private func units(_ json: [String: Any]) throws -> [Unit] {
    try #require(json["units"] as? [[String: Any]]).map { unit in
      Unit(
        key: unit["key"] as? String ?? "", run: unit["run"] as? String ?? "",
        step: unit["step"] as? Int ?? -1, probe: unit["probe"] as? String ?? "",
        rows: (unit["rows"] as? [[String: Any]] ?? []).map {
          (
            $0["table"] as? String ?? "", $0["object"] as? String ?? "",
            $0["metric"] as? String ?? "",
            $0["rows"] as? String ?? "", $0["values"] as? Int ?? 0
          )
        },
        inputs: unit["inputs"] as? [String: String] ?? [:],
        environment: unit["environment"] as? Int, seconds: unit["seconds"] as? Double)
    }
  }

  @Test func everyRowLeadsToOneUnitAndThatToItsInputs() throws {
    try Places.withFixture { folder in
      let study = StudyFolder(folder)
      try study.write(Self.study)
      #expect(try study.runner().run().exitCode == .done)
      let results = folder.appending(path: "results")
      let json = try #require(
        JSONSerialization.jsonObject(
          with: Data(contentsOf: results.appending(path: "provenance.json"))) as? [String: Any])
      let units = try units(json)
      let table = try MeasurementTable(
        csv: Array(Data(contentsOf: results.appending(path: "measurements.csv"))), file: "m")
      var counts: [String: Int] = [:]
      for row in table.rows {
        let owners = units.filter { unit in
          unit.run == row.run && unit.step == row.step && unit.probe == row.probe
            && unit.rows.contains {
              $0.table == "measurements" && $0.object == row.object && $0.metric == row.metric
                && $0.rows == row.rows
            }
        }
        #expect(owners.count == 1, "\(row)")
        counts[owners.first?.key ?? "", default: 0] += 1
      }
      for unit in units where !unit.key.hasPrefix("audit/") {
        let given = unit.rows.filter { $0.table == "measurements" }.reduce(0) { $0 + $1.values }
        #expect(given == counts[unit.key] ?? 0, "\(unit.key)")
      }
      for table in ["spectra", "layer_similarity"] {
        let lines =
          try String(
            contentsOf: results.appending(path: "\(table).csv"), encoding: .utf8
          ).split(separator: "\n").count - 1
        let given = units.flatMap(\.rows).filter { $0.table == table }
        #expect(given.reduce(0) { $0 + $1.values } == lines && lines > 0, "\(table)")
      }
      try checkEnvironments(json, units)
      try checkContents(folder, json, units)
      try checkAnalysis(results, json)
    }
  }

  private func checkEnvironments(_ json: [String: Any], _ units: [Unit]) throws {
    let environments = try #require(json["environments"] as? [[String: Any]])
    #expect(environments.count == 1)
    for key in ["tend", "cpu", "blas", "kernel", "seed"] {
      #expect((environments[0][key] as? String)?.isEmpty == false, "\(key)")
    }
    #expect(environments[0]["threads"] as? Int == 2)
    #expect(units.allSatisfy { $0.environment == 0 && ($0.seconds ?? -1) >= 0 })
    let seconds = try #require(json["seconds"] as? [String: Double])
    for stage in ["capture", "gradients", "cka", "weight_spectra", "gradient_spectra", "figures"] {
      #expect((seconds[stage] ?? 0) > 0, "\(stage)")
    }
  }

  /// From the units' inputs to the bytes on disk, with a formula of the test's own.
  private func checkContents(_ folder: URL, _ json: [String: Any], _ units: [Unit]) throws {
    func content(step: Int, where wanted: (String) -> Bool) throws -> String {
      let file = [UInt8](
        try Data(contentsOf: folder.appending(path: "step\(step)/model.safetensors")))
      let length = file.prefix(8).enumerated().reduce(0) { $0 + Int($1.element) << (8 * $1.offset) }
      let header = try #require(
        JSONSerialization.jsonObject(with: Data(file[8..<8 + length])) as? [String: Any])
      var bytes: [UInt8] = []
      for name in header.keys.sorted() where name != "__metadata__" && wanted(name) {
        let entry = try #require(header[name] as? [String: Any])
        let shape = try #require(entry["shape"] as? [Int])
        let offsets = try #require(entry["data_offsets"] as? [Int])
        let type = try #require(entry["dtype"] as? String)
        var hasher = SHA256Hasher()
        hasher.update("\(type) \(shape)\n")
        hasher.update(Array(file[8 + length + offsets[0]..<8 + length + offsets[1]]))
        for text in [name, hasher.finalize().hex] {
          withUnsafeBytes(of: UInt32(text.utf8.count).littleEndian) { bytes += Array($0) }
          bytes += Array(text.utf8)
        }
      }
      return SHA256Digest(of: bytes).hex
    }
    let inputs = try #require(json["inputs"] as? [[String: Any]])
    for step in [0, 512, 3000] {
      let listed = try #require(inputs.first { $0["path"] as? String == "step\(step)" })
      let all = try #require(listed["sha256"] as? String)
      let analysed = try #require(listed["analysed_sha256"] as? String)
      #expect(
        try content(step: step) { !$0.contains("rotary") && !$0.contains("attention.bias") } == all)
      for unit in units where unit.step == step {
        if unit.key.hasPrefix("weights/") || unit.key.hasPrefix("change/") {
          #expect(unit.inputs["tensors"] == analysed)
        } else if let tensors = unit.inputs["tensors"] {
          #expect(tensors == all, "\(unit.key)")
        }
        if let capture = unit.inputs["capture"] {
          #expect(units.contains { $0.key == "capture/\(capture)" && $0.step == step })
        }
      }
    }
  }

  private func checkAnalysis(_ results: URL, _ json: [String: Any]) throws {
    let analysis = try #require(json["analysis"] as? [String: String])
    #expect(analysis.count == 4)
    for (name, digest) in analysis {
      let bytes = [UInt8](try Data(contentsOf: results.appending(path: name)))
      #expect(SHA256Digest(of: bytes).hex == digest)
    }
  }

  /// What was measured before says where and how, whoever gathers it.
  @Test func anOlderMeasurementKeepsItsOrigin() throws {
    try Places.withFixture { folder in
      let study = StudyFolder(folder)
      try study.write(
        """
        name: s
        runs: [{name: nano, checkpoints: ., steps: [0, 3000]}]
        measure: {objects: [weights], components: [mlp], heads: false, variants: []}
        """)
      _ = try study.runner(threads: 1).run()
      let path = folder.appending(path: "results/provenance.json")
      func environments() throws -> [StudyProvenance] {
        [StudyProvenance(try JSONReader.read([UInt8](try Data(contentsOf: path))))]
      }
      let first = try environments()[0]
      try FileManager.default.removeItem(at: folder.appending(path: "results"))
      _ = try study.runner(threads: 2).run()
      let second = try environments()[0]
      #expect(second.threads == 2)
      #expect(second.units.map(\.origin) == first.units.map(\.origin))
      #expect(second.units.allSatisfy { $0.origin?.environment.threads == 1 })
      #expect(second.seconds.contains { $0.stage == "weight_spectra" && $0.seconds > 0 })
      // Written and read back it is the same.
      #expect(second.json == StudyProvenance(try JSONReader.read(Array(second.json.utf8))).json)
    }
  }
}
