import Checkpoints
import Files
import Foundation
import Synchronization
import Testing

@testable import Fetching

/// Whatever the servers do, the file is right or the error is clear.
@Suite struct FaultTests {
  /// Something that goes wrong once or twice and is overcome.
  enum Passing: String, CaseIterable {
    case dropAtOnce, dropAfterOneByte, dropInTheMiddle, dropBeforeTheLastByte, dropManyTimes
    case stallAtOnce, stallInTheMiddle
    case wholeFileForARange, wrongStartOfRange, wrongTotalOfRange, noContentRange
    case changedTag, changedTagWithoutIfRange
    case wrongLength, tooManyBytes, tooFewBytes, wrongBytes, webPage, chunked, encoded
    case expiredSignature, unknownRange
    case busyWithSeconds, busyWithRateLimit, busyWithDate, busyWithoutAnything, unavailable, broken
  }

  /// The answer of the content's host to its n-th request, nil where it behaves.
  private static func fault(
    _ kind: Passing, _ file: TestHub.File, _ request: LoopbackServer.Request
  ) -> LoopbackServer.Answer? {
    let number = request.earlier
    var right = TestHub.content(file, request)
    let size = file.bytes.count
    func first(_ answer: LoopbackServer.Answer) -> LoopbackServer.Answer? {
      number == 0 ? answer : nil
    }
    func dropped(_ count: Int) -> LoopbackServer.Answer? {
      right.delivery = .drop(after: count)
      return first(right)
    }
    /// The first answer breaks off in the middle, the second is `answer`.
    func second(_ answer: LoopbackServer.Answer) -> LoopbackServer.Answer? {
      if number == 0 { return dropped(size / 2) }
      return number == 1 ? answer : nil
    }
    /// The right part, said to be another.
    func range(_ text: String?) -> LoopbackServer.Answer {
      var answer = right
      answer.fields = answer.fields.filter { $0.0 != "Content-Range" }
      if let text { answer.fields.append(("Content-Range", text)) }
      return answer
    }
    switch kind {
    case .dropAtOnce: return dropped(0)
    case .dropAfterOneByte: return dropped(1)
    case .dropInTheMiddle: return dropped(size / 2)
    case .dropBeforeTheLastByte: return dropped(size - 1)
    case .dropManyTimes:
      right.delivery = .drop(after: size / 17)
      return right.body.count > size / 17 ? right : nil
    case .stallAtOnce:
      right.delivery = .stall(after: 0)
      return first(right)
    case .stallInTheMiddle:
      right.delivery = .stall(after: size / 2)
      return first(right)
    case .wholeFileForARange:
      var whole = right
      whole.status = 200
      whole.body = file.bytes
      return second(whole)
    case .wrongStartOfRange:
      return second(range("bytes 5-\(size - 1)/\(size)"))
    case .wrongTotalOfRange:
      return second(range("bytes \(request.start ?? 0)-\(size - 1)/\(size + 1)"))
    case .noContentRange:
      return second(range(nil))
    case .changedTag:
      // The second part belongs to another version, for which If-Range asks in vain.
      return second(
        LoopbackServer.Answer(200, [("ETag", "\"new\"")], body: file.bytes))
    case .changedTagWithoutIfRange:
      right.fields[0].1 = "\"new\""
      return second(right)
    case .wrongLength:
      right.announcedLength = size - 10
      right.body = Array(right.body.prefix(size - 10))
      return first(right)
    case .tooManyBytes:
      right.delivery = .chunked
      right.body += [0]
      return first(right)
    case .tooFewBytes:
      right.delivery = .chunked
      right.body.removeLast()
      return first(right)
    case .wrongBytes:
      right.body[size / 3] ^= 1
      return first(right)
    case .webPage:
      return first(
        LoopbackServer.Answer(
          200, [("Content-Type", "text/html")], body: Array("<!DOCTYPE html><p>Log in".utf8)))
    case .chunked:
      right.delivery = .chunked
      return right
    case .encoded:
      right.fields.append(("Content-Encoding", "gzip"))
      return first(right)
    case .expiredSignature: return second(LoopbackServer.Answer(403))
    case .unknownRange: return second(LoopbackServer.Answer(416))
    case .busyWithSeconds: return first(LoopbackServer.Answer(429, [("Retry-After", "1")]))
    case .busyWithRateLimit:
      return first(LoopbackServer.Answer(429, [("RateLimit", "\"api\";r=0;t=1")]))
    case .busyWithDate:
      return first(
        LoopbackServer.Answer(429, [("Retry-After", "Wed, 21 Oct 2015 07:28:00 GMT")]))
    case .busyWithoutAnything: return number < 3 ? LoopbackServer.Answer(429) : nil
    case .unavailable: return first(LoopbackServer.Answer(503, [("Retry-After", "0")]))
    case .broken: return number < 2 ? LoopbackServer.Answer(500) : nil
    }
  }

  @Test(arguments: Passing.allCases)
  func theFileIsRightInTheEnd(kind: Passing) throws {
    let files = TestHub.checkpoint(0)
    let weights = try #require(files.first { $0.path == TestHub.weights })
    let hub = try TestHub(["step0": files]) { _ in
      nil
    } contentFault: { request in
      Self.fault(kind, weights, request)
    }
    let begun = ContinuousClock.now
    let result = try hub.fetch { timing in
      if kind.rawValue.hasPrefix("stall") { timing.stall = 0.6 }
    }
    let took = ContinuousClock.now - begun
    #expect(result.outcome.failures.isEmpty)
    #expect(hub.read(TestHub.weights, of: "step0") == weights.bytes)
    try hub.expectWholeCache()
    try hub.expectTokenKept(result)
    let asked = hub.content.requests
    #expect(kind == .chunked ? asked.count == 1 : asked.count > 1)
    // Every part that is asked for names the version that the others are of.
    #expect(asked.allSatisfy { $0.fields["range"] == nil || $0.fields["if-range"] != nil })
    // Nothing that was there is asked for again, unless it had to be dropped.
    if kind.rawValue.hasPrefix("drop") || kind == .expiredSignature {
      #expect(hub.content.sent("/" + weights.hash) == weights.bytes.count)
    }
    if kind == .busyWithSeconds || kind == .busyWithRateLimit { #expect(took >= .seconds(1)) }
  }

  /// Something that never ends; what is then said.
  enum Lasting: String, CaseIterable {
    case alwaysDropped, alwaysStalled, alwaysWrongBytes, alwaysWebPage, alwaysWrongLength
    case alwaysBusy, busyForTooLong, loop, endlessRedirects, noLocation, otherScheme, gone,
      forbidden
    case otherEtag, otherSize, otherCommit, oneByteAtATime
  }

  @Test(arguments: Lasting.allCases)
  func theErrorIsClear(kind: Lasting) throws {
    let files = TestHub.checkpoint(0, size: 3000)
    let weights = try #require(files.first { $0.path == TestHub.weights })
    let isWeights: @Sendable (LoopbackServer.Request) -> Bool = {
      $0.path.hasSuffix(TestHub.weights)
    }
    let hub = try TestHub(["step0": files]) { request in
      if request.path.hasPrefix("/away") {
        return LoopbackServer.Answer(302, [("Location", "/away\(request.path.count)")])
      }
      guard isWeights(request) else { return nil }
      func redirect(_ more: [(String, String)]) -> LoopbackServer.Answer {
        LoopbackServer.Answer(302, more)
      }
      switch kind {
      case .loop: return redirect([("Location", request.target)])
      case .endlessRedirects: return redirect([("Location", "/away")])
      case .noLocation: return redirect([])
      case .otherScheme: return redirect([("Location", "file:///etc/passwd")])
      case .gone: return LoopbackServer.Answer(404)
      case .forbidden: return LoopbackServer.Answer(403)
      case .otherEtag:
        return redirect([
          ("Location", "/x"), ("X-Linked-Etag", "\"\(String(repeating: "0", count: 64))\""),
        ])
      case .otherSize: return redirect([("Location", "/x"), ("X-Linked-Size", "1")])
      case .otherCommit:
        return LoopbackServer.Answer(200, [("X-Repo-Commit", TestHub.commit("main"))])
      default: return nil
      }
    } contentFault: { request in
      var right = TestHub.content(weights, request)
      switch kind {
      case .alwaysDropped: right.delivery = .drop(after: 0)
      case .alwaysStalled: right.delivery = .stall(after: 0)
      case .alwaysWrongBytes: right.body[right.body.count - 1] ^= 1
      case .alwaysWebPage:
        return LoopbackServer.Answer(
          200, [("Content-Type", "text/html")], body: Array("<!DOCTYPE html>".utf8))
      case .alwaysWrongLength: right.announcedLength = 7
      case .alwaysBusy: return LoopbackServer.Answer(429)
      case .busyForTooLong: return LoopbackServer.Answer(429, [("Retry-After", "86400")])
      case .oneByteAtATime: right.delivery = .drop(after: 1)
      default: return nil
      }
      return right
    }
    let result = try hub.fetch { timing in
      if kind == .alwaysStalled { timing.stall = 0.3 }
      if kind == .alwaysStalled || kind == .oneByteAtATime { timing.attempts = 2 }
    }
    let failure = try #require(result.outcome.failures.first)
    #expect(result.outcome.failures.count == 1)
    let expected: String =
      switch kind {
      case .alwaysDropped: "given up after 6 attempts"
      case .alwaysStalled: "stalled: "
      case .alwaysWrongBytes: "expected the hash \(weights.hash)"
      case .alwaysWebPage: "a web page"
      case .alwaysWrongLength: "expected \(weights.bytes.count) bytes, the server announces 7"
      case .alwaysBusy: "HTTP 429"
      case .busyForTooLong: "86400 s"
      case .loop: "it is a loop"
      case .endlessRedirects: "it"
      case .noLocation: "a redirect without Location"
      case .otherScheme: "expected https, found file"
      case .gone: "HTTP 404"
      case .forbidden: "accept the model's terms"
      case .otherEtag: "the hub listed \(weights.hash)"
      case .otherSize: "the hub listed \(weights.bytes.count) bytes"
      case .otherCommit: "the hub listed commit \(TestHub.commit("step0"))"
      case .oneByteAtATime: "each brought a little"
      }
    #expect(failure.reason.description.contains(expected), "\(failure.reason)")
    // Nothing half is taken for a checkpoint: no blob, no reference.
    #expect(!hub.blobs.contains(weights.hash))
    #expect(Folder.kind(of: hub.cached + "/refs/step0") == .missing)
    try hub.expectTokenKept(result)
  }

  @Test func aConnectionThatBreaksAtAnyByteIsTakenUpThere() throws {
    let files = TestHub.checkpoint(4, size: 2000)
    let weights = try #require(files.first { $0.path == TestHub.weights })
    for place in stride(from: 0, to: weights.bytes.count, by: 97) {
      let hub = try TestHub(["step0": files]) { _ in
        nil
      } contentFault: { request in
        guard request.earlier == 0 else { return nil }
        var answer = TestHub.content(weights, request)
        answer.delivery = .drop(after: place)
        return answer
      }
      #expect(try hub.fetch().outcome.failures.isEmpty)
      #expect(hub.read(TestHub.weights, of: "step0") == weights.bytes)
      #expect(hub.content.sent("/" + weights.hash) == weights.bytes.count)
    }
  }

  @Test func aFullDiskIsSaidWithWhatIsNeededAndFree() throws {
    let hub = try TestHub(["step0": TestHub.checkpoint(0)])
    let weights = try #require(hub.file(TestHub.weights, of: "step0"))
    // The system's own full device stands where the file is written.
    let hash = try #require(BlobHash(name: weights.hash))
    try Folder.make(hub.cached + "/blobs")
    let partial = hub.cached + "/blobs/" + PartialBlob.owner.name(for: hash)
    #expect(symlink("/dev/full", partial) == 0)
    let result = try hub.fetch()
    guard case .noSpace(_, let needed, let free) = try #require(result.outcome.ended) else {
      Issue.record("\(result.outcome.failures)")
      return
    }
    #expect(needed == weights.bytes.count && free >= 0)
    // With room again the same call goes on.
    unlink(partial)
    #expect(try hub.fetch().outcome.failures.isEmpty)
    #expect(hub.read(TestHub.weights, of: "step0") == weights.bytes)
  }

  @Test func moreThanTheDiskHoldsIsNotBegun() throws {
    let hub = try TestHub(["step0": TestHub.checkpoint(0)]) { request in
      guard request.path.contains("/tree/") else { return nil }
      return TestHub.json(
        """
        [{"type":"file","path":"config.json","oid":"\(String(repeating: "1", count: 40))","size":2},
         {"type":"file","path":"model.safetensors","oid":"x","size":1,
          "lfs":{"oid":"\(String(repeating: "2", count: 64))","size":1000000000000000}}]
        """)
    }
    let fetcher = Fetcher(settings: try hub.settings())
    let repository = try #require(HubRepository(address: "hf://someone/tiny"))
    let plans = try fetcher.plan([FetchRequest(repository: repository)])
    #expect(throws: FetchError.self) { try fetcher.checkSpace(plans) }
    #expect(hub.content.requests.isEmpty)
  }
}
