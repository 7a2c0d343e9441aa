import FlyingFox
import FlyingSocks
import Foundation
import Publishing

/// Serves a preview on this machine alone.
package struct PreviewServer: Sendable {
  private let preview: PreviewSite
  private let server: HTTPServer

  /// A server on 127.0.0.1; `port` 0 stands for any that is free.
  package init(_ preview: PreviewSite, port: UInt16) throws {
    self.preview = preview
    let script = try Resources.bytes("assets/preview.js")
    server = HTTPServer(
      address: try sockaddr_in.inet(ip4: "127.0.0.1", port: port),
      timeout: Self.longestWait * 2, logger: .disabled,
      handler: ClosureHTTPHandler { request in
        try await Self.answer(request, preview: preview, script: script)
      })
  }

  /// Begins to serve, and returns the port. Throws where it is taken.
  package func start() async throws -> Int {
    let (ports, continuation) = AsyncThrowingStream<Int, any Error>.makeStream()
    Task { [server] in
      do {
        try await server.run()
        continuation.finish()
      } catch {
        continuation.finish(throwing: error)
      }
    }
    Task { [server] in
      // It fails where the first task did, which says why.
      try await server.waitUntilListening()
      guard case .ip4(_, let port)? = await server.listeningAddress else { return }
      continuation.yield(Int(port))
    }
    for try await port in ports { return port }
    throw CancellationError()
  }

  package func stop() async { await server.stop() }

  /// Seconds for which a page's question for news is left open.
  private static let longestWait = 10.0

  private static func answer(
    _ request: HTTPRequest, preview: PreviewSite, script: [UInt8]
  ) async throws -> HTTPResponse {
    // A page from elsewhere that calls this machine by a name of its own must not read the study.
    guard isLocal(request.headers[.host]) else {
      return text(421, "This preview answers to localhost and 127.0.0.1 alone.\n")
    }
    guard request.method == .GET || request.method == .HEAD else {
      return text(405, "This preview can only be read.\n")
    }
    switch request.path {
    case PreviewResponse.script:
      return response(200, "text/javascript; charset=utf-8", script)
    case PreviewResponse.state:
      return try await news(after: request.query["after"].flatMap { Int($0) }, preview: preview)
    default:
      let answer = try PreviewResponse.file(at: request.path, of: preview)
      return response(
        answer.status, answer.type, request.method == .HEAD ? [] : answer.body,
        staysSame: answer.staysSame)
    }
  }

  /// Waits until there is another version than `seen`, or some seconds.
  private static func news(after seen: Int?, preview: PreviewSite) async throws -> HTTPResponse {
    let deadline = ContinuousClock.now + .seconds(longestWait)
    while preview.version == seen, ContinuousClock.now < deadline {
      try await Task.sleep(for: .milliseconds(4))
    }
    let current = preview.current
    let mistake = SearchText.literal(current.mistake ?? "")
    let state =
      "{\"version\": \(current.version), \"drawing\": \(current.drawing), \"mistake\": \(mistake)}\n"
    return response(200, "application/json", Array(state.utf8))
  }

  static func isLocal(_ host: String?) -> Bool {
    guard let host else { return false }
    let name = host.split(separator: ":", maxSplits: 1).first.map { $0.lowercased() }
    return name == "localhost" || name == "127.0.0.1"
  }

  private static func text(_ status: Int, _ text: String) -> HTTPResponse {
    response(status, "text/plain; charset=utf-8", Array(text.utf8))
  }

  private static func response(
    _ status: Int, _ type: String, _ body: [UInt8], staysSame: Bool = false
  ) -> HTTPResponse {
    let phrases = [
      200: "OK", 404: "Not Found", 405: "Method Not Allowed", 421: "Misdirected Request",
      500: "Internal Server Error",
    ]
    return HTTPResponse(
      statusCode: HTTPStatusCode(status, phrase: phrases[status] ?? "Status"),
      headers: [
        .contentType: type,
        .cacheControl: staysSame ? "max-age=31536000, immutable" : "no-store",
        HTTPHeader("Content-Security-Policy"): PreviewResponse.policy,
        HTTPHeader("X-Content-Type-Options"): "nosniff",
      ],
      body: Data(body))
  }
}
