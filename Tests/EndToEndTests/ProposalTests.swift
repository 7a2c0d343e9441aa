import Foundation
import Testing

@testable import Studies

/// `tend init --from FOLDER`: a study of what lies there, valid as it stands.
@Suite struct ProposalTests {
  @Test func runsAndProbesAreFoundAndTheStudyIsValid() throws {
    try Places.withFixture { folder in
      let base = folder.deletingLastPathComponent()
      // Names that YAML would read as something else.
      for name in ["70", "true", "a: b", "with # mark", "-dash"] {
        try FileManager.default.copyItem(at: folder, to: base.appending(path: name))
      }
      try Data("no array".utf8).write(to: base.appending(path: "broken.npy"))
      let file = base.appending(path: "study.yaml")
      _ = try StudyTemplate.write(to: file.path, from: base.path)
      let text = try String(contentsOf: file, encoding: .utf8)
      let study = try StudyDecoder.decode(file: file.path)
      #expect(
        Set(study.runs.map(\.name)) == ["study", "70", "true", "a: b", "with # mark", "-dash"])
      #expect(Set(study.probes.map(\.name)).count == 6)
      #expect(study.runs.allSatisfy { $0.checkpoints == base.path + "/" + $0.name })
      #expect(text.contains("# steps 0, 16, 128, 512, 1000, 2000, 3000"))
      #expect(text.contains("# Left out:") && text.contains("broken.npy"))
      // An existing file is never replaced.
      #expect(throws: StudyError.self) { try StudyTemplate.write(to: file.path, from: base.path) }
    }
  }

  @Test func aFolderWithoutRunsIsToldAsSuch() throws {
    try Places.withFolder { folder in
      #expect {
        try StudyTemplate.write(to: folder.appending(path: "s.yaml").path, from: folder.path)
      } throws: { "\($0)".contains("holds no run") }
      #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "s.yaml").path))
    }
  }
}
