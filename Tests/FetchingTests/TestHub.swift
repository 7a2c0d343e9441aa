import Checkpoints
import Files
import Foundation
import Synchronization
import Testing

@testable import Fetching

/// A hub with one small repository on loopback, and a second host that it sends large files to.
///
/// Both answer as the real ones do until `fault` says otherwise.
final class TestHub: Sendable {
  struct File: Sendable {
    let path: String
    let bytes: [UInt8]
    /// In large file storage: named by SHA-256 and given by the second host.
    let isLarge: Bool

    var hash: String {
      if isLarge { return SHA256Digest(of: bytes).hex }
      var hasher = ContentHasher.gitBlob(size: bytes.count)
      bytes.withUnsafeBytes { hasher.update($0) }
      return hasher.finalize()
    }
  }

  typealias Fault = @Sendable (LoopbackServer.Request) -> LoopbackServer.Answer?

  static let repository = "someone/tiny"
  static let token = "hf_aSecretThatNobodyElseMaySee"
  static let weights = "model.safetensors"

  let hub: LoopbackServer
  let content: LoopbackServer
  let revisions: [String: [File]]
  let folder: TemporaryFolder

  /// `fault` answers instead of the hub, `contentFault` instead of the second host, where not nil.
  init(
    _ revisions: [String: [File]] = [
      "step0": TestHub.checkpoint(0), "main": TestHub.checkpoint(9),
    ],
    fault: @escaping Fault = { _ in nil }, contentFault: @escaping Fault = { _ in nil }
  ) throws {
    self.revisions = revisions
    folder = try TemporaryFolder()
    content = try LoopbackServer { request in
      if let answer = contentFault(request) { return answer }
      let files = revisions.values.flatMap(\.self)
      guard let file = files.first(where: { request.path == "/" + $0.hash }) else {
        return LoopbackServer.Answer(404)
      }
      return TestHub.content(file, request)
    }
    let contentAddress = content.address
    hub = try LoopbackServer { request in
      if let answer = fault(request) { return answer }
      return TestHub.answer(request, revisions, contentAddress)
    }
  }

  deinit {
    hub.stop()
    content.stop()
  }

  /// A checkpoint whose weights are a valid file of `size` bytes of data.
  static func checkpoint(_ seed: UInt64, size: Int = 300_000) -> [File] {
    [
      File(path: "README.md", bytes: Array("not needed".utf8), isLarge: false),
      File(path: "config.json", bytes: Array("{\"seed\": \(seed)}".utf8), isLarge: false),
      File(path: weights, bytes: safetensors(seed, size: size), isLarge: true),
      File(path: "optimizer.bin", bytes: [1, 2, 3], isLarge: true),
    ]
  }

  static func safetensors(_ seed: UInt64, size: Int) -> [UInt8] {
    let header = Array(
      "{\"w\":{\"dtype\":\"U8\",\"shape\":[\(size)],\"data_offsets\":[0,\(size)]}}".utf8)
    var bytes = (0..<8).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) } + header
    bytes.reserveCapacity(bytes.count + size)
    var state = seed &* 2 &+ 1
    for _ in 0..<size {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      bytes.append(UInt8(truncatingIfNeeded: state >> 33))
    }
    return bytes
  }

  static func commit(_ revision: String) -> String {
    String(SHA256Digest(of: revision).hex.prefix(40))
  }

  /// `file` as a host of content gives it, ranges included.
  static func content(
    _ file: File, _ request: LoopbackServer.Request
  ) -> LoopbackServer.Answer {
    let tag = "\"\(file.hash.prefix(12))\""
    let isSame = request.fields["if-range"].map { $0 == tag } ?? true
    guard let start = request.start, isSame else {
      return LoopbackServer.Answer(200, [("ETag", tag)], body: file.bytes)
    }
    guard start < file.bytes.count else {
      return LoopbackServer.Answer(416, [("Content-Range", "bytes */\(file.bytes.count)")])
    }
    return LoopbackServer.Answer(
      206,
      [
        ("ETag", tag),
        ("Content-Range", "bytes \(start)-\(file.bytes.count - 1)/\(file.bytes.count)"),
      ], body: Array(file.bytes[start...]))
  }

  private static func answer(
    _ request: LoopbackServer.Request, _ revisions: [String: [File]], _ content: String
  ) -> LoopbackServer.Answer {
    let api = "/api/models/\(repository)"
    if request.path == api + "/refs" {
      let branches = revisions.keys.sorted().map {
        "{\"name\":\"\($0)\",\"ref\":\"refs/heads/\($0)\",\"targetCommit\":\"\(commit($0))\"}"
      }
      return json("{\"branches\":[\(branches.joined(separator: ","))],\"tags\":[],\"converts\":[]}")
    }
    let reference: (String) -> [File]? = { name in
      revisions.first { $0.key == name || commit($0.key) == name }?.value
    }
    if request.path.hasPrefix(api + "/tree/") {
      guard let files = reference(String(request.path.dropFirst(api.count + 6))) else {
        return LoopbackServer.Answer(404)
      }
      // A file a page: pagination is the rule.
      let page = request.target.split(separator: "=").last.flatMap { Int($0.dropFirst()) } ?? 0
      let file = files[request.target.contains("cursor=p") ? page : 0]
      let next = (request.target.contains("cursor=p") ? page : 0) + 1
      let large =
        file.isLarge
        ? ",\"lfs\":{\"oid\":\"\(file.hash)\",\"size\":\(file.bytes.count),\"pointerSize\":134}"
        : ""
      let oid = file.isLarge ? String(repeating: "a", count: 40) : file.hash
      let entry =
        "{\"type\":\"file\",\"oid\":\"\(oid)\",\"size\":\(file.bytes.count)\(large),"
        + "\"path\":\"\(file.path)\"}"
      var answer = json("[\(entry)]")
      if next < files.count {
        answer.fields.append(
          ("Link", "<\(request.path)?recursive=1&cursor=p\(next)>; rel=\"next\""))
      }
      return answer
    }
    let parts = request.path.split(separator: "/").map(String.init)
    if parts.count >= 5, parts[2] == "resolve", let files = reference(parts[3]),
      let file = files.first(where: { $0.path == parts[4...].joined(separator: "/") })
    {
      let revision = revisions.keys.first { $0 == parts[3] || commit($0) == parts[3] } ?? ""
      let fields = [("X-Repo-Commit", commit(revision))]
      guard file.isLarge else {
        return LoopbackServer.Answer(
          200, fields + [("ETag", "\"\(file.hash)\"")], body: file.bytes)
      }
      return LoopbackServer.Answer(
        302,
        fields + [
          ("X-Linked-Etag", "\"\(file.hash)\""), ("X-Linked-Size", "\(file.bytes.count)"),
          ("Location", "\(content)/\(file.hash)?signature=s3cr3t"),
        ], body: Array("Found. Redirecting".utf8))
    }
    return LoopbackServer.Answer(404, body: Array("Not found".utf8))
  }

  static func json(_ text: String) -> LoopbackServer.Answer {
    LoopbackServer.Answer(200, [("Content-Type", "application/json")], body: Array(text.utf8))
  }

  // MARK: Fetching from it

  func settings(_ more: [String: String] = [:]) throws -> HubSettings {
    var environment = [
      "HF_HUB_CACHE": folder.path + "/hub", "HF_ENDPOINT": hub.address, "HF_TOKEN": Self.token,
    ]
    environment.merge(more) { $1 }
    var settings = try HubSettings(environment: environment)
    settings.timing.stall = 10
    settings.timing.firstDelay = 0.01
    settings.timing.longestDelay = 0.05
    return settings
  }

  struct Result {
    var plans: [FetchPlan] = []
    var outcome = Fetcher.Outcome()
    var events: [FetchEvent] = []
  }

  /// Plans and fetches, one file after the other.
  @discardableResult
  func fetch(
    steps: Set<Int>? = nil, verifying: Bool = false, environment: [String: String] = [:],
    also: Set<String> = [], timing: (inout FetchTiming) -> Void = { _ in }
  ) throws -> Result {
    var settings = try settings(environment)
    timing(&settings.timing)
    let events = Mutex<[FetchEvent]>([])
    let log: @Sendable (FetchEvent) -> Void = { event in events.withLock { $0.append(event) } }
    let fetcher = Fetcher(settings: settings, connections: 1, events: log)
    let repository = try #require(HubRepository(address: "hf://" + Self.repository))
    var result = Result()
    result.plans = try fetcher.plan(
      [FetchRequest(repository: repository, steps: steps, also: also)], verifying: verifying)
    result.outcome = try fetcher.fetch(result.plans)
    result.events = events.withLock { $0 }
    return result
  }

  var cached: String { folder.path + "/hub/models--someone--tiny" }

  func file(_ path: String, of revision: String) -> File? {
    revisions[revision]?.first { $0.path == path }
  }

  /// What the cache gives for `path` of `revision`, links followed; nil where it has none.
  func read(_ path: String, of revision: String) -> [UInt8]? {
    let file = "\(cached)/snapshots/\(Self.commit(revision))/\(path)"
    return (try? Data(contentsOf: URL(fileURLWithPath: file))).map(Array.init)
  }

  var blobs: [String] { (try? Folder.names(in: cached + "/blobs")) ?? [] }

  /// Every blob has the hash that its name says, and nothing is left half.
  func expectWholeCache() throws {
    for name in blobs {
      let hash = try #require(BlobHash(name: name), "\(name) is no blob")
      #expect(try CachedBlob.mismatch(cached + "/blobs/" + name, hash: hash) == nil)
    }
  }

  /// Nobody but the hub was shown the token, and no message, file name or record holds it.
  func expectTokenKept(_ result: Result) throws {
    #expect(content.requests.allSatisfy { $0.fields["authorization"] == nil })
    let words = result.events.map { "\($0)" } + result.outcome.failures.map { "\($0)" }
    #expect(!words.contains { $0.contains("aSecret") || $0.contains("s3cr3t") })
    let enumerator = FileManager.default.enumerator(atPath: folder.path)
    while let name = enumerator?.nextObject() as? String {
      #expect(!name.contains("aSecret"))
      let path = folder.path + "/" + name
      if Folder.kind(of: path) == .file {
        let content = Data(try FileReader(path).readAll())
        for secret in ["aSecret", "s3cr3t"] {
          #expect(content.range(of: Data(secret.utf8)) == nil)
        }
      }
    }
  }
}
