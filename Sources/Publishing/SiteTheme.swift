import Foundation
import Markup
import Mustache

/// Templates and assets: how a site looks.
package struct SiteTheme: Sendable {
  let library: MustacheLibrary
  /// Assets by the name that others refer to them by, with their paths in the site.
  let assets: [String: SitePath]
  let files: [SitePath: [UInt8]]
  /// A hash of everything, for keys of pages.
  let digest: String
  /// The sidebar's headings in the order that `order.txt` asks for, and the lines they stand on.
  private let order: [(title: String, line: Int)]

  static let templateNames = ["page", "sidebar", "404"]

  /// Assets that pages name, and those that the style sheet does.
  private static let assetNames = ["style.css", "theme.js", "tend.js", "favicon.svg"]
  private static let fontNames = Resources.Face.allCases.map { "tend-sans-\($0.rawValue).woff2" }

  /// Pictures that stand before the site's title, the first that is there.
  private static let logoNames = ["logo.svg", "logo.png"]

  /// The look that tend brings; a file of the same name in `folder` (an absolute path) takes the
  /// place of a template (`page.mustache` …) or an asset (`style.css`, `favicon.svg` …). An
  /// `extra.css` there is added behind the style sheet, a `logo.svg` or `logo.png` stands before the
  /// title, and `order.txt` names the sidebar's headings in their order, one a line. Any other file
  /// is a mistake.
  package static func bundled(overriding folder: String? = nil) throws -> SiteTheme {
    let folder = folder.flatMap { FileAccess.isFolder($0) ? $0 : nil }
    var findings: [SiteError.Finding] = []
    func own(_ name: String) throws -> [UInt8]? {
      guard let folder, FileAccess.kind(of: folder + "/" + name) != nil else { return nil }
      return try FileAccess.read(folder + "/" + name, limit: largestFile)
    }
    func load(_ bundled: String, as name: String) throws -> [UInt8] {
      try own(name) ?? Resources.bytes(bundled)
    }
    if let folder { findings += try strangers(in: folder) }
    var library = MustacheLibrary()
    var digestible: [UInt8] = []
    for name in templateNames {
      let bytes = try load("templates/\(name).mustache", as: "\(name).mustache")
      digestible += bytes
      let text = String(decoding: bytes, as: UTF8.self)
      findings += TemplateLint.findings(in: text, name: "\(name).mustache")
      do {
        try library.register(text, named: name)
      } catch {
        findings.append(.init(page: "\(name).mustache", problem: .template("\(error)")))
      }
    }
    guard findings.isEmpty else { throw SiteError(findings) }

    var assets: [String: SitePath] = [:]
    var files: [SitePath: [UInt8]] = [:]
    func add(_ bytes: [UInt8], name: String) {
      let dot = name.lastIndex(of: ".") ?? name.endIndex
      let hashed = "\(name[..<dot]).\(ContentHash.short(of: bytes))\(name[dot...])"
      let path = SitePath(unchecked: "assets/" + hashed)
      assets[name] = path
      files[path] = bytes
      digestible += Array(hashed.utf8)
    }
    for name in fontNames { add(try load("assets/fonts/\(name)", as: "fonts/\(name)"), name: name) }
    for name in assetNames {
      var bytes = try load("assets/\(name)", as: name)
      if name == "style.css" {
        bytes += try own("extra.css") ?? []
        var text = String(decoding: bytes, as: UTF8.self)
        for font in fontNames {
          guard let path = assets[font] else { continue }
          text = text.replacing(
            "fonts/\(font)", with: String(path.string.dropFirst("assets/".count)))
        }
        bytes = Array(text.utf8)
      }
      add(bytes, name: name)
    }
    for name in logoNames {
      guard let bytes = try own(name) else { continue }
      add(bytes, name: name)
      break
    }
    files[SitePath(unchecked: "assets/tend-sans-license.txt")] = try load(
      "assets/fonts/OFL.txt", as: "fonts/OFL.txt")
    let lines = String(decoding: try own("order.txt") ?? [], as: UTF8.self)
      .split(separator: "\n", omittingEmptySubsequences: false)
    let order = lines.enumerated().map { (title: singleLine(String($1)), line: $0 + 1) }
      .filter { !$0.title.isEmpty && !$0.title.hasPrefix("#") }
    return SiteTheme(
      library: library, assets: assets, files: files, digest: ContentHash.full(of: digestible),
      order: order)
  }

  /// The picture that stands before the site's title.
  var logo: SitePath? { Self.logoNames.lazy.compactMap { assets[$0] }.first }

  /// The largest template or asset that is read.
  private static let largestFile = 20_000_000

  /// Files of `folder` that stand for nothing, such as a misspelt `styles.css`.
  private static func strangers(in folder: String) throws -> [SiteError.Finding] {
    let known =
      templateNames.map { "\($0).mustache" } + assetNames + logoNames
      + ["extra.css", "order.txt", "fonts"]
    let names = try FileAccess.names(in: folder).filter { !$0.hasPrefix(".") }
    return names.filter { !known.contains($0) }.map { name in
      .init(
        page: "templates/" + name,
        problem: .template("takes the place of nothing: known are \(known.joined(separator: ", "))")
      )
    }
  }

  /// `sections` in the order that `order.txt` asks for; those that it does not name follow. The
  /// nameless one, the front page, stays first. Throws where it names one that is not there.
  package func ordered(_ sections: [String]) throws -> [String] {
    let named = sections.filter { !$0.isEmpty }
    let findings = order.filter { !named.contains($0.title) }.map { title, line in
      SiteError.Finding(
        page: "templates/order.txt:\(line)",
        problem: .template(
          "no heading of the sidebar is \"\(title)\": there are \(named.joined(separator: ", "))"))
    }
    guard findings.isEmpty else { throw SiteError(findings) }
    let first = order.map(\.title)
    return sections.filter(\.isEmpty) + first + named.filter { !first.contains($0) }
  }
}

/// Looks for values that a template passes unescaped though they are text, and the reverse.
enum TemplateLint {
  /// Values that are HTML already; all others are text.
  static let markup: Set<String> = ["body", "outline", "sidebar", "footer", "items"]

  static func findings(in template: String, name: String) -> [SiteError.Finding] {
    var findings: [SiteError.Finding] = []
    for (index, line) in template.split(separator: "\n", omittingEmptySubsequences: false)
      .enumerated()
    {
      var rest = line
      while let open = rest.firstRange(of: "{{") {
        rest = rest[open.upperBound...]
        let raw = rest.first == "{" || rest.first == "&"
        if raw { rest = rest.dropFirst() }
        guard let close = rest.firstRange(of: "}}") else { break }
        let value = rest[..<close.lowerBound].filter { !$0.isWhitespace }
        rest = rest[close.upperBound...]
        if raw, !markup.contains(value) {
          findings.append(
            .init(
              page: "\(name):\(index + 1)",
              problem: .template("passes the text {{\(value)}} unescaped: use two braces")))
        } else if !raw, markup.contains(value) {
          findings.append(
            .init(
              page: "\(name):\(index + 1)",
              problem: .template("escapes the markup {{\(value)}} again: use three braces")))
        }
      }
    }
    return findings
  }
}
