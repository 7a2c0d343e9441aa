import CCurl

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// One request after the other to a server, the connection kept where the server allows it (libcurl's
/// easy interface). Follows no redirect and knows no token.
///
/// The body goes to a closure as it comes; while that runs nothing is read, so that a slow disk slows
/// the server down and memory stays constant. (FoundationNetworking's URLSession queues what a slow
/// delegate does not take: 1.6 GB of a 2 GB file in a trial.)
final class HTTPConnection {
  struct Request {
    let address: WebAddress
    var fields: [(name: String, value: String)] = []
    /// `http://HOST:PORT` and the like; nil: directly.
    var proxy: String?
  }

  /// Why there is no whole answer, beside what a closure threw.
  enum Fault: Error, Equatable {
    /// May be different the next time.
    case passing(String)
    /// Will be the same the next time.
    case lasting(String)
    case stopped
  }

  private let handle: UnsafeMutableRawPointer
  private let timing: FetchTiming
  private let isStopped: () -> Bool

  /// libcurl's own set-up, once a process.
  private static let isReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

  /// `certificates`: a file of certificates to trust in place of the system's.
  init(
    timing: FetchTiming, certificates: String?, agent: String, isStopped: @escaping () -> Bool
  ) {
    guard Self.isReady, let handle = curl_easy_init() else {
      preconditionFailure("libcurl does not start")
    }
    self.handle = handle
    self.timing = timing
    self.isStopped = isStopped
    set(CURLOPT_NOSIGNAL, 1)
    set(CURLOPT_FOLLOWLOCATION, 0)
    set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
    set(CURLOPT_CONNECTTIMEOUT_MS, max(1, Int(timing.connect * 1000)))
    set(CURLOPT_BUFFERSIZE, 256 << 10)
    set(CURLOPT_TCP_KEEPALIVE, 1)
    set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
    set(CURLOPT_HEADEROPT, Int(CURLHEADER_SEPARATE))
    set(CURLOPT_NOPROGRESS, 0)
    set(CURLOPT_PROTOCOLS_STR, "http,https")
    set(CURLOPT_USERAGENT, agent)
    if let certificates { set(CURLOPT_CAINFO, certificates) }
  }

  deinit { curl_easy_cleanup(handle) }

  /// Sends `request`; `onHead` gets the answer's head, `onBody` its body piece by piece. Whatever
  /// either throws ends the transfer and is thrown on.
  func perform(
    _ request: Request, onHead: @escaping (HTTPHead) throws -> Void,
    onBody: @escaping (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    let exchange = Exchange(timing: timing, isStopped: isStopped, onHead: onHead, onBody: onBody)
    var fields: UnsafeMutablePointer<curl_slist>?
    defer { curl_slist_free_all(fields) }
    for field in request.fields {
      fields = curl_slist_append(fields, "\(field.name): \(field.value)")
    }
    set(CURLOPT_URL, request.address.text)
    // An empty text keeps libcurl from looking into the environment itself.
    set(CURLOPT_PROXY, request.proxy ?? "")
    set(CURLOPT_NOPROXY, "")
    check(tend_curl_set_fields(handle, fields))
    var message = [CChar](repeating: 0, count: Int(CURL_ERROR_SIZE) + 1)
    let code: CURLcode = message.withUnsafeMutableBufferPointer { buffer in
      // SAFETY: exchange and buffer live until curl_easy_perform has returned.
      let context = Unmanaged.passUnretained(exchange).toOpaque()
      for option in [CURLOPT_WRITEDATA, CURLOPT_HEADERDATA, CURLOPT_XFERINFODATA] {
        check(tend_curl_set_pointer(handle, option, context))
      }
      check(tend_curl_set_pointer(handle, CURLOPT_ERRORBUFFER, buffer.baseAddress))
      check(tend_curl_set_callback(handle, CURLOPT_WRITEFUNCTION, Exchange.takeBody))
      check(tend_curl_set_callback(handle, CURLOPT_HEADERFUNCTION, Exchange.takeHead))
      check(tend_curl_set_progress(handle, Exchange.watch))
      defer { check(tend_curl_set_pointer(handle, CURLOPT_ERRORBUFFER, nil)) }
      return withExtendedLifetime(exchange) { Self.withoutPipeSignal { curl_easy_perform(handle) } }
    }
    if let failure = exchange.failure { throw failure }
    guard code != CURLE_OK else { return }
    throw Self.fault(code, message: message)
  }

  /// Runs `body` without SIGPIPE, which OpenSSL's writes to a closed connection send to this thread;
  /// elsewhere, for standard output, it keeps its meaning. POSIX: pthread_sigmask, sigtimedwait.
  private static func withoutPipeSignal<Result>(_ body: () -> Result) -> Result {
    var pipe = sigset_t()
    var before = sigset_t()
    sigemptyset(&pipe)
    sigaddset(&pipe, SIGPIPE)
    guard pthread_sigmask(SIG_BLOCK, &pipe, &before) == 0, sigismember(&before, SIGPIPE) == 0 else {
      return body()
    }
    let result = body()
    var none = timespec()
    while sigtimedwait(&pipe, nil, &none) == SIGPIPE {}
    pthread_sigmask(SIG_SETMASK, &before, nil)
    return result
  }

  private static func fault(_ code: CURLcode, message: [CChar]) -> Fault {
    let end = message.firstIndex(of: 0) ?? message.endIndex
    let detail = String(decoding: message[..<end].map(UInt8.init(bitPattern:)), as: UTF8.self)
    let words = detail.isEmpty ? String(cString: curl_easy_strerror(code)) : detail
    switch code {
    case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_URL_MALFORMAT,
      CURLE_UNSUPPORTED_PROTOCOL, CURLE_SSL_CERTPROBLEM, CURLE_LOGIN_DENIED:
      return .lasting(words)
    default:
      return .passing(words)
    }
  }

  private func set(_ option: CURLoption, _ value: Int) {
    check(tend_curl_set_number(handle, option, value))
  }

  private func set(_ option: CURLoption, _ text: String) {
    check(tend_curl_set_text(handle, option, text))
  }

  private func check(_ code: CURLcode) {
    precondition(code == CURLE_OK, "libcurl option: \(String(cString: curl_easy_strerror(code)))")
  }
}

/// One request under way, as libcurl's callbacks see it.
private final class Exchange {
  private let timing: FetchTiming
  private let isStopped: () -> Bool
  private let onHead: (HTTPHead) throws -> Void
  private let onBody: (UnsafeRawBufferPointer) throws -> Void
  private var head = HTTPHead()
  private var headBytes = 0
  /// Whether the answer's head is whole; a trailer behind the body changes nothing.
  private var hasHead = false
  private static let longestHead = 1 << 20
  /// What ended the transfer from our side.
  private(set) var failure: (any Error)?
  /// The interval in which bytes are counted, to notice a stall.
  private var intervalBegan = ContinuousClock.now
  private var intervalBytes = 0

  init(
    timing: FetchTiming, isStopped: @escaping () -> Bool,
    onHead: @escaping (HTTPHead) throws -> Void,
    onBody: @escaping (UnsafeRawBufferPointer) throws -> Void
  ) {
    self.timing = timing
    self.isStopped = isStopped
    self.onHead = onHead
    self.onBody = onBody
  }

  private static func from(_ context: UnsafeMutableRawPointer?) -> Exchange {
    guard let context else { preconditionFailure("libcurl lost the context of a transfer") }
    // SAFETY: perform passes the exchange and keeps it until the transfer has ended.
    return Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue()
  }

  /// libcurl takes another count than it gave as an order to end the transfer.
  static let takeBody: curl_write_callback = { bytes, size, count, context in
    let exchange = from(context)
    let length = size * count
    exchange.intervalBytes += length
    do {
      try exchange.onBody(UnsafeRawBufferPointer(start: bytes, count: length))
      return length
    } catch {
      exchange.failure = error
      return length == 0 ? 1 : 0
    }
  }

  static let takeHead: curl_write_callback = { bytes, size, count, context in
    let exchange = from(context)
    let length = size * count
    exchange.intervalBytes += length
    exchange.headBytes += length
    guard exchange.headBytes <= longestHead else {
      exchange.failure = HTTPConnection.Fault.lasting("its head has more than \(longestHead) bytes")
      return 0
    }
    guard !exchange.hasHead else { return length }
    var line = String(
      decoding: UnsafeRawBufferPointer(start: bytes, count: length), as: UTF8.self)[...]
    while let last = line.last, last.isNewline { line = line.dropLast() }
    guard line.isEmpty else {
      exchange.head.read(String(line))
      return length
    }
    // 1xx is followed by the answer proper.
    guard exchange.head.status >= 200 else { return length }
    exchange.hasHead = true
    do {
      try exchange.onHead(exchange.head)
      return length
    } catch {
      exchange.failure = error
      return 0
    }
  }

  /// Called about once a second, and whenever something comes.
  static let watch: curl_xferinfo_callback = { context, _, _, _, _ in
    let exchange = from(context)
    if exchange.isStopped() {
      exchange.failure = HTTPConnection.Fault.stopped
      return 1
    }
    let passed = ContinuousClock.now - exchange.intervalBegan
    guard passed >= .seconds(exchange.timing.stall) else { return 0 }
    guard exchange.intervalBytes >= exchange.timing.stallBytes else {
      exchange.failure = HTTPConnection.Fault.passing(
        "stalled: \(exchange.intervalBytes) bytes in \(exchange.timing.stall) s")
      return 1
    }
    exchange.intervalBegan = .now
    exchange.intervalBytes = 0
    return 0
  }
}
