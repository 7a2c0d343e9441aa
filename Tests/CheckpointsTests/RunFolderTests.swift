import Checkpoints
import Files
import Foundation
import Tensors
import Testing

@Suite struct RunFolderTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private static let fixture = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Fixtures/nano")
    .path

  @Test func listsStepsInOrderOfTraining() throws {
    let run = try RunFolder(Self.fixture)
    #expect(run.entries.map(\.step) == [0, 16, 128, 512, 1000, 2000, 3000])
    #expect(run.entries.allSatisfy { $0.obstacle == nil })
    #expect(run.nearest(to: 600) == [512, 1000])
  }

  @Test func saysWhyAStepCannotBeRead() throws {
    for name in ["step1", "step2", "step3", "step4", "step04", "stepx", "other"] {
      try Folder.make(folder.path + "/" + name)
    }
    for file in [
      "step1/model.safetensors", "step2/config.json", "step3/config.json",
      "step3/optimizer.pt",
      "step4/config.json", "step4/model.safetensors.index.json",
    ] {
      try DurableWrite.write("{}", to: folder.path + "/" + file)
    }
    let run = try RunFolder(folder.path)
    #expect(run.entries.map(\.step) == [1, 2, 3, 4])
    let reasons = run.entries.map { $0.obstacle ?? "" }
    #expect(reasons[0].contains("no config.json"))
    #expect(reasons[1].contains("no model.safetensors"))
    #expect(reasons[2].contains("optimizer.pt"))
    #expect(reasons[3].isEmpty)
  }

  @Test func opensACheckpointAndDigestsItsTensors() throws {
    let checkpoint = try Checkpoint(folder: Self.fixture + "/step0", step: 0)
    #expect(checkpoint.configuration["hidden_size"]?.integer == 64)
    #expect(checkpoint.shape(of: "gpt_neox.embed_in.weight") == [1024, 64])
    let digests = try checkpoint.digests()
    #expect(digests.count == checkpoint.weights.tensors.count)
    #expect(Set(digests.map(\.digest)).count > 1)
    let again = try Checkpoint(folder: Self.fixture + "/step0", step: 0).digests()
    #expect(again.map(\.digest) == digests.map(\.digest))
  }

  @Test func aBrokenConfigNamesTheFile() throws {
    try Folder.make(folder.path + "/step0")
    try DurableWrite.write("{\"a\":1,}", to: folder.path + "/step0/config.json")
    try DurableWrite.write("x", to: folder.path + "/step0/model.safetensors")
    do {
      _ = try Checkpoint(folder: folder.path + "/step0", step: 0)
      Issue.record("opened")
    } catch {
      #expect("\(error)".contains("step0/config.json: not valid JSON at byte 7"), "\(error)")
    }
  }
}
