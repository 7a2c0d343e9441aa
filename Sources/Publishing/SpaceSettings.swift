import Markup

/// What a Hugging Face static Space says about itself in the front matter of its README.
package struct SpaceSettings: Sendable, Hashable {
  package static let colors = [
    "red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray",
  ]

  package var title: String
  package var colorFrom: String
  package var colorTo: String
  /// A licence as the hub abbreviates it; empty for none.
  package var license: String

  package init(
    title: String, colorFrom: String = "blue", colorTo: String = "green", license: String = ""
  ) {
    self.title = title
    self.colorFrom = colorFrom
    self.colorTo = colorTo
    self.license = license
  }

  /// The README. Throws where a colour is not one of the hub's.
  func readme() throws -> String {
    for color in [colorFrom, colorTo] where !Self.colors.contains(color) {
      let known = Self.colors.joined(separator: ", ")
      throw SiteError([
        .init(
          page: "README.md",
          problem: .forbidden("the colour \(color)", fix: "the hub knows \(known)"))
      ])
    }
    var output = "---\ntitle: \(Self.quoted(title))\nemoji: \"📈\"\n"
    output += "colorFrom: \(colorFrom)\ncolorTo: \(colorTo)\nsdk: static\napp_file: index.html\n"
    output += "pinned: false\n"
    if !license.isEmpty { output += "license: \(Self.quoted(license))\n" }
    output += "---\n\n# \(escapeMarkdown(title))\n\nMade by tend. The report is `index.html`.\n"
    return output
  }

  /// `text` as a double-quoted scalar of YAML, on one line.
  private static func quoted(_ text: String) -> String {
    let line = singleLine(text)
    return "\"" + line.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
  }
}

extension BuiltSite {
  /// This site with the README that makes a folder a static Space.
  package func asSpace(_ settings: SpaceSettings) throws -> BuiltSite {
    var files = files
    files[SitePath(unchecked: "README.md")] = .text(try settings.readme())
    return BuiltSite(files: files, warnings: warnings, dated: dated)
  }
}
