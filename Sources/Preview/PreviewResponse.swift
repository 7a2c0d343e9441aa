import Markup
import Publishing

/// What the preview answers to a request, before it goes over the wire.
struct PreviewResponse: Sendable, Hashable {
  var status: Int
  var type: String
  var body: [UInt8]
  /// Whether the name says what the body is: a browser that has it need not ask again.
  var staysSame = false

  /// The site's own policy, and the connection that tells a page to load again.
  static let policy = HostFiles.policy + "; connect-src 'self'"

  static let script = "/_tend/preview.js"
  static let state = "/_tend/state"

  /// The file of the site at `path`, as a request names it: percent-encoded, with a slash before it.
  static func file(at path: String, of preview: PreviewSite) throws -> PreviewResponse {
    let current = preview.current
    guard let site = current.site else {
      return page(
        waiting(mistake: current.mistake), status: current.mistake == nil ? 200 : 500, of: current)
    }
    var name = String(LinkDestination.percentDecoded(path).drop { $0 == "/" })
    if name.isEmpty || name.hasSuffix("/") { name += "index.html" }
    guard let place = site.path(named: name) else {
      let missing = try site.path(named: "404.html").map { try site.bytes(of: $0) } ?? []
      return page(missing, status: 404, of: current)
    }
    let bytes = try site.bytes(of: place)
    return name.hasSuffix(".html")
      ? page(bytes, status: 200, of: current)
      : PreviewResponse(
        status: 200, type: type(of: name), body: bytes, staysSame: name.hasPrefix("assets/"))
  }

  /// `html` with the script that shows what has changed since.
  private static func page(
    _ html: [UInt8], status: Int, of current: PreviewSite.Current
  ) -> PreviewResponse {
    let state = "data-version=\"\(current.version)\" data-drawing=\"\(current.drawing)\""
    let tag = Array("<script src=\"\(script)\" \(state) defer></script>\n".utf8)
    let head = Array("</head>".utf8)
    var body = html
    if let place = html.firstRange(of: head)?.lowerBound {
      body.insert(contentsOf: tag, at: place)
    } else {
      body += tag
    }
    return PreviewResponse(status: status, type: "text/html; charset=utf-8", body: body)
  }

  /// The page before there is any.
  private static func waiting(mistake: String?) -> [UInt8] {
    let title = mistake == nil ? "The site is being built" : "The site could not be built"
    return Array(
      """
      <!doctype html>
      <html lang="en">
      <head><meta charset="utf-8"><title>\(title)</title></head>
      <body><main><h1>\(title)</h1><pre>\(escapeHTML(mistake ?? ""))</pre></main></body>
      </html>

      """.utf8)
  }

  private static func type(of name: String) -> String {
    switch name.split(separator: ".").last.map(String.init) {
    case "css": "text/css; charset=utf-8"
    case "js": "text/javascript; charset=utf-8"
    case "json": "application/json"
    case "svg": "image/svg+xml"
    case "png": "image/png"
    case "jpg": "image/jpeg"
    case "gif": "image/gif"
    case "webp": "image/webp"
    case "pdf": "application/pdf"
    case "woff2": "font/woff2"
    case "xml": "application/xml"
    case "csv": "text/csv; charset=utf-8"
    case "tex", "txt", "bib", "cff": "text/plain; charset=utf-8"
    default: "application/octet-stream"
    }
  }
}
