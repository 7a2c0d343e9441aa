import Tensors

/// Requests to the hub, and to where it sends them on.
///
/// Redirects are followed here and not by libcurl, since each one decides anew who gets the token:
/// nobody but the endpoint's own scheme, host and port, and nobody any more once a request has left it.
struct HubClient: Sendable {
  let settings: HubSettings
  let waiting: Waiting
  static let mostRedirects = 8

  var timing: FetchTiming { settings.timing }

  /// A connection for one worker.
  func connection() -> HTTPConnection {
    HTTPConnection(
      timing: timing, certificates: settings.certificates, agent: settings.agent,
      isStopped: { [waiting] in waiting.isStopped })
  }

  /// An address below the endpoint.
  func address(_ path: String) throws(FetchError) -> WebAddress {
    try WebAddress(settings.endpoint.text.trimmedSlash + path)
  }

  /// An answer that is no redirect, with what the hub said on the way.
  struct Answer {
    let head: HTTPHead
    let address: WebAddress
    /// Heads of the redirects that the endpoint itself gave.
    let onTheWay: [HTTPHead]
    let redirects: Int
  }

  /// Asks for `start`, follows redirects; `onHead` sees the last answer before its body comes.
  func get(
    _ start: WebAddress, fields: [(name: String, value: String)] = [],
    over connection: HTTPConnection, onHead: @escaping (Answer) throws -> Void,
    onBody: @escaping (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    var address = start
    var hasLeft = false
    var onTheWay: [HTTPHead] = []
    var seen: Set<String> = []
    for redirects in 0...Self.mostRedirects {
      try waiting.pass(address.origin)
      var request = HTTPConnection.Request(
        address: address, fields: fields, proxy: settings.proxies.proxy(for: address))
      if !hasLeft, settings.mayCarryToken(address), let token = settings.token {
        request.fields.append(token.field)
      }
      seen.insert(address.text)
      let here = address
      let before = onTheWay
      var redirect: HTTPHead?
      var discarded = 0
      do {
        try connection.perform(request) { head in
          if let seconds = ServerWait.exhausted(head), seconds <= timing.longestWait {
            waiting.rest(here.origin, seconds: seconds)
          }
          guard !head.isRedirect else {
            redirect = head
            return
          }
          try onHead(
            Answer(head: head, address: here, onTheWay: before, redirects: redirects))
        } onBody: { bytes in
          guard redirect != nil else { return try onBody(bytes) }
          // The page that some servers send along; longer ones are not read to the end.
          discarded += bytes.count
          if discarded > 64 << 10 { throw BodyNotNeeded() }
        }
      } catch is BodyNotNeeded {}
      guard let redirect else { return }
      let next = try Self.target(of: redirect, from: address)
      guard !seen.contains(next.text) else {
        throw FetchError.redirect(
          from: "\(start)", to: "\(next)", reason: "which leads back to itself; it is a loop")
      }
      if address.origin == settings.endpoint.origin { onTheWay.append(redirect) }
      hasLeft = hasLeft || next.origin != settings.endpoint.origin
      address = next
    }
    throw FetchError.redirect(
      from: "\(start)", to: "\(address)",
      reason: "the \(Self.mostRedirects + 1)th redirect in a row; it has no end")
  }

  private struct BodyNotNeeded: Error {}

  /// Where a redirect leads; from https never to http.
  static func target(of head: HTTPHead, from address: WebAddress) throws(FetchError) -> WebAddress {
    guard let location = head["location"], !location.isEmpty else {
      throw .refused("\(address)", status: head.status, reason: "a redirect without Location")
    }
    let next: WebAddress
    do throws(FetchError) {
      next = try WebAddress(location, relativeTo: address)
    } catch {
      throw .redirect(
        from: "\(address)", to: "an address that is not followed", reason: error.description)
    }
    guard next.isSecure || !address.isSecure else {
      throw .redirect(
        from: "\(address)", to: "\(next)", reason: "http after https is not followed")
    }
    return next
  }

  /// Largest answer that is taken for a listing.
  private static let largestListing = 256 << 20

  /// The JSON at `address`, and where its next page is; asked again as long as that may help.
  func json(
    _ address: WebAddress, over connection: HTTPConnection
  ) throws(FetchError) -> (value: JSONValue, next: WebAddress?) {
    var failures = 0
    while true {
      do {
        var body: [UInt8] = []
        var link: String?
        try get(address, over: connection) { answer in
          try AnswerCheck.check(answer, isFile: false)
          link = answer.head.nextLink
        } onBody: { bytes in
          guard body.count + bytes.count <= Self.largestListing else {
            throw FetchError.listing(
              "\(address)", expected: "at most \(Self.largestListing) bytes", found: "more")
          }
          body += bytes
        }
        let value: JSONValue
        do throws(JSONSyntaxError) { value = try JSONReader.read(body) } catch {
          let start = body.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
          throw HTTPConnection.Fault.passing(
            start == UInt8(ascii: "<") ? "a web page where JSON was expected" : "\(error)")
        }
        return (
          value, try link.map { text throws(FetchError) in try nextPage(text, after: address) }
        )
      } catch {
        failures += 1
        try recover(from: error, failures: failures, place: "\(address)", origin: address.origin)
      }
    }
  }

  private func nextPage(_ link: String, after address: WebAddress) throws(FetchError) -> WebAddress
  {
    let next = try WebAddress(link, relativeTo: address)
    guard next.origin == address.origin else {
      throw .listing("\(address)", expected: "its next page on the same host", found: "\(next)")
    }
    return next
  }

  /// Waits before the next attempt, or throws what makes one pointless.
  func recover(
    from error: any Error, failures: Int, place: String, origin: String,
    tell: (String, Double) -> Void = { _, _ in }
  ) throws(FetchError) {
    switch error {
    case let error as FetchError: throw error
    case HTTPConnection.Fault.stopped: throw .cancelled
    case HTTPConnection.Fault.lasting(let reason):
      throw .unreachable(place, reason: reason)
    case let wait as AnswerCheck.Busy:
      if let seconds = wait.seconds, seconds > timing.longestWait {
        throw .refused(
          place, status: wait.status,
          reason: "asks to be left alone for \(Int(seconds)) s; run the same command after that")
      }
      guard failures < timing.attempts else {
        throw .gaveUp(place, attempts: failures, reason: "HTTP \(wait.status): \(wait.reason)")
      }
      // Who says nothing gets more time than a dropped connection.
      let seconds = wait.seconds ?? min(timing.longestDelay, 4 * timing.delay(after: failures))
      tell("HTTP \(wait.status): \(wait.reason)", seconds)
      waiting.hold(origin, seconds: seconds)
      try waiting.pass(origin)
    default:
      let reason: String
      if case HTTPConnection.Fault.passing(let words) = error {
        reason = words
      } else {
        reason = "\(error)"
      }
      guard failures < timing.attempts else {
        throw .gaveUp(place, attempts: failures, reason: reason)
      }
      let seconds = timing.delay(after: failures)
      tell(reason, seconds)
      try waiting.sleep(seconds)
    }
  }
}

extension String {
  /// Without slashes at the end.
  fileprivate var trimmedSlash: String {
    var kept = self
    while kept.hasSuffix("/") { kept.removeLast() }
    return kept
  }
}
