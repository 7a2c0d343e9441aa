import Checkpoints
import Files
import Foundation
import Synchronization
import Testing

@testable import Fetching
@testable import Studies

/// A study whose checkpoints are fetched, measured and removed step by step.
@Suite struct KeepCapturesTests {
  @Test func resultsAreThoseOfAllCheckpointsTogetherAndTheDiskHoldsAFew() throws {
    let revisions = try NanoRun.revisions()
    let whole = try MeasuredStudy(revisions)
    try whole.hub.fetch()
    let expected = try whole.results()
    #expect(expected["measurements.csv"]?.count ?? 0 > 1000)

    let study = try MeasuredStudy(revisions)
    let result = try study.fetchKeepingCaptures()
    #expect(result.outcome.failures == [] && result.fetched.failures.isEmpty)
    // The final checkpoint, one step and those before it that the audit needs: never more.
    #expect(revisions.count > StudyRunner.stepwiseReach + 2)
    #expect(study.mostWeights == StudyRunner.stepwiseReach + 2)
    #expect(study.weights == [])
    for (revision, files) in revisions {
      let bytes = try #require(files.first { $0.path == TestHub.weights }).bytes.count
      #expect(study.hub.read("config.json", of: revision) != nil)
      #expect(study.hub.content.sent("/" + study.hash(of: revision)) == bytes)
    }
    let before = study.requests
    #expect(try study.results() == expected)
    #expect(study.requests == before)

    // A second call has nothing to do and asks nobody.
    let again = try study.fetchKeepingCaptures(steps: NanoRun.steps)
    #expect(again.fetched.bytes == 0 && study.requests == before)
    #expect(try study.results() == expected)
  }

  @Test func whatOtherProgramsBroughtStays() throws {
    let revisions = try NanoRun.revisions([0, 16, 128, 512, 1000, 2000, 3000])
    let study = try MeasuredStudy(revisions)
    try study.bringByHand("step16")
    // Under the name of a step and of a branch that is none: it is not only tend's.
    try study.linkByHand("main", to: "step128")
    let result = try study.fetchKeepingCaptures()
    #expect(result.outcome.failures == [])
    #expect(study.weights == [study.hash(of: "step128"), study.hash(of: "step16")].sorted())
    #expect(study.hub.content.sent("/" + study.hash(of: "step16")) == 0)
    try study.hub.expectWholeCache()
    // Every link that is left leads to a file, and those that were left alone are whole.
    for revision in ["step16", "step128"] {
      #expect(study.hub.read(TestHub.weights, of: revision) != nil)
    }
    #expect(study.hub.read(TestHub.weights, of: "step0") == nil)
  }

  @Test func aStepThatFailsLeavesTheOthersAndTheNextCallEndsIt() throws {
    let revisions = try NanoRun.revisions([0, 16, 128, 3000])
    let expected = try {
      let whole = try MeasuredStudy(revisions)
      try whole.hub.fetch()
      return try whole.results()
    }()
    let isBroken = Mutex(true)
    let study = try MeasuredStudy(revisions) { request in
      guard request.path.hasSuffix("/\(TestHub.commit("step16"))/\(TestHub.weights)") else {
        return nil
      }
      return isBroken.withLock { $0 } ? LoopbackServer.Answer(503) : nil
    }
    let first = try study.fetchKeepingCaptures()
    #expect(first.outcome.failures.map(\.step) == [16])
    #expect(first.outcome.failures.first?.reason.hasPrefix("not fetched: ") == true)
    #expect(study.weights == [])
    isBroken.withLock { $0 = false }
    let second = try study.fetchKeepingCaptures()
    #expect(second.outcome.failures == [])
    #expect(try study.results() == expected)
  }

  @Test func stepsWithTheSameWeightsAreAuditedAsEver() throws {
    var revisions = try NanoRun.revisions()
    revisions["step16"] = revisions["step3000"]
    revisions["step1500"] = revisions["step1000"]
    let whole = try MeasuredStudy(revisions)
    try whole.hub.fetch()
    let expected = try whole.results()
    let audit = String(decoding: expected["audit.csv"] ?? [], as: UTF8.self)
    #expect(audit.contains("identical_final") && audit.contains("identical_neighbour"))
    let study = try MeasuredStudy(revisions)
    #expect(try study.fetchKeepingCaptures().outcome.failures == [])
    #expect(study.weights == [])
    #expect(study.mostWeights <= StudyRunner.stepwiseReach + 3)
    #expect(try study.results() == expected)
  }

  @Test func whatNeedsRemovedWeightsSaysHowToHaveThemAgain() throws {
    let study = try MeasuredStudy(try NanoRun.revisions([0, 3000]))
    _ = try study.fetchKeepingCaptures()
    let snapshot = "\(study.hub.cached)/snapshots/\(TestHub.commit("step0"))"
    let checkpoint = try Checkpoint(folder: snapshot, step: 0)
    #expect(checkpoint.shape(of: "gpt_neox.embed_in.weight")?.count == 2)
    #expect(
      throws: CheckpointError.removed(folder: snapshot, step: 0, repository: "hf://someone/tiny")
    ) { try checkpoint.floats("gpt_neox.embed_in.weight") }
    _ = try study.results()
    let runner = try study.runner()
    let measurement = StudyMeasurement(runner, try runner.inspect())
    _ = try measurement.bringUpToDate()
    let inputs = try measurement.inputs()
    #expect(inputs.compactMap(\.commit) == ["step0", "step3000"].map(TestHub.commit))
    let verification = try study.runner().verify(count: nil, seed: 1)
    #expect(verification.differing == 0 && verification.missing == 0)
    #expect(verification.removed.map(\.checkpoint) == ["nano/0", "nano/3000"])
    #expect(!verification.units.isEmpty)
    // Fetched again they are as before, and the next call removes them again.
    try study.hub.fetch()
    #expect(study.weights.count == 2)
    #expect(try study.runner().verify(count: nil, seed: 1).removed.isEmpty)
    _ = try study.fetchKeepingCaptures()
    #expect(study.weights == [])
  }
}

/// The fixture's run as a hub has it, with steps between its own so that there are enough to leave the
/// disk again.
enum NanoRun {
  static let steps = [0, 4, 16, 64, 128, 256, 512, 768, 1000, 1500, 2000, 2500, 3000]

  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Fixtures/nano")

  static func revisions(_ steps: [Int] = steps) throws -> [String: [TestHub.File]] {
    var revisions: [String: [TestHub.File]] = [:]
    for step in steps {
      revisions["step\(step)"] = [
        TestHub.File(
          path: "config.json", bytes: try bytes("step3000/config.json"), isLarge: false),
        TestHub.File(path: TestHub.weights, bytes: try weights(step), isLarge: true),
      ]
    }
    return revisions
  }

  private static func bytes(_ path: String) throws -> [UInt8] {
    Array(try Data(contentsOf: folder.appending(path: path)))
  }

  /// A step's weights; of one that the fixture lacks, half way between its neighbours.
  private static func weights(_ step: Int) throws -> [UInt8] {
    let there = [0, 16, 128, 512, 1000, 2000, 3000]
    if there.contains(step) { return try bytes("step\(step)/\(TestHub.weights)") }
    let before = try #require(there.last { $0 < step })
    let after = try #require(there.first { $0 > step })
    var mixed = try bytes("step\(before)/\(TestHub.weights)")
    let other = try bytes("step\(after)/\(TestHub.weights)")
    try #require(mixed.count == other.count)
    let start = 8 + mixed[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
    for place in stride(from: start, to: mixed.count - 1, by: 2) {
      func half(_ bytes: [UInt8]) -> Float16 {
        Float16(bitPattern: UInt16(bytes[place]) | UInt16(bytes[place + 1]) << 8)
      }
      let mean = (half(mixed) + half(other)) / 2
      mixed[place] = UInt8(truncatingIfNeeded: mean.bitPattern)
      mixed[place + 1] = UInt8(truncatingIfNeeded: mean.bitPattern >> 8)
    }
    return mixed
  }
}

/// A study of a hub's run, in a folder of its own.
final class MeasuredStudy: Sendable {
  let hub: TestHub
  let folder: TemporaryFolder
  private let most = Mutex(0)

  init(
    _ revisions: [String: [TestHub.File]], fault: @escaping TestHub.Fault = { _ in nil }
  ) throws {
    hub = try TestHub(revisions, fault: fault)
    folder = try TemporaryFolder()
    let text = """
      name: kept
      runs:
        - name: nano
          checkpoints: hf://\(TestHub.repository)
      probes:
        - name: a
          tokens: tokens.npy
      """
    try text.write(toFile: folder.path + "/study.yaml", atomically: true, encoding: .utf8)
    try FileManager.default.copyItem(
      atPath: NanoRun.folder.path + "/tokens.npy", toPath: folder.path + "/tokens.npy")
  }

  func runner() throws -> StudyRunner {
    try StudyRunner(
      file: folder.path + "/study.yaml",
      options: StudyOptions(
        threads: 2, command: "test", environment: ["HF_HUB_CACHE": hub.folder.path + "/hub"])
    ) { _ in }
  }

  /// As `tend fetch study.yaml --keep captures`.
  func fetchKeepingCaptures(steps: [Int]? = nil) throws -> StudyRunner.Stepwise {
    let fetcher = Fetcher(settings: try hub.settings(), connections: 1) { [self] event in
      guard case .fileFinished = event else { return }
      let count = weights.count
      most.withLock { $0 = max($0, count) }
    }
    let repository = try #require(HubRepository(address: "hf://" + TestHub.repository))
    var request = FetchRequest(repository: repository, steps: steps.map(Set.init))
    request.acceptsMeasured = true
    return try runner().fetchKeepingCaptures(try fetcher.plan([request]), by: fetcher)
  }

  /// The tables as `tend run` writes them, by name.
  func results() throws -> [String: [UInt8]] {
    let runner = try runner()
    let measurement = StudyMeasurement(runner, try runner.inspect())
    let results = try measurement.gather(measurement.bringUpToDate())
    #expect(measurement.failures == [])
    let path = folder.path + "/results"
    try ResultsFolder(path: path).write(results)
    var tables: [String: [UInt8]] = [:]
    for name in try Folder.names(in: path) {
      tables[name] = try FileReader(path + "/" + name).readAll()
    }
    return tables
  }

  var requests: Int { hub.hub.requests.count + hub.content.requests.count }

  /// The blobs of weights that are on the disk.
  var weights: [String] { hub.blobs.filter { $0.utf8.count == 64 }.sorted() }
  /// The most of them when a file had come.
  var mostWeights: Int { most.withLock { $0 } }

  func hash(of revision: String) -> String { hub.file(TestHub.weights, of: revision)?.hash ?? "" }

  /// Puts a revision into the cache as another program would.
  func bringByHand(_ revision: String) throws {
    let commit = TestHub.commit(revision)
    for name in ["blobs", "refs", "snapshots/" + commit] {
      try Folder.make(hub.cached + "/" + name)
    }
    for file in hub.revisions[revision] ?? [] {
      try Data(file.bytes).write(
        to: URL(fileURLWithPath: hub.cached + "/blobs/" + file.hash))
      try FileManager.default.createSymbolicLink(
        atPath: "\(hub.cached)/snapshots/\(commit)/\(file.path)",
        withDestinationPath: "../../blobs/" + file.hash)
    }
    try commit.write(
      toFile: hub.cached + "/refs/" + revision, atomically: true, encoding: .utf8)
  }

  /// Lets the snapshot of another revision lead to the weights of one.
  func linkByHand(_ name: String, to revision: String) throws {
    let snapshot = "\(hub.cached)/snapshots/\(TestHub.commit(name))"
    try Folder.make(snapshot)
    try FileManager.default.createSymbolicLink(
      atPath: snapshot + "/" + TestHub.weights,
      withDestinationPath: "../../blobs/" + hash(of: revision))
  }
}
