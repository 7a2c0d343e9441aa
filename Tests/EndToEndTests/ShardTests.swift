import Dynamics
import Foundation
import Testing

@testable import Studies

/// Slices of a study: any assignment gives the same results, and what is missing is named.
@Suite struct ShardTests {
  private static let study = """
    name: s
    runs:
      - {name: one, checkpoints: ., steps: [0, 128, 3000], group: g}
      - {name: two, checkpoints: ., steps: [16, 512, 2000], group: g}
    probes: [{name: a, tokens: tokens.npy}]
    measure: {components: [mlp], rows: [last, all], heads: false, variants: []}
    """

  private func measure(_ study: StudyFolder, _ shard: String) throws {
    var runner = try study.runner()
    let slice = try #require(Shard(shard))
    runner.options.shard = slice
    runner.options.gathers = false
    _ = try StudyMeasurement(runner, try runner.inspect()).bringUpToDate()
  }

  @Test(arguments: [1, 2, 3, 6, 9])
  func anyCutGivesTheSameResults(count: Int) throws {
    try Places.withFixture { folder in
      let whole = StudyFolder(folder.deletingLastPathComponent().appending(path: "whole"))
      try FileManager.default.copyItem(at: folder, to: whole.folder)
      try whole.write(Self.study)
      let expected = try whole.measure()
      let study = StudyFolder(folder)
      try study.write(Self.study)
      for shard in (1...count).reversed() {
        try measure(study, "\(shard)/\(count)")
        _ = study.unitsDone()
        // Started again it does nothing.
        try measure(study, "\(shard)/\(count)")
        #expect(study.unitsDone() == [:])
      }
      let runner = try study.runner()
      let missing = try runner.missing(try runner.inspect())
      #expect(missing.units.isEmpty && missing.failures.isEmpty)
      let found = try study.measure()
      #expect(study.unitsDone() == [:])
      #expect(found.table.csv() == expected.table.csv())
      #expect(found.audit == expected.audit)
    }
  }

  @Test func whatIsMissingIsNamedWithItsShard() throws {
    try Places.withFixture { folder in
      let study = StudyFolder(folder)
      try study.write(Self.study)
      for shard in ["1/3", "3/3"] { try measure(study, shard) }
      #expect {
        try study.runner().gather(patience: 0, shards: 3)
      } throws: { error in
        let text = "\(error)"
        return text.contains("shard 2/3:") && text.contains("--shard 2/3 --no-gather")
          && !text.contains("shard 1/3") && !text.contains("shard 3/3")
      }
      let status = try study.runner().status()
      #expect(status.stages.contains { $0.missing > 0 && $0.done > 0 })
      #expect(status.failures.isEmpty)
      #expect(try JSONSerialization.jsonObject(with: Data(status.json.utf8)) is [String: Any])
    }
  }

  /// A unit that failed is no missing one: gathering goes on and the report says so.
  @Test func aFailedUnitIsToldByTheShardsFailure() throws {
    try Places.withFixture { folder in
      let file = folder.appending(path: "step128/model.safetensors")
      var data = try Data(contentsOf: file)
      let header = data.prefix(8).enumerated().reduce(0) { $0 + Int($1.element) << (8 * $1.offset) }
      // float16 NaN.
      for place in stride(from: 8 + header, to: data.count - 1, by: 2) {
        data[place] = 0x00
        data[place + 1] = 0x7E
      }
      try data.write(to: file)
      let study = StudyFolder(folder)
      try study.write(Self.study)
      for shard in ["1/2", "2/2"] { try measure(study, shard) }
      let runner = try study.runner()
      let missing = try runner.missing(try runner.inspect())
      #expect(missing.units.isEmpty, "\(missing.units.map(\.name))")
      #expect(!missing.failures.isEmpty && missing.failures.allSatisfy { $0.step == 128 })
      #expect(try runner.status().failures.contains { $0.unit.step == 128 })
    }
  }

  @Test(arguments: [
    "", "1", "0/2", "3/2", "1/0", "-1/2", "1/2/3", "a/b", "1/100001", "1/99999999999999999999",
  ])
  func aShardThatIsNoneIsRefused(text: String) { #expect(Shard(text) == nil) }
}
