import Checkpoints
import Files
import Foundation
import Tensors
import Testing

@testable import Fetching

/// The parts that decide who is asked for what, and who gets the token.
@Suite struct HTTPTests {
  @Test func gitAndLargeFileStorageNameContentByHash() {
    // `git hash-object` of an empty file, and of "hello\n".
    #expect(ContentHasher.gitBlob(size: 0).finalize() == "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391")
    var hello = ContentHasher.gitBlob(size: 6)
    Array("hello\n".utf8).withUnsafeBytes { hello.update($0) }
    #expect(hello.finalize() == "ce013625030ba8dba906f756967f9e9ca394464a")
    #expect(
      ContentHasher.sha256().finalize()
        == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
  }

  @Test func httpsNeverBecomesHTTP() throws {
    let here = try WebAddress("https://huggingface.co/a/b")
    func target(_ location: String) throws -> String {
      var head = HTTPHead()
      head.read("HTTP/1.1 302 Found")
      head.read("Location: " + location)
      return try HubClient.target(of: head, from: here).text
    }
    #expect(try target("/c") == "https://huggingface.co/c")
    #expect(try target("//cdn.example/x") == "https://cdn.example/x")
    for bad in [
      "http://huggingface.co/c", "HTTP://cdn.example/x", "http://127.0.0.1/x",
      "ftp://cdn.example/x",
      "javascript:alert(1)", "https://user:password@cdn.example/x", "https://",
    ] {
      #expect(throws: FetchError.self, "\(bad)") { try target(bad) }
    }
  }

  @Test(arguments: [
    ("https://huggingface.co", "https://huggingface.co/api", true),
    ("https://huggingface.co", "https://huggingface.co:443/api", true),
    ("https://huggingface.co", "https://HuggingFace.co/api", true),
    ("https://huggingface.co", "https://huggingface.co:444/api", false),
    ("https://huggingface.co", "http://huggingface.co/api", false),
    ("https://huggingface.co", "https://huggingface.co.evil.example/api", false),
    ("https://huggingface.co", "https://evil.example/huggingface.co", false),
    ("http://127.0.0.1:9", "http://127.0.0.1:9/x", true),
    ("http://127.0.0.1:9", "http://127.0.0.1:8/x", false),
    ("http://127.0.0.1:9", "http://localhost:9/x", false),
    // Over plain http anybody on the way could read it.
    ("http://mirror.example", "http://mirror.example/x", false),
    ("http://127.0.0.1.evil.example", "http://127.0.0.1.evil.example/x", false),
  ])
  func theTokenIsForItsHostAlone(endpoint: String, address: String, expected: Bool) throws {
    let settings = try HubSettings(environment: ["HF_ENDPOINT": endpoint, "HOME": "/nowhere"])
    #expect(settings.mayCarryToken(try WebAddress(address)) == expected)
  }

  @Test func theTokenNeverGoesThroughAForeignProxyInClearText() throws {
    func may(_ proxy: String) throws -> Bool {
      let settings = try HubSettings(
        environment: ["HF_ENDPOINT": "http://127.0.0.1:9", "HOME": "/x", "http_proxy": proxy])
      return settings.mayCarryToken(try WebAddress("http://127.0.0.1:9/x"))
    }
    #expect(try !may("http://proxy.example:3128"))
    #expect(try may("http://127.0.0.1:3128"))
  }

  @Test func noMessageHoldsATokenOrASignature() throws {
    let settings = try HubSettings(environment: ["HF_TOKEN": "hf_secret", "HOME": "/nowhere"])
    var text = ""
    dump(settings, to: &text)
    #expect(!"\(settings)\(String(reflecting: settings))\(text)".contains("hf_secret"))
    #expect("\(try WebAddress("https://cdn.example/x?Signature=abc#f"))" == "https://cdn.example/x")
    #expect(throws: FetchError.self) {
      try HubSettings(environment: ["HF_TOKEN": "a\r\nX-Evil: 1", "HOME": "/nowhere"])
    }
  }

  @Test func blankVariablesCountAsUnset() throws {
    let settings = try HubSettings(
      environment: ["HF_ENDPOINT": "  ", "HF_TOKEN": "", "HF_HUB_OFFLINE": "", "HOME": "/nowhere"])
    #expect(settings.endpoint.origin == "https://huggingface.co:443")
    #expect(settings.token == nil && !settings.isOffline)
    #expect(throws: FetchError.self) {
      try HubSettings(environment: ["HF_ENDPOINT": "ftp://x", "HOME": "/nowhere"])
    }
  }

  @Test func theTokenFileIsRead() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write(Array("hf_fromAFile\n".utf8), "token")
    let settings = try HubSettings(environment: ["HF_HOME": folder.path])
    #expect(settings.token?.field.value == "Bearer hf_fromAFile")
    let other = try folder.write(Array("hf_other".utf8), "elsewhere")
    let named = try HubSettings(environment: ["HF_HOME": folder.path, "HF_TOKEN_PATH": other])
    #expect(named.token?.field.value == "Bearer hf_other")
  }

  @Test func aProxyIsAskedInsteadOfTheHost() throws {
    let proxy = try LoopbackServer { request in
      LoopbackServer.Answer(
        200, body: Array((request.target.hasPrefix("http://hub.example/") ? "{}" : "no").utf8))
    }
    defer { proxy.stop() }
    func client(_ more: [String: String]) throws -> HubClient {
      var environment = [
        "HF_ENDPOINT": "http://hub.example", "HF_TOKEN": "hf_secret", "HOME": "/nowhere",
      ]
      environment.merge(more) { $1 }
      var settings = try HubSettings(environment: environment)
      settings.timing.attempts = 1
      return HubClient(settings: settings, waiting: Waiting())
    }
    let through = try client(["http_proxy": proxy.address])
    let answer = try through.json(try through.address("/api"), over: through.connection())
    #expect(answer.value == .object([]))
    #expect(proxy.requests.count == 1 && proxy.requests[0].fields["authorization"] == nil)
    let settings = try client(["HTTP_PROXY": proxy.address, "no_proxy": "other.example,.example"])
    #expect(settings.settings.proxies.proxy(for: try WebAddress("http://hub.example/x")) == nil)
  }

  @Test(arguments: [
    ("bytes 0-9/10", 0, 9, 10), ("bytes 5-9/10", 5, 9, 10), ("Bytes 5-9/*", 5, 9, nil),
  ])
  func contentRangesAreRead(text: String, first: Int, last: Int, total: Int?) throws {
    let range = try #require(ContentRange(text))
    #expect(range.first == first && range.last == last && range.total == total)
  }

  @Test(arguments: [
    "", "bytes", "bytes */10", "bytes 5-4/10", "bytes 0-10/10", "bytes -1-3/10", "bytes 0-9/10/2",
    "items 0-9/10", "bytes 0-99999999999999999999/*",
  ])
  func contradictingContentRangesAreNot(text: String) {
    #expect(ContentRange(text) == nil)
  }

  @Test func waitsAreAsLongAsTheServerSays() {
    let now = Date(timeIntervalSince1970: 1_700_000_000)
    func seconds(_ fields: String...) -> Double? {
      var head = HTTPHead()
      head.read("HTTP/1.1 429 Too Many Requests")
      for field in fields { head.read(field) }
      return ServerWait.seconds(head, now: now)
    }
    #expect(seconds() == nil)
    #expect(seconds("Retry-After: 7") == 7)
    #expect(seconds("Retry-After: Tue, 14 Nov 2023 22:13:50 GMT") == 30)
    #expect(seconds("Retry-After: soon") == nil && seconds("Retry-After: -3") == nil)
    #expect(seconds("RateLimit: \"api\";r=0;t=55") == 55)
    #expect(seconds("RateLimit: \"api\";r=9;t=300, \"resolvers\";r=0;t=12") == 12)
    #expect(seconds("RateLimit: limit=100, remaining=0, reset=41") == 41)
    #expect(seconds("Retry-After: 7", "RateLimit: \"api\";r=0;t=55") == 55)
  }

  @Test func theNextPageIsTheOneThatIsCalledSo() {
    func next(_ link: String) -> String? {
      var head = HTTPHead()
      head.read("HTTP/1.1 200 OK")
      head.read("Link: " + link)
      return head.nextLink
    }
    #expect(next("<https://h/a?x=1,2>; rel=\"next\"") == "https://h/a?x=1,2")
    #expect(next("<https://h/p>; rel=\"prev\", <https://h/n>; rel=next") == "https://h/n")
    #expect(next("<https://h/p>; rel=\"prev\"") == nil && next("nothing") == nil)
  }

  @Test func addressesOfRepositoriesAreStrict() {
    #expect(
      HubRepository(address: "hf://EleutherAI/pythia-70m")?.description == "EleutherAI/pythia-70m")
    for bad in [
      "hf://a", "hf://a/b/c", "hf://../b", "hf://a/..", "hf://a/b?x", "https://h/a/b", "hf:///b",
      "hf://a/b@main",
    ] {
      #expect(HubRepository(address: bad) == nil, "\(bad)")
    }
  }

  @Test func pagesOnAnotherHostAreNotAsked() throws {
    let hub = try TestHub(["step0": TestHub.checkpoint(0)]) { request in
      guard request.path.contains("/tree/") else { return nil }
      var answer = TestHub.json("[]")
      answer.fields.append(("Link", "<http://localhost:1/x>; rel=\"next\""))
      return answer
    }
    #expect(throws: FetchError.self) { try hub.fetch() }
  }

  @Test func numbersOfBytesAreReadable() {
    #expect(
      [0, 999, 1000, 999_949, 999_950, 12_345_678_901].map(ByteCount.words) == [
        "0 B", "999 B", "1.0 kB", "999.9 kB", "1.0 MB", "12.3 GB",
      ])
  }
}
