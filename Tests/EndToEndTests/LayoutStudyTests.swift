import Capture
import Foundation
import Testing

@testable import Studies

/// Where a study finds the steps of a run: the hub's cache, names of one's own.
@Suite struct LayoutStudyTests {
  private func inventory(
    _ folder: URL, _ study: String, environment: [String: String] = [:]
  ) throws -> StudyInventory {
    let file = folder.appending(path: "study.yaml")
    try study.write(to: file, atomically: true, encoding: .utf8)
    return try StudyInspector.inspect(
      StudyDecoder.decode(file: file.path), shownAs: "study.yaml", environment: environment)
  }

  @Test func revisionsInTheHubsCacheAreSteps() throws {
    try Places.withFolder { folder in
      let repository = folder.appending(path: "hub/models--o--n")
      for (number, step) in [0, 512, 3000].enumerated() {
        let commit = String(repeating: "\(number)", count: 40)
        let snapshot = repository.appending(path: "snapshots/\(commit)")
        try FileManager.default.createDirectory(at: snapshot, withIntermediateDirectories: true)
        try FileManager.default.createDirectory(
          at: repository.appending(path: "refs"), withIntermediateDirectories: true)
        try commit.write(
          to: repository.appending(path: "refs/step\(step)"), atomically: true, encoding: .utf8)
        // Files of a snapshot are links into blobs.
        for name in ["config.json", "model.safetensors"] {
          let blob = repository.appending(path: "blobs/\(step)-\(name)")
          try FileManager.default.createDirectory(
            at: blob.deletingLastPathComponent(), withIntermediateDirectories: true)
          try FileManager.default.copyItem(
            at: Places.fixture.appending(path: "step\(step)/\(name)"), to: blob)
          try FileManager.default.createSymbolicLink(
            atPath: snapshot.appending(path: name).path,
            withDestinationPath: "../../blobs/\(step)-\(name)")
        }
      }
      let study =
        "name: s\nruns:\n  - {name: r, checkpoints: hf://o/n, steps: [0, 16, 512, 3000]}\n"
      for environment in [
        ["HF_HOME": folder.path], ["HF_HUB_CACHE": folder.appending(path: "hub").path],
      ] {
        let found = try inventory(folder, study, environment: environment)
        #expect(found.runs.first?.checkpoints.map(\.step) == [0, 512, 3000])
        #expect(found.failures.map(\.step) == [16])
        #expect(found.failures.first?.reason.contains("step 16 not found") == true)
      }
      #expect(throws: StudyError.self) {
        _ = try inventory(folder, study, environment: ["HF_HOME": "/nowhere"])
      }
    }
  }

  @Test func aPatternOfOnesOwnNamesTheSteps() throws {
    try Places.withFolder { folder in
      for (step, tokens) in [(0, 0), (512, 2), (3000, 12)] {
        try FileManager.default.copyItem(
          at: Places.fixture.appending(path: "step\(step)"),
          to: folder.appending(path: "run/stage1-step\(step)-tokens\(tokens)B", creating: true))
      }
      // A second stage with steps of the same numbers is not meant.
      try FileManager.default.copyItem(
        at: Places.fixture.appending(path: "step16"),
        to: folder.appending(path: "run/stage2-step512-tokens9B"))
      let found = try inventory(
        folder,
        """
        name: s
        runs:
          - {name: r, checkpoints: run, step_pattern: "stage1-step{step}-tokens{tokens}B"}
        """)
      #expect(found.runs.first?.checkpoints.map(\.step) == [0, 512, 3000])
      #expect(found.tokens.values.sorted() == [0, 2e9, 12e9])
      #expect(throws: StudyError.self) {
        _ = try inventory(
          folder, "name: s\nruns:\n  - {name: r, checkpoints: run, step_pattern: \"step\"}\n")
      }
    }
  }
}

extension URL {
  /// The path below this folder, whose own folder is made where it is missing.
  fileprivate func appending(path: String, creating: Bool) throws -> URL {
    let url = appending(path: path)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    return url
  }
}
