import Checkpoints
import Files
import Foundation
import Tensors
import Testing

/// All forms in which mini-pythia's checkpoints are stored.
@Suite struct StoredFormsTests {
  static let run: String = {
    let root = URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let shared =
      ProcessInfo.processInfo.environment["TEND_SHARED"]
      ?? root.deletingLastPathComponent().appendingPathComponent("shared").path
    return shared + "/data/mini-pythia/nano-seed0"
  }()
  static let isThere = Folder.kind(of: run) == .folder

  @Test(.enabled(if: isThere, "../shared/data/mini-pythia is not here"))
  func everyStepOpensWithTheSameTensors() throws {
    let entries = try RunFolder(Self.run).entries
    #expect(entries.count == 17)
    var names: Set<String>?
    for entry in entries {
      #expect(entry.obstacle == nil)
      let checkpoint = try Checkpoint(folder: entry.folder, step: entry.step)
      let parameters = checkpoint.weights.tensors.filter { $0.type.isComputable }
        .map { $0.name == "lm_head.weight" ? "embed_out.weight" : $0.name }
        .filter { !$0.contains("masked_bias") && !$0.contains("inv_freq") }
      if let names { #expect(Set(parameters) == names, "step \(entry.step)") }
      names = Set(parameters)
      for tensor in checkpoint.weights.tensors where tensor.type.isComputable {
        let values = try checkpoint.floats(tensor.name)
        #expect(values.count == tensor.count)
        let unsound = values.count { !$0.isFinite }
        #expect(unsound == 0)
      }
    }
  }

  @Test(.enabled(if: isThere, "../shared/data/mini-pythia is not here"))
  func neighboursInTrainingAreAlikeWhateverTheirForm() throws {
    // The .bin steps lie between .safetensors ones: a misread stride or offset would show as weights
    // that have nothing to do with their neighbours'.
    let name = "gpt_neox.layers.1.mlp.dense_h_to_4h.weight"
    for (before, step, after) in [(2, 4, 8), (32, 64, 128), (1000, 1500, 2000)] {
      let weights = try [before, step, after].map {
        try Checkpoint(folder: "\(Self.run)/step\($0)", step: $0).floats(name)
      }
      func distance(_ a: [Float], _ b: [Float]) -> Float {
        zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
      }
      let whole = distance(weights[0], weights[2])
      #expect(distance(weights[0], weights[1]) < 1.3 * whole)
      #expect(distance(weights[1], weights[2]) < 1.3 * whole)
    }
  }
}

@Suite struct ShardIndexTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    _ = try folder.write(Array("{}".utf8), "config.json")
    for (name, tensor) in [("a", "x"), ("b", "y")] {
      let header = "{\"\(tensor)\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}"
      let length = (0..<8).map { UInt8(truncatingIfNeeded: header.utf8.count >> (8 * $0)) }
      _ = try folder.write(length + Array(header.utf8) + [1], name + ".safetensors")
    }
  }

  private func message(_ map: String) throws -> String {
    _ = try folder.write(Array("{\"weight_map\":\(map)}".utf8), "model.safetensors.index.json")
    do {
      let checkpoint = try Checkpoint(folder: folder.path, step: 0)
      return checkpoint.weights.tensors.map(\.name).joined(separator: " ")
    } catch {
      return "\(error)"
    }
  }

  @Test func shardsMakeOneCheckpoint() throws {
    #expect(try message(#"{"x":"a.safetensors","y":"b.safetensors"}"#) == "x y")
  }

  @Test(arguments: [
    (#"{"x":"../a.safetensors","y":"b.safetensors"}"#, "plain name"),
    (#"{"x":"/etc/passwd","y":"b.safetensors"}"#, "plain name"),
    (#"{"x":"c.safetensors","y":"b.safetensors"}"#, "is missing"),
    (#"{"x":"a.safetensors"}"#, ""),
    (#"{"x":"b.safetensors","y":"b.safetensors"}"#, "not where it says"),
    (#"{"x":"b.safetensors","y":"a.safetensors"}"#, "puts into"),
    (#"{"x":"a.safetensors","z":"a.safetensors","y":"b.safetensors"}"#, "\"z\""),
    (#"{"x":"a.safetensors","x":"a.safetensors"}"#, "twice"), (#"{"x":1}"#, "found 1"),
    ("[]", "weight_map"),
  ])
  func aWrongIndexIsNamed(_ map: String, _ expected: String) throws {
    let found = try message(map)
    #expect(expected.isEmpty ? found == "x" : found.contains(expected), "\(found)")
  }

  @Test func aLinkOutOfTheFolderIsRefused() throws {
    let outside = try TemporaryFolder()
    try FileManager.default.moveItem(
      atPath: folder.path + "/a.safetensors", toPath: outside.path + "/a.safetensors")
    try FileManager.default.createSymbolicLink(
      atPath: folder.path + "/a.safetensors", withDestinationPath: outside.path + "/a.safetensors")
    #expect(try message(#"{"x":"a.safetensors","y":"b.safetensors"}"#).contains("leads out"))
  }
}
