import Checkpoints
import Files
import Foundation

/// What the environment says about the hub: the variables of huggingface_hub, a blank one counting as
/// unset.
package struct HubSettings: Sendable {
  let endpoint: WebAddress
  let token: HubToken?
  package let isOffline: Bool
  /// The cache's folder.
  package let cache: String
  let proxies: ProxySettings
  /// A file of certificates to trust: REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE or SSL_CERT_FILE.
  let certificates: String?
  package var timing: FetchTiming
  let agent: String

  /// `agent`: program and version, as servers see it.
  package init(environment: [String: String], agent: String = "tend") throws(FetchError) {
    let values = EnvironmentValues(environment)
    var endpoint = values["HF_ENDPOINT"] ?? "https://huggingface.co"
    while endpoint.hasSuffix("/") { endpoint.removeLast() }
    do throws(FetchError) {
      self.endpoint = try WebAddress(endpoint)
    } catch {
      throw .setting("HF_ENDPOINT", reason: error.description)
    }
    guard !self.endpoint.text.contains(where: { $0 == "?" || $0 == "#" }) else {
      throw .setting("HF_ENDPOINT", reason: "\(self.endpoint) has a query; leave it out")
    }
    guard let cache = HubCache.folder(environment: environment) else {
      throw .setting("HF_HOME", reason: "set it, or HOME, to say where the cache is")
    }
    self.cache = cache
    token = try HubToken.find(values)
    isOffline = ["1", "ON", "YES", "TRUE"].contains(values["HF_HUB_OFFLINE"]?.uppercased() ?? "")
    proxies = ProxySettings(values)
    certificates =
      values["REQUESTS_CA_BUNDLE"] ?? values["CURL_CA_BUNDLE"] ?? values["SSL_CERT_FILE"]
    self.agent = agent
    timing = FetchTiming()
    if let text = values["HF_HUB_DOWNLOAD_TIMEOUT"] {
      guard let seconds = Double(text), seconds > 0, seconds < 1e6 else {
        throw .setting("HF_HUB_DOWNLOAD_TIMEOUT", reason: "expected seconds, found \(text)")
      }
      timing.stall = seconds
    }
  }

  /// What must be known before anything is sent; nil where all is as one would expect.
  package var note: String? {
    guard token != nil, !mayCarryToken(endpoint) else { return nil }
    return "the token is not sent to \(endpoint): without TLS it could be read on the way"
  }

  /// Whether the token may go to `address`: to the endpoint's own scheme, host and port, over TLS or
  /// without ever leaving this machine.
  func mayCarryToken(_ address: WebAddress) -> Bool {
    guard address.origin == endpoint.origin else { return false }
    guard !address.isSecure else { return true }
    return address.isLoopback && proxies.proxy(for: address).map(ProxySettings.isLoopback) ?? true
  }
}

/// Environment variables, the blank ones left out.
struct EnvironmentValues {
  private let values: [String: String]

  init(_ environment: [String: String]) { values = environment }

  subscript(name: String) -> String? {
    values[name].map { HTTPHead.trimmed($0) }.flatMap { $0.isEmpty ? nil : $0 }
  }
}

/// A secret that no message, dump or interpolation shows.
struct HubToken: Sendable, CustomStringConvertible, CustomReflectable {
  private let secret: String

  /// HF_TOKEN, else the file HF_TOKEN_PATH or HF_HOME/token.
  static func find(_ values: EnvironmentValues) throws(FetchError) -> HubToken? {
    if let text = values["HF_TOKEN"] ?? values["HUGGING_FACE_HUB_TOKEN"] {
      return try HubToken(text, from: "HF_TOKEN")
    }
    let home = values["XDG_CACHE_HOME"] ?? values["HOME"].map { $0 + "/.cache" }
    let folder = values["HF_HOME"] ?? home.map { $0 + "/huggingface" }
    guard let path = values["HF_TOKEN_PATH"] ?? folder.map({ $0 + "/token" }),
      Folder.kind(of: path) == .file
    else { return nil }
    let bytes: [UInt8]
    do throws(FileError) {
      let reader = try FileReader(path)
      bytes = try reader.read(at: 0, count: min(reader.size, 4096))
    } catch {
      throw .file(error)
    }
    let text = HTTPHead.trimmed(String(decoding: bytes, as: UTF8.self))
    return text.isEmpty ? nil : try HubToken(text, from: path)
  }

  private init(_ text: String, from place: String) throws(FetchError) {
    // A line break would let it write fields of its own.
    guard text.utf8.count <= 1024, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      throw .setting(place, reason: "is no token: expected one word of printable ASCII")
    }
    secret = text
  }

  /// The field that shows it to the server.
  var field: (name: String, value: String) { ("Authorization", "Bearer \(secret)") }

  var description: String { "<token>" }
  var customMirror: Mirror { Mirror(self, children: []) }
}
