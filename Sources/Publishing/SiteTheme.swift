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

  static let templateNames = ["page", "sidebar", "404"]

  /// Assets that pages name, and those that the style sheet does.
  private static let assetNames = ["style.css", "theme.js", "tend.js", "favicon.svg"]
  private static let fontNames = Resources.Face.allCases.map { "tend-sans-\($0.rawValue).woff2" }

  /// The look that tend brings; a file of the same name in `folder` (an absolute path) takes the
  /// place of a template (`page.mustache` …) or an asset (`style.css`, `favicon.svg` …), and an
  /// `extra.css` there is added behind the style sheet.
  package static func bundled(overriding folder: String? = nil) throws -> SiteTheme {
    var findings: [SiteError.Finding] = []
    func load(_ bundled: String, as name: String) throws -> [UInt8] {
      if let folder {
        let path = folder + "/" + name
        if let data = FileManager.default.contents(atPath: path) { return [UInt8](data) }
      }
      return try Resources.bytes(bundled)
    }
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
        if let folder, let extra = FileManager.default.contents(atPath: folder + "/extra.css") {
          bytes += [UInt8](extra)
        }
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
    files[SitePath(unchecked: "assets/tend-sans-license.txt")] = try load(
      "assets/fonts/OFL.txt", as: "fonts/OFL.txt")
    return SiteTheme(
      library: library, assets: assets, files: files, digest: ContentHash.full(of: digestible))
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
