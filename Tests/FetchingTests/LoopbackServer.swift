import Foundation
import Synchronization

/// An HTTP/1.1 server on the loopback interface, over plain sockets, that answers as badly as it is told.
final class LoopbackServer: Sendable {
  struct Request: Sendable {
    let method: String
    /// Path and query; for a proxy the whole address.
    let target: String
    /// Names in lower case.
    let fields: [String: String]
    /// How many requests for this target came before.
    let earlier: Int

    var path: String { String(target.prefix { $0 != "?" }) }
    /// Where the asked range begins; nil without one.
    var start: Int? {
      guard let range = fields["range"], range.hasPrefix("bytes="), range.hasSuffix("-") else {
        return nil
      }
      return Int(range.dropFirst(6).dropLast())
    }
  }

  struct Answer: Sendable {
    enum Delivery: Sendable {
      case whole
      /// The connection is closed after so many bytes of the body.
      case drop(after: Int)
      /// Nothing more comes after so many bytes, and the connection stays open.
      case stall(after: Int)
      /// So many bytes at a time, with a pause in between.
      case paced(piece: Int, microseconds: UInt32)
      /// Chunked, without an announced length.
      case chunked
    }

    var status: Int
    var fields: [(String, String)] = []
    var body: [UInt8] = []
    var delivery = Delivery.whole
    /// nil: the true one.
    var announcedLength: Int?

    init(_ status: Int, _ fields: [(String, String)] = [], body: [UInt8] = []) {
      self.status = status
      self.fields = fields
      self.body = body
    }
  }

  private struct State {
    var requests: [Request] = []
    var counts: [String: Int] = [:]
    /// Bytes of bodies handed to the system, by path.
    var sent: [String: Int] = [:]
    var isClosed = false
  }

  let port: Int
  private let listener: Int32
  private let state = Mutex(State())
  private let respond: @Sendable (Request) -> Answer

  init(_ respond: @escaping @Sendable (Request) -> Answer) throws {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var one: Int32 = 1
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, length) == 0 && listen(listener, 64) == 0
          && getsockname(listener, $0, &length) == 0
      }
    }
    guard bound else { throw POSIXError(.EADDRINUSE) }
    self.listener = listener
    port = Int(UInt16(bigEndian: address.sin_port))
    self.respond = respond
    Thread { [weak self] in
      while true {
        let connection = accept(listener, nil, nil)
        guard connection >= 0, let self else { return }
        Thread { self.serve(connection) }.start()
      }
    }.start()
  }

  deinit {
    shutdown(listener, Int32(SHUT_RDWR))
    close(listener)
  }

  /// Ends the stalls and the server.
  func stop() {
    state.withLock { $0.isClosed = true }
    shutdown(listener, Int32(SHUT_RDWR))
  }

  var address: String { "http://127.0.0.1:\(port)" }
  var requests: [Request] { state.withLock { $0.requests } }
  func sent(_ path: String) -> Int { state.withLock { $0.sent[path] ?? 0 } }

  private func serve(_ connection: Int32) {
    defer { close(connection) }
    // What the system holds for a client that is gone is small, so that counts mean something.
    var size: Int32 = 32 << 10
    setsockopt(connection, SOL_SOCKET, SO_SNDBUF, &size, socklen_t(MemoryLayout<Int32>.size))
    var received: [UInt8] = []
    while let request = read(connection, &received) {
      let answer = respond(request)
      state.withLock { $0.requests.append(request) }
      guard send(answer, for: request, connection) else { return }
    }
  }

  private func read(_ connection: Int32, _ received: inout [UInt8]) -> Request? {
    let end: [UInt8] = [13, 10, 13, 10]
    while true {
      if let place = received.indices.first(where: { received[$0...].starts(with: end) }) {
        let head = String(decoding: received[..<place], as: UTF8.self)
        received.removeFirst(place + 4)
        var lines = head.split(separator: "\r\n").map(String.init)
        let words = lines.removeFirst().split(separator: " ").map(String.init)
        var fields: [String: String] = [:]
        for line in lines {
          let parts = line.split(separator: ":", maxSplits: 1).map(String.init)
          fields[parts[0].lowercased()] =
            parts.count > 1 ? parts[1].trimmingCharacters(in: .whitespaces) : ""
        }
        let earlier = state.withLock { state in
          let count = state.counts[words[1]] ?? 0
          state.counts[words[1]] = count + 1
          return count
        }
        return Request(method: words[0], target: words[1], fields: fields, earlier: earlier)
      }
      var buffer = [UInt8](repeating: 0, count: 16 << 10)
      let count = recv(connection, &buffer, buffer.count, 0)
      guard count > 0 else { return nil }
      received += buffer[..<count]
    }
  }

  /// Whether the connection may be used again.
  private func send(_ answer: Answer, for request: Request, _ connection: Int32) -> Bool {
    var head = "HTTP/1.1 \(answer.status) Whatever\r\n"
    for (name, value) in answer.fields { head += "\(name): \(value)\r\n" }
    if case .chunked = answer.delivery {
      head += "Transfer-Encoding: chunked\r\n"
    } else {
      head += "Content-Length: \(answer.announcedLength ?? answer.body.count)\r\n"
    }
    guard write(Array((head + "\r\n").utf8)[...], connection, nil) else { return false }
    let path = request.path
    switch answer.delivery {
    case .whole:
      return write(answer.body[...], connection, path)
        && (answer.announcedLength ?? answer.body.count) == answer.body.count
    case .drop(let count):
      _ = write(answer.body.prefix(count), connection, path)
      return false
    case .stall(let count):
      _ = write(answer.body.prefix(count), connection, path)
      while !state.withLock({ $0.isClosed }) {
        // Gone when the client hangs up.
        var byte: UInt8 = 0
        if recv(connection, &byte, 1, Int32(MSG_DONTWAIT)) == 0 { return false }
        usleep(10_000)
      }
      return false
    case .paced(let piece, let microseconds):
      var rest = answer.body[...]
      while !rest.isEmpty {
        guard write(rest.prefix(piece), connection, path) else { return false }
        rest = rest.dropFirst(piece)
        usleep(microseconds)
      }
      return true
    case .chunked:
      var rest = answer.body[...]
      while !rest.isEmpty {
        let piece = rest.prefix(50_000)
        let size = String(piece.count, radix: 16)
        guard write(Array((size + "\r\n").utf8)[...], connection, nil),
          write(piece, connection, path), write([13, 10], connection, nil)
        else { return false }
        rest = rest.dropFirst(50_000)
      }
      return write(Array("0\r\n\r\n".utf8)[...], connection, nil)
    }
  }

  private func write(_ bytes: ArraySlice<UInt8>, _ connection: Int32, _ path: String?) -> Bool {
    bytes.withUnsafeBytes { buffer in
      var done = 0
      while done < buffer.count, let base = buffer.baseAddress {
        let count = Glibc.send(
          connection, base + done, min(buffer.count - done, 64 << 10), Int32(MSG_NOSIGNAL))
        guard count > 0 else { return false }
        done += count
        if let path { state.withLock { $0.sent[path, default: 0] += count } }
      }
      return true
    }
  }
}
