import Dynamics
import Foundation
import Testing

@testable import Studies

/// Checkpoints that cannot be measured: one clear line each, the rest goes on.
@Suite struct FailedUnitTests {
  static let study = """
    name: s
    runs: [{name: nano, checkpoints: ., steps: [0, 128, 512, 3000]}]
    probes: [{name: a, tokens: tokens.npy}]
    measure: {objects: [activations, weights], heads: false, variants: []}
    """

  private func measure(_ folder: URL) throws -> StudyResults {
    let file = folder.appending(path: "study.yaml")
    try Self.study.write(to: file, atomically: true, encoding: .utf8)
    let runner = try StudyRunner(
      file: file.path, options: StudyOptions(threads: 2, command: "test")
    ) { _ in }
    let measurement = StudyMeasurement(
      runner, try StudyInspector.inspect(runner.study, shownAs: file.path))
    return try measurement.gather(measurement.bringUpToDate())
  }

  func expect(_ results: StudyResults, words: [String]) throws {
    #expect(results.failures.map(\.step).allSatisfy { $0 == 128 })
    let lines = results.failures.map(\.line)
    #expect(lines.count == 1)
    for word in words { #expect(lines.first?.contains(word) == true, "\(lines)") }
    let steps = Set(results.table.rows.filter { $0.metric == "cka" }.map(\.step))
    #expect(steps == [0, 512, 3000])
  }

  @Test func aStepWithoutAConfig() throws {
    try Places.withFixture { folder in
      try FileManager.default.removeItem(at: folder.appending(path: "step128/config.json"))
      try expect(try measure(folder), words: ["config.json"])
    }
  }

  @Test func aTruncatedFile() throws {
    try Places.withFixture { folder in
      let file = folder.appending(path: "step128/model.safetensors")
      let data = try Data(contentsOf: file)
      try data.prefix(data.count - 1000).write(to: file)
      try expect(try measure(folder), words: ["step128/model.safetensors"])
    }
  }

  @Test func aStepThatIsNotThere() throws {
    try Places.withFixture { folder in
      try FileManager.default.removeItem(at: folder.appending(path: "step128"))
      try expect(try measure(folder), words: ["step 128 not found", "nearest are 16, 512"])
    }
  }

  @Test func notANumberAmongTheWeights() throws {
    try Places.withFixture { folder in
      let file = folder.appending(path: "step128/model.safetensors")
      var data = try Data(contentsOf: file)
      // float16 NaN.
      let header = data.prefix(8).enumerated().reduce(0) { $0 + Int($1.element) << (8 * $1.offset) }
      for place in stride(from: 8 + header, to: data.count - 1, by: 2) {
        data[place] = 0x00
        data[place + 1] = 0x7E
      }
      try data.write(to: file)
      let results = try measure(folder)
      #expect(!results.failures.isEmpty)
      #expect(results.failures.allSatisfy { $0.step == 128 })
      #expect(results.failures.contains { $0.line.contains("NaN or infinite") })
      let steps = Set(results.table.rows.filter { $0.metric == "cka" }.map(\.step))
      #expect(steps == [0, 512, 3000])
    }
  }

  /// A damaged artifact of each kind is done again and told, and the results are as before.
  @Test func aDamagedArtifactIsDoneAgain() throws {
    try Places.withFixture { folder in
      let before = try measure(folder)
      let working = folder.appending(path: ".tend")
      for kind in ["audit", "weights", "capture", "similarity"] {
        let store = working.appending(path: kind)
        let name = try #require(
          try FileManager.default.contentsOfDirectory(atPath: store.path).sorted().first)
        var data = try Data(contentsOf: store.appending(path: name))
        data[data.count / 2] ^= 1
        try data.write(to: store.appending(path: name))
        let after = try measure(folder)
        #expect(after.table.csv() == before.table.csv(), "\(kind)")
        #expect(after.failures.isEmpty)
      }
    }
  }
}

extension FailedUnitTests {
  /// The file of step 128 changes after the study was looked at and before it is measured.
  private func measure(
    _ folder: URL, changing change: (URL) throws -> Void
  ) throws -> StudyResults {
    let file = folder.appending(path: "study.yaml")
    try Self.study.write(to: file, atomically: true, encoding: .utf8)
    let runner = try StudyRunner(
      file: file.path, options: StudyOptions(threads: 2, command: "test")
    ) { _ in }
    let inventory = try StudyInspector.inspect(runner.study, shownAs: file.path)
    try change(folder.appending(path: "step128/model.safetensors"))
    let measurement = StudyMeasurement(runner, inventory)
    return try measurement.gather(measurement.bringUpToDate())
  }

  @Test func aFileThatIsCutOffDuringTheRun() throws {
    try Places.withFixture { folder in
      let results = try measure(folder) { file in
        let handle = try FileHandle(forWritingTo: file)
        try handle.truncate(atOffset: 5000)
        try handle.close()
      }
      try expect(results, words: ["step128/model.safetensors", "truncated"])
    }
  }

  @Test func aFileThatIsReplacedDuringTheRun() throws {
    try Places.withFixture { folder in
      let results = try measure(folder) { file in
        let data = try Data(contentsOf: file)
        try data.write(to: file, options: .atomic)
      }
      try expect(results, words: ["step128/model.safetensors", "replaced by another file"])
    }
  }
}
