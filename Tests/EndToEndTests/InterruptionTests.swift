import Foundation
import Testing

/// The command itself, killed at random moments and started again.
@Suite(.serialized) struct InterruptionTests {
  private static let study = """
    name: s
    runs: [{name: nano, checkpoints: ., steps: [0, 512, 3000]}]
    probes: [{name: a, tokens: tokens.npy}]
    measure: {objects: [activations, weights], components: [mlp, ov], heads: false, variants: []}
    """

  private static let tend = Places.root.appending(path: ".build/release/tend")

  private func start(_ folder: URL) throws -> Process {
    try start(["run", folder.appending(path: "study.yaml").path])
  }

  private func run(_ arguments: [String]) throws {
    let process = try start(arguments)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
  }

  private func start(_ arguments: [String]) throws -> Process {
    let process = Process()
    process.executableURL = Self.tend
    process.arguments = arguments + ["--quiet"]
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    return process
  }

  private func finish(_ folder: URL) throws {
    let process = try start(folder)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
  }

  /// Every file of the results but the provenance, which holds times.
  private func results(_ folder: URL) throws -> [String: Data] {
    let results = folder.appending(path: "results")
    var files: [String: Data] = [:]
    for name in try FileManager.default.contentsOfDirectory(atPath: results.path)
    where name != "provenance.json" && !name.hasPrefix(".tend-tmp-") {
      files[name] = try Data(contentsOf: results.appending(path: name))
    }
    return files
  }

  @Test(.enabled(if: Places.isThere(tend), "the command was not built"))
  func resultsAreTheSameAfterEveryKill() throws {
    try Places.withFixture { folder in
      try Self.study.write(
        to: folder.appending(path: "study.yaml"), atomically: true, encoding: .utf8)
      let begun = Date()
      try finish(folder)
      let whole = Date().timeIntervalSince(begun)
      let expected = try results(folder)
      #expect(expected.count >= 12)
      for _ in 0..<10 {
        for made in [".tend", "results", "figures", "site"] {
          try? FileManager.default.removeItem(at: folder.appending(path: made))
        }
        let process = try start(folder)
        Thread.sleep(forTimeInterval: .random(in: 0..<whole))
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        try finish(folder)
        #expect(try results(folder) == expected)
        try run(["clean", folder.appending(path: "study.yaml").path])
        let left = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
        #expect(left.allSatisfy { !$0.contains(".tend-tmp-") })
      }
    }
  }

  @Test(
    .enabled(if: Places.isThere(tend), "the command was not built"),
    arguments: [SIGINT, SIGTERM, SIGUSR1, SIGUSR2])
  func aSignalEndsWith130AndTheSameCommandGoesOn(signal: Int32) throws {
    try Places.withFixture { folder in
      try Self.study.write(
        to: folder.appending(path: "study.yaml"), atomically: true, encoding: .utf8)
      let process = try start(folder)
      // Once its first unit is written, it is at work.
      let digests = folder.appending(path: ".tend/digests").path
      while process.isRunning, !FileManager.default.fileExists(atPath: digests) { usleep(1000) }
      kill(process.processIdentifier, signal)
      process.waitUntilExit()
      #expect(process.terminationReason == .exit && process.terminationStatus == 130)
      try finish(folder)
    }
  }
}
