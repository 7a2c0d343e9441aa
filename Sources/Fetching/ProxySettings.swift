/// Which requests go through a proxy: http_proxy, https_proxy, all_proxy and no_proxy, the lower-case
/// name before the upper-case one.
struct ProxySettings: Sendable {
  private let http: String?
  private let https: String?
  /// Host names, addresses and domains that are spoken to directly; `*` for all.
  private let direct: [String]

  init(_ values: EnvironmentValues) {
    let all = values["all_proxy"] ?? values["ALL_PROXY"]
    // A web server puts a stranger's field `Proxy:` into HTTP_PROXY; REQUEST_METHOD tells it is one.
    let upper = values["REQUEST_METHOD"] == nil ? values["HTTP_PROXY"] : nil
    http = values["http_proxy"] ?? upper ?? all
    https = values["https_proxy"] ?? values["HTTPS_PROXY"] ?? all
    direct = (values["no_proxy"] ?? values["NO_PROXY"] ?? "").split { $0 == "," || $0 == " " }
      .map { $0.lowercased() }
  }

  /// The proxy for `address`; nil: directly.
  func proxy(for address: WebAddress) -> String? {
    guard let proxy = address.isSecure ? https : http, !isDirect(address) else { return nil }
    return proxy
  }

  private func isDirect(_ address: WebAddress) -> Bool {
    direct.contains { entry in
      if entry == "*" { return true }
      var name = entry[...]
      if let colon = name.lastIndex(of: ":"), let port = Int(name[name.index(after: colon)...]),
        !name.hasSuffix("]")
      {
        guard port == address.port else { return false }
        name = name[..<colon]
      }
      if name.hasPrefix("*.") { name = name.dropFirst() }
      let bare = name.hasPrefix(".") ? name.dropFirst() : name
      return !bare.isEmpty && (address.host == bare || address.host.hasSuffix("." + bare))
    }
  }

  /// Whether the proxy itself is on this machine.
  static func isLoopback(_ proxy: String) -> Bool {
    var rest = proxy[...]
    if let scheme = rest.firstRange(of: "://") { rest = rest[scheme.upperBound...] }
    if let at = rest.lastIndex(of: "@") { rest = rest[rest.index(after: at)...] }
    rest = rest.prefix { $0 != "/" }
    if rest.hasPrefix("["), let end = rest.firstIndex(of: "]") {
      return WebAddress.isLoopback(String(rest[...end]))
    }
    return WebAddress.isLoopback(rest.prefix { $0 != ":" }.lowercased())
  }
}
