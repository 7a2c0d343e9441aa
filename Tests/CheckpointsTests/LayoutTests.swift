import Checkpoints
import Files
import Foundation
import Testing

@Suite struct LayoutTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test(arguments: [
    ("step0", 0), ("step143000", 143_000), ("step_10", 10), ("checkpoint-500", 500),
    ("global_step64", 64), ("step1000-tokens4B", 1000), ("stage1-step1000-tokens4B", 1000),
  ])
  func namesOfTrainingProgramsAreUnderstood(_ name: String, _ step: Int) {
    #expect(StepName.step(of: name) == step)
  }

  @Test(arguments: [
    "step", "step01", "step-", "stepx", "step1x", "step1-tokens", "foo-step1-tokens4B", "1000",
    "step 1",
    "step9999999999999999999", "steps1",
  ])
  func otherNamesAreNoSteps(_ name: String) { #expect(StepName.step(of: name) == nil) }

  @Test func twoFoldersOfOneStepAreAnObstacle() throws {
    for name in ["step5", "checkpoint-5"] {
      try Folder.make("\(folder.path)/\(name)")
      try DurableWrite.write("{}", to: "\(folder.path)/\(name)/config.json")
      try DurableWrite.write("{}", to: "\(folder.path)/\(name)/model.safetensors")
    }
    let run = try RunFolder(folder.path)
    #expect(run.entries.count == 1)
    #expect(run.entries[0].obstacle?.contains("2 folders of step 5") == true)
  }

  @Test func theHubsCacheIsARun() throws {
    let commit = String(repeating: "a1", count: 20)
    let repository = folder.path + "/hub/models--EleutherAI--pythia-14m"
    try Folder.make(repository + "/refs")
    try Folder.make("\(repository)/snapshots/\(commit)")
    try DurableWrite.write(commit + "\n", to: repository + "/refs/step512")
    try DurableWrite.write("../../../etc", to: repository + "/refs/step1")
    try DurableWrite.write(commit, to: repository + "/refs/main")
    try DurableWrite.write("{}", to: "\(repository)/snapshots/\(commit)/config.json")
    try DurableWrite.write("{}", to: "\(repository)/snapshots/\(commit)/model.safetensors")
    let run = try HubCache.run(
      "hf://EleutherAI/pythia-14m", environment: ["HF_HOME": folder.path, "HF_HUB_CACHE": " "])
    // What stands for a commit and is none is a step that cannot be opened.
    #expect(run.entries.map(\.step) == [1, 512])
    #expect(run.entries[0].obstacle?.contains("refs/step1") == true)
    #expect(run.entries[1].obstacle == nil)
    for wrong in ["hf://a", "hf://a/b/c", "hf://../x", "hf://a/", "x"] {
      #expect(throws: CheckpointError.self) {
        try HubCache.run(wrong, environment: ["HF_HOME": folder.path])
      }
    }
  }
}
