import CCurl

/// An http or https address, taken apart by libcurl: by the parser that also makes the connection, so
/// that who gets the token is decided on the host that is then spoken to.
struct WebAddress: Sendable, Equatable, CustomStringConvertible {
  /// The address in full. May hold a signature: never for messages.
  let text: String
  /// `http` or `https`.
  let scheme: String
  /// Lower case; an IPv6 address in brackets.
  let host: String
  let port: Int
  let path: String

  /// Takes `text` apart, relative to `base` where it is given. LIBCURL: curl_url_set.
  init(_ text: String, relativeTo base: WebAddress? = nil) throws(FetchError) {
    guard let url = curl_url() else { preconditionFailure("libcurl has no memory") }
    defer { curl_url_cleanup(url) }
    if let base {
      let status = curl_url_set(url, CURLUPART_URL, base.text, 0)
      precondition(status == CURLUE_OK, "an address that was accepted before")
    }
    let name = Self.shownForm(of: text)
    guard curl_url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK,
      let scheme = Self.part(CURLUPART_SCHEME, of: url)
    else {
      throw .address(name, reason: "is no web address (https://HOST/…)")
    }
    guard scheme == "https" || scheme == "http" else {
      throw .address(name, reason: "expected https, found \(scheme)")
    }
    guard
      let host = Self.part(CURLUPART_HOST, of: url)?.lowercased(), !host.isEmpty,
      let port = Self.part(CURLUPART_PORT, of: url, flags: CURLU_DEFAULT_PORT).flatMap({ Int($0) }),
      let whole = Self.part(CURLUPART_URL, of: url)
    else {
      throw .address(name, reason: "is no web address (https://HOST/…)")
    }
    guard Self.part(CURLUPART_USER, of: url) == nil, Self.part(CURLUPART_PASSWORD, of: url) == nil
    else {
      throw .address("\(scheme)://\(host)", reason: "holds a user name or password; leave it out")
    }
    self.text = whole
    self.scheme = scheme
    self.host = host
    self.port = port
    path = Self.part(CURLUPART_PATH, of: url) ?? "/"
  }

  /// Scheme, host and port: what a token is bound to.
  var origin: String { "\(scheme)://\(host):\(port)" }

  var isSecure: Bool { scheme == "https" }

  /// Whether the host is this machine by its name alone, without asking a name server.
  var isLoopback: Bool { Self.isLoopback(host) }

  static func isLoopback(_ host: String) -> Bool {
    if host == "localhost" || host == "[::1]" { return true }
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
  }

  /// Without query and fragment, which may hold a signature.
  var description: String {
    let isDefault = port == (isSecure ? 443 : 80)
    return "\(scheme)://\(host)\(isDefault ? "" : ":\(port)")\(path)"
  }

  /// `text` as one component of a path: everything but letters, digits and `-._~` percent-encoded.
  static func encoded(_ text: String) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var bytes: [UInt8] = []
    for byte in text.utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: bytes.append(byte)
      default: bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// What may be shown of an address that could not be taken apart.
  private static func shownForm(of text: String) -> String {
    var shown = text.prefix { $0 != "?" && $0 != "#" }
    if let at = shown.lastIndex(of: "@") { shown = "…" + shown[at...] }
    return String(shown.prefix(120))
  }

  private static func part(
    _ part: CURLUPart, of url: OpaquePointer, flags: Int32 = 0
  ) -> String? {
    var value: UnsafeMutablePointer<CChar>?
    guard curl_url_get(url, part, &value, UInt32(flags)) == CURLUE_OK, let value else { return nil }
    defer { curl_free(value) }
    return String(cString: value)
  }
}
