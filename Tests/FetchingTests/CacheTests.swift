import Checkpoints
import Files
import Foundation
import Testing

@testable import Fetching

/// What is fetched, where it lies, and what is asked of the hub for it.
@Suite struct CacheTests {
  @Test func theLayoutIsThatOfHuggingFace() throws {
    let hub = try TestHub()
    let result = try hub.fetch()
    #expect(result.outcome.failures.isEmpty)
    for path in ["config.json", TestHub.weights] {
      let file = try #require(hub.file(path, of: "step0"))
      #expect(hub.read(path, of: "step0") == file.bytes)
      let link = "\(hub.cached)/snapshots/\(TestHub.commit("step0"))/\(path)"
      #expect(
        try FileManager.default.destinationOfSymbolicLink(atPath: link)
          == "../../blobs/\(file.hash)")
    }
    let reference = try String(contentsOfFile: hub.cached + "/refs/step0", encoding: .utf8)
    #expect(reference == TestHub.commit("step0"))
    // Only what measuring takes, and no revision that is no step.
    #expect(hub.blobs.count == 2)
    #expect(result.plans[0].otherRevisions == ["main"])
    let run = try HubCache.run(
      "hf://someone/tiny", environment: ["HF_HUB_CACHE": hub.folder.path + "/hub"])
    #expect(run.entries.map(\.step) == [0] && run.entries[0].obstacle == nil)
  }

  @Test func whatIsThereIsNotAskedForAgain() throws {
    let hub = try TestHub()
    try hub.fetch()
    let before = hub.hub.requests.count + hub.content.requests.count
    let again = try hub.fetch(steps: [0])
    #expect(again.plans[0].missing.isEmpty)
    #expect(hub.hub.requests.count + hub.content.requests.count == before)
    // Without named steps the list of revisions is asked for, and nothing else.
    try hub.fetch()
    #expect(hub.hub.requests.count + hub.content.requests.count == before + 1)
  }

  @Test func offlineNothingIsAsked() throws {
    let hub = try TestHub()
    #expect(throws: FetchError.self) { try hub.fetch(environment: ["HF_HUB_OFFLINE": "1"]) }
    try hub.fetch()
    let before = hub.hub.requests.count
    let result = try hub.fetch(steps: [0, 7], environment: ["HF_HUB_OFFLINE": "YES"])
    #expect(result.plans[0].revisions.map(\.step) == [0])
    #expect(result.plans[0].gaps.map(\.step) == [7])
    #expect(hub.hub.requests.count == before)
  }

  @Test func aMissingStepIsListedAndNothingTakenForIt() throws {
    let hub = try TestHub([
      "step0": TestHub.checkpoint(0), "step8": [TestHub.checkpoint(8)[1]],
      "main": TestHub.checkpoint(9),
    ])
    let result = try hub.fetch(steps: [0, 5, 8])
    let plan = result.plans[0]
    #expect(plan.revisions.map(\.step) == [0])
    #expect(plan.gaps.map(\.step) == [5, 8])
    #expect(plan.gaps[0].reason == "no revision is called so; nearest are 0 and 8")
    #expect(plan.gaps[1].reason.contains("has no model.safetensors"))
    #expect(!hub.hub.requests.contains { $0.path.contains("main") })
  }

  @Test func equalStepsAreToldBeforeAnythingIsFetched() throws {
    let hub = try TestHub([
      "step0": TestHub.checkpoint(0), "step1": TestHub.checkpoint(0),
      "step2": TestHub.checkpoint(2),
    ])
    let fetcher = Fetcher(settings: try hub.settings())
    let repository = try #require(HubRepository(address: "hf://someone/tiny"))
    let plans = try fetcher.plan([FetchRequest(repository: repository)])
    #expect(plans[0].identical == [[0, 1]])
    #expect(hub.content.requests.isEmpty && Folder.kind(of: hub.cached) == .missing)
    // Two contents of weights and two of configurations: one content is fetched once.
    #expect(plans[0].missing.count == 4)
    try hub.fetch()
    // The same is told from the cache alone.
    #expect(try fetcher.plan([FetchRequest(repository: repository)])[0].identical == [[0, 1]])
  }

  @Test func damageInTheCacheIsFoundAndMended() throws {
    let hub = try TestHub(["step0": TestHub.checkpoint(0)])
    try hub.fetch()
    let weights = try #require(hub.file(TestHub.weights, of: "step0"))
    var bytes = weights.bytes
    bytes[bytes.count - 5] ^= 4
    try Data(bytes).write(to: URL(fileURLWithPath: hub.cached + "/blobs/" + weights.hash))
    // The size is right: only the hash tells.
    #expect(try hub.fetch().plans[0].missing.isEmpty)
    #expect(try hub.fetch(verifying: true).plans[0].missing.map(\.path) == [TestHub.weights])
    #expect(hub.read(TestHub.weights, of: "step0") == weights.bytes)
  }

  @Test func verificationHashesWhatIsThere() throws {
    let hub = try TestHub(["step0": TestHub.checkpoint(0), "step8": TestHub.checkpoint(8)])
    try hub.fetch()
    let repository = try #require(HubRepository(address: "hf://someone/tiny"))
    let cache = hub.folder.path + "/hub"
    var whole = CacheVerification()
    try whole.verify(repository, steps: nil, cache: cache)
    #expect(whole.files == 4 && whole.damages.isEmpty)
    let weights = try #require(hub.file(TestHub.weights, of: "step8"))
    try Data(weights.bytes.dropLast()).write(
      to: URL(fileURLWithPath: hub.cached + "/blobs/" + weights.hash))
    var damaged = CacheVerification()
    try damaged.verify(repository, steps: nil, cache: cache)
    #expect(damaged.damages.count == 1)
    #expect(damaged.damages[0].reason.contains("expected the hash \(weights.hash)"))
    var other = CacheVerification()
    try other.verify(repository, steps: [0], cache: cache)
    #expect(other.files == 2 && other.damages.isEmpty)
  }

  @Test func aBeginningFromAKilledCallIsGoneOnWith() throws {
    let hub = try TestHub(["step0": TestHub.checkpoint(0)])
    let weights = try #require(hub.file(TestHub.weights, of: "step0"))
    let hash = try #require(BlobHash(name: weights.hash))
    try Folder.make(hub.cached + "/blobs")
    // No process has this number (the largest that Linux gives is 2^22).
    let gone = PartialBlob.Owner(host: PartialBlob.owner.host, process: 1 << 30)
    let left = hub.cached + "/blobs/" + gone.name(for: hash)
    try Data(weights.bytes[..<200_000]).write(to: URL(fileURLWithPath: left))
    let tag = "\"\(weights.hash.prefix(12))\""
    try Data(tag.utf8).write(to: URL(fileURLWithPath: hub.cached + "/blobs/\(weights.hash).etag"))
    try hub.fetch()
    #expect(hub.read(TestHub.weights, of: "step0") == weights.bytes)
    #expect(hub.content.sent("/" + weights.hash) == weights.bytes.count - 200_000)
    #expect(hub.content.requests.map { $0.fields["range"] } == ["bytes=200000-"])
    #expect(hub.content.requests.map { $0.fields["if-range"] } == [tag])
    try hub.expectWholeCache()
  }

  @Test func aWrongBeginningIsDroppedAndNeverTakenForABlob() throws {
    let hub = try TestHub(["step0": TestHub.checkpoint(0)])
    let weights = try #require(hub.file(TestHub.weights, of: "step0"))
    let hash = try #require(BlobHash(name: weights.hash))
    try Folder.make(hub.cached + "/blobs")
    let gone = PartialBlob.Owner(host: PartialBlob.owner.host, process: 1 << 30)
    // All its bytes are there and wrong: an .incomplete file of the right size is no blob.
    try Data([UInt8](repeating: 7, count: weights.bytes.count)).write(
      to: URL(fileURLWithPath: hub.cached + "/blobs/" + gone.name(for: hash)))
    try hub.fetch()
    #expect(hub.read(TestHub.weights, of: "step0") == weights.bytes)
    try hub.expectWholeCache()
  }

  @Test func shardsComeWithTheirIndex() throws {
    let shards = (1...2).map { number in
      TestHub.File(
        path: "model-0000\(number)-of-00002.safetensors",
        bytes: TestHub.safetensors(UInt64(number), size: 100), isLarge: true)
    }
    let others = [
      "model-00001-of-00002.bin", "../model-00001-of-00002.safetensors", "model-x.safetensors",
    ]
    .map { TestHub.File(path: $0, bytes: [1], isLarge: true) }
    let small = ["config.json", "model.safetensors.index.json", "tokenizer.json"].map {
      TestHub.File(path: $0, bytes: Array("{}\($0)".utf8), isLarge: false)
    }
    let hub = try TestHub(["step3": others + small + shards])
    let plan = try hub.fetch(also: ["tokenizer.json", "absent.json"]).plans[0]
    #expect(
      plan.revisions[0].files.map(\.path) == [
        "config.json", "model.safetensors.index.json", shards[0].path, shards[1].path,
        "tokenizer.json",
      ])
    for shard in shards { #expect(hub.read(shard.path, of: "step3") == shard.bytes) }
  }

  @Test func aMirrorThatKnowsNoCommitsIsAskedByName() throws {
    let files = TestHub.checkpoint(0)
    let hub = try TestHub(["step0": files]) { request in
      request.path.contains("/tree/" + TestHub.commit("step0")) ? LoopbackServer.Answer(404) : nil
    }
    #expect(try hub.fetch().outcome.failures.isEmpty)
    #expect(hub.read("config.json", of: "step0") == files[1].bytes)
    #expect(hub.hub.requests.contains { $0.path.hasSuffix("/resolve/step0/config.json") })
  }

  @Test(arguments: [
    "<!DOCTYPE html><p>Log in", "{\"branches\": 1", "[]",
    "{\"branches\":[{\"name\":\"step0\",\"targetCommit\":\"../../x\"}]}",
  ])
  func aListingOfAnotherFormIsRefused(body: String) throws {
    let hub = try TestHub(["step0": TestHub.checkpoint(0)]) { request in
      request.path.hasSuffix("/refs")
        ? LoopbackServer.Answer(200, body: Array(body.utf8)) : nil
    }
    #expect(throws: FetchError.self) { try hub.fetch() }
    #expect(Folder.kind(of: hub.cached) == .missing)
  }

  @Test func theCommandKilledAtRandomMomentsFetchesHardlyAnythingTwice() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let tend = root.appending(path: ".build/release/tend")
    guard FileManager.default.fileExists(atPath: tend.path) else {
      print("skipped: the command was not built")
      return
    }
    let files = TestHub.checkpoint(3, size: 6_000_000)
    let weights = try #require(files.first { $0.path == TestHub.weights })
    let hub = try TestHub(["step0": files]) { _ in
      nil
    } contentFault: { request in
      var answer = TestHub.content(weights, request)
      answer.delivery = .paced(piece: 32 << 10, microseconds: 2000)
      return answer
    }
    func start() throws -> Process {
      let process = Process()
      process.executableURL = tend
      process.arguments = ["fetch", "hf://someone/tiny", "--yes", "--quiet"]
      process.environment = [
        "HF_HUB_CACHE": hub.folder.path + "/hub", "HF_ENDPOINT": hub.hub.address,
        "HOME": hub.folder.path,
      ]
      process.standardOutput = FileHandle.nullDevice
      try process.run()
      return process
    }
    for _ in 0..<4 {
      let process = try start()
      Thread.sleep(forTimeInterval: .random(in: 0.02..<0.3))
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
    let last = try start()
    last.waitUntilExit()
    #expect(last.terminationStatus == 0)
    #expect(hub.read(TestHub.weights, of: "step0") == weights.bytes)
    try hub.expectWholeCache()
    // A call has at most this much in memory, and the system that much in its buffers.
    let inFlight = (BlobWriter.mostPieces + 1) * BlobWriter.pieceSize + (256 << 10)
    #expect(hub.content.sent("/" + weights.hash) <= weights.bytes.count + 4 * inFlight)
  }
}
