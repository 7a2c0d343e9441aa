import Foundation
import Testing

@testable import Studies

/// `tend check`: what is done, what is stale and why, and nothing is written.
@Suite struct PlanTests {
  private static let study = """
    name: s
    runs: [{name: nano, checkpoints: ., steps: [0, 512]}]
    probes: [{name: a, tokens: tokens.npy}]
    measure: {objects: [activations, weights], components: [mlp], heads: false, variants: []}
    """

  @Test func nothingIsWritten() throws {
    try Places.withFixture { folder in
      let study = StudyFolder(folder)
      try study.write(Self.study)
      let before = try study.snapshot()
      let check = try study.runner().check()
      #expect(try study.snapshot() == before)
      #expect(check.pending.count > 6 && check.pending.allSatisfy(\.changed.isEmpty))
      #expect(check.report == ["measurements"])
      let cost = try #require(check.cost)
      #expect(cost.seconds > 0 && cost.memory > 10 << 20)
    }
  }

  @Test func aChangedCheckpointIsToldByWhatDependsOnIt() throws {
    try Places.withFixture { folder in
      let study = StudyFolder(folder)
      try study.write(Self.study)
      try study.measure()
      #expect(try study.runner().check().pending == [])
      // Another content under the name of step 0, which the cache of digests has to notice.
      try FileManager.default.removeItem(at: folder.appending(path: "step0"))
      try FileManager.default.copyItem(
        at: folder.appending(path: "step16"), to: folder.appending(path: "step0"))
      var check = try study.runner().check()
      #expect(check.notes.contains { $0.contains("1 of 2 checkpoints were not read before") })
      #expect(check.pending.allSatisfy { $0.unit.contains("nano/0") || $0.stage == .audit })
      try study.measure()
      check = try study.runner().check()
      #expect(check.pending == [])
      #expect(study.unitsDone()[.capture] == 1 + 2)
    }
  }

  @Test func theJSONSaysTheSame() throws {
    try Places.withFixture { folder in
      let study = StudyFolder(folder)
      try study.write(Self.study)
      let check = try study.runner().check()
      let json = try #require(
        JSONSerialization.jsonObject(with: Data(check.json.utf8)) as? [String: Any])
      let units = try #require(json["units"] as? [[String: Any]])
      #expect(units.count == check.pending.count)
      #expect(units.allSatisfy { $0["state"] as? String == "missing" })
      let stages = try #require(json["stages"] as? [[String: Any]])
      #expect(
        stages.map { $0["to_do"] as? Int ?? 0 }.reduce(0, +) == check.pending.count)
      #expect((json["report"] as? [String: Any])?["to_do"] as? Bool == true)
      #expect((json["seconds"] as? Double ?? 0) > 0)
      // A person sees each unit with --verbose alone.
      #expect(check.lines(listsUnits: true).count == check.lines().count + units.count)
    }
  }

  /// Copied without its times, or looked at by another thread count: nothing is done again.
  @Test func aStudyMayMove() throws {
    try Places.withFixture { folder in
      let study = StudyFolder(folder)
      try study.write(Self.study)
      try study.measure()
      let copy = folder.deletingLastPathComponent().appending(path: "moved")
      try FileManager.default.copyItem(at: folder, to: copy)
      let moved = StudyFolder(copy)
      try moved.measure()
      // Contents are read again, since these are other files; what they give is there.
      #expect(moved.unitsDone() == [.audit: 2])
    }
  }
}
