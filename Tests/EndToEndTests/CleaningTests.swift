import Foundation
import Testing

@testable import Studies

/// `tend clean` removes what no study in the folder refers to, and nothing else.
@Suite struct CleaningTests {
  private static func study(_ steps: String = "0, 3000") -> String {
    """
    name: s
    runs: [{name: nano, checkpoints: ., steps: [\(steps)]}]
    probes: [{name: a, tokens: tokens.npy}]
    measure: {objects: [activations, weights], components: [mlp], heads: false, variants: []}
    """
  }

  private func withStudy(_ body: (StudyFolder) throws -> Void) throws {
    try Places.withFixture { folder in
      let study = StudyFolder(folder)
      try study.write(Self.study("0, 512, 3000"))
      try study.measure()
      _ = study.unitsDone()
      try body(study)
    }
  }

  @Test func nothingGoesThatAStudyNeeds() throws {
    try withStudy { study in
      #expect(try study.runner().clean().items.isEmpty)
      // Another study in the folder keeps what this one let go of.
      try Self.study("0, 512, 3000").write(
        to: study.folder.appending(path: "other.yaml"), atomically: true, encoding: .utf8)
      try study.write(Self.study())
      try study.measure()
      #expect(try study.runner().clean().items.isEmpty)
    }
  }

  @Test func whatNoStudyNamesGoesAndIsListedFirst() throws {
    try withStudy { study in
      try study.write(Self.study())
      try study.measure()
      _ = study.unitsDone()
      let before = try study.snapshot()
      let cleaning = try study.runner().clean()
      #expect(try study.snapshot() == before)
      let what = cleaning.items.map(\.what)
      #expect(what.contains("capture nano/512/a"), "\(what)")
      #expect(what.contains { $0.hasPrefix("digests") })
      #expect(cleaning.bytes > 1000)
      try cleaning.remove()
      try study.measure()
      #expect(study.unitsDone() == [:])
      #expect(try study.runner().clean().items.isEmpty)
    }
  }

  @Test func interruptedWritesGoFromEveryFolder() throws {
    try withStudy { study in
      let places = [
        ".tend/capture", ".tend/digests", ".tend", "results", "figures", "site/runs/nano",
        ".tend/verify-123/weights",
      ]
      for place in places {
        let folder = study.folder.appending(path: place)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data([1]).write(to: folder.appending(path: ".tend-tmp-1-x-9"))
      }
      let cleaning = try study.runner().clean()
      #expect(cleaning.items.count == places.count)
      try cleaning.remove()
      #expect(try study.snapshot().keys.allSatisfy { !$0.contains(".tend-tmp-") })
    }
  }

  /// A checkpoint that is away for a while, such as a network disk, keeps its results.
  @Test func whatCannotBeReadNowIsKept() throws {
    try withStudy { study in
      let step = study.folder.appending(path: "step512")
      let away = study.folder.deletingLastPathComponent().appending(path: "away")
      try FileManager.default.moveItem(at: step, to: away)
      let items = try study.runner().clean().items.map(\.what)
      #expect(items.allSatisfy { !$0.contains("512") }, "\(items)")
      try FileManager.default.moveItem(at: away, to: step)
      try study.measure()
      #expect(study.unitsDone()[.capture] == nil)
    }
  }

  @Test func aStudyThatCannotBeReadStopsIt() throws {
    try withStudy { study in
      try "name: x\nruns:\n  - nonsense\n".write(
        to: study.folder.appending(path: "broken.yaml"), atomically: true, encoding: .utf8)
      #expect(throws: StudyError.self) { try study.runner().clean() }
    }
  }
}
