import Dynamics
import Foundation
import Testing

@testable import Studies

/// `tend inspect` and `tend compare` on a real checkpoint.
@Suite struct InspectionTests {
  private static let step = Places.fixture.appending(path: "step512")

  private func json(_ path: String, statistics: Bool = false) throws -> [String: Any] {
    let text = try CheckpointInspection(path: path, statistics: statistics).json
    return try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  @Test func aCheckpointIsListedByTheContract() throws {
    let found = try json(Self.step.path)
    #expect(Set(found.keys) == ["path", "kind", "tensors", "architecture", "missing"])
    #expect(found["kind"] as? String == "checkpoint")
    #expect(found["architecture"] as? String == "gpt_neox")
    #expect(found["missing"] as? [String] == [])
    let tensors = try #require(found["tensors"] as? [[String: Any]])
    #expect(Set(tensors.flatMap(\.keys)) == ["name", "dtype", "shape", "file"])
    let down = tensors.first {
      $0["name"] as? String == "gpt_neox.layers.0.mlp.dense_4h_to_h.weight"
    }
    #expect((down?["shape"] as? [Int])?.count == 2)
    let file = try json(Self.step.appending(path: "model.safetensors").path)
    #expect(file["kind"] as? String == "safetensors")
    #expect(file["architecture"] as? String == "gpt_neox")
  }

  @Test func statisticsTellWhatIsBrokenOrConstant() throws {
    try Places.withFolder { folder in
      var writer = SafetensorsWriter()
      writer.add("some", shape: [2, 2], [3, 4, .nan, .infinity] as [Float])
      writer.add("zero", shape: [2, 2], [0, 0, 0, 0] as [Float])
      writer.add("ones", shape: [3], [1, 1, 1] as [Float])
      writer.add("numbers", shape: [2], [3, 4] as [Int64])
      writer.add("later", "F3_E1", [8], [1, 2, 3])
      let file = folder.appending(path: "a.safetensors")
      try writer.write(to: file)
      let tensors = try #require(
        json(file.path, statistics: true)["tensors"] as? [[String: Any]])
      func tensor(_ name: String) -> [String: Any]? {
        tensors.first { $0["name"] as? String == name }
      }
      #expect(tensor("some")?["finite_share"] as? Double == 0.5)
      #expect(tensor("some")?["norm"] as? Double == 5)
      #expect(tensor("zero")?["constant"] as? Double == 0)
      #expect(tensor("ones")?["constant"] as? Double == 1)
      #expect(tensor("numbers")?["norm"] as? Double == 5)
      #expect(tensor("later")?["dtype"] as? String == "F3_E1")
      #expect(tensor("later")?["norm"] == nil)
    }
  }

  @Test func aModelThatIsNotBuiltIsListedWithTheFieldThatStopsIt() throws {
    try Places.withFixture { folder in
      let step = folder.appending(path: "step512")
      let config = step.appending(path: "config.json")
      let text = try String(contentsOf: config, encoding: .utf8)
      try text.replacing(#""hidden_act": "gelu""#, with: #""hidden_act": "xielu""#)
        .write(to: config, atomically: true, encoding: .utf8)
      let found = try CheckpointInspection(path: step.path, statistics: false)
      #expect(found.missing == [] && found.problems == [] && !found.tensors.isEmpty)
      #expect(found.notes.count == 1)
      #expect(
        found.notes.first?.contains(#"config.json: hidden_act: "xielu" is not supported"#) == true)
    }
  }

  @Test func namesAsWeaponsStayOnOneShortLine() throws {
    try Places.withFolder { folder in
      var writer = SafetensorsWriter()
      writer.add(String(repeating: "A", count: 100_000), shape: [1], [1] as [Float])
      writer.add(#"\u001b[31m\n<b>"#, shape: [1], [1] as [Float])
      let file = folder.appending(path: "a\n\u{1B}[31m.safetensors")
      try writer.write(to: file)
      var lines: [String] = []
      try CheckpointInspection(path: file.path, statistics: false).forEachLine { lines.append($0) }
      #expect(lines.count == 3)
      #expect(lines.allSatisfy { $0.count < 150 + file.path.count })
      try Data([1, 2]).write(to: file)
      do {
        _ = try CheckpointInspection(path: file.path, statistics: false)
        Issue.record("two bytes were read as tensors")
      } catch {
        #expect("\(error)".contains(#"a\u{a}\u{1b}[31m.safetensors: expected"#))
        #expect(!"\(error)".contains("\n"))
      }
    }
  }

  @Test func whatIsMissingIsNamed() throws {
    try Places.withFixture { folder in
      let step = folder.appending(path: "step512")
      let whole = try json(step.path)
      let names = try #require(whole["tensors"] as? [[String: Any]]).compactMap {
        $0["name"] as? String
      }
      // The same checkpoint as an index with a shard that is not there.
      try FileManager.default.moveItem(
        at: step.appending(path: "model.safetensors"), to: step.appending(path: "m-1.safetensors"))
      let map = (names.map { "\"\($0)\":\"m-1.safetensors\"" } + ["\"more\":\"m-2.safetensors\""])
        .joined(separator: ",")
      try "{\"weight_map\":{\(map)}}".write(
        to: step.appending(path: "model.safetensors.index.json"), atomically: true, encoding: .utf8)
      let found = try CheckpointInspection(path: step.path, statistics: false)
      #expect(found.missing == ["more"])
      #expect(found.problems.count == 1 && found.problems[0].contains("m-2.safetensors"))
      #expect(found.tensors.count == names.count)
    }
    try Places.withFixture { folder in
      let step = folder.appending(path: "step512")
      try FileManager.default.removeItem(at: step.appending(path: "config.json"))
      let found = try CheckpointInspection(path: step.path, statistics: false)
      #expect(found.missing == ["config.json"])
      #expect(found.architecture == "gpt_neox")
    }
  }

  @Test func everyLayerAgainstEveryLayer() throws {
    let b = Places.fixture.appending(path: "step3000").path
    let probe = CheckpointComparison.ProbeChoice.file(
      Places.fixture.appending(path: "tokens.npy").path)
    let same = try CheckpointComparison(Self.step.path, b, probe: probe, threads: 2)
    let all = try CheckpointComparison(Self.step.path, b, probe: probe, layers: .all, threads: 2)
    let diagonal = all.rows.filter { $0.otherLayer == $0.measurement.layer }.map(\.measurement)
    let similarities = same.rows.map(\.measurement).filter { $0.object == "activations" }
    #expect(!similarities.isEmpty)
    #expect(Set(similarities.map(\.step)) == [512])
    #expect(diagonal.count == similarities.count)
    for row in similarities {
      #expect(diagonal.contains { $0.key == row.key && $0.value == row.value })
    }
    let layers = Set(similarities.compactMap(\.layer)).count
    #expect(all.rows.count { $0.otherLayer != nil } == similarities.count * layers)
    #expect(
      same.csv.hasPrefix("run,step,layer,head,component,object,metric,variant,rows,probe,value"))
    #expect(all.csv.split(separator: "\n")[0].hasSuffix("n,other_layer"))
    try Places.withFolder { folder in
      let figure = folder.appending(path: "layers.svg")
      try all.writeHeatmap(to: figure.path)
      #expect(try String(contentsOf: figure, encoding: .utf8).contains("<svg"))
    }
    // A checkpoint is itself; without a probe tokens are drawn.
    let itself = try CheckpointComparison(Self.step.path, Self.step.path, threads: 2)
    for row in itself.rows.map(\.measurement) where row.metric == "cka" {
      #expect(abs(row.value - 1) < 1e-9)
    }
    #expect(itself.notes.contains { $0.contains("drawn evenly") })
  }
}
