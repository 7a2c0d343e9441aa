import Markup
import Publishing

/// Where links on an author's page lead: to other pages by the name of their file, to pages of the
/// report by what they are about.
struct AuthorLinks: Sendable {
  let map: SiteMap
  let study: StudyView
  /// On which page of the report a figure stands.
  let figures: [String: SitePath]
  /// The author's pages by the name of their file.
  let pages: [String: SitePath]

  /// `other.md`, `other.md#part`, `run:NAME`, `claim:ID`, `figure:ID`, `page:methods` and what is
  /// safe in any text.
  func answer(_ destination: String) -> MarkdownResolver.Answer<String> {
    let parts = destination.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
    let name = Self.fileName(parts.first.map(String.init) ?? "")
    if let name, LinkDestination.scheme(of: destination) == nil {
      guard let page = pages[name] else {
        return .unknown(
          reason: "pages/ has no \(singleLine(name)); it has \(Self.list(pages.keys.sorted()))")
      }
      return .found(Self.address(page, parts.count > 1 ? String(parts[1]) : nil))
    }
    guard let colon = destination.firstIndex(of: ":") else { return Self.safe(destination) }
    let subject = String(destination[destination.index(after: colon)...])
    switch destination[..<colon] {
    case "figure":
      guard let page = figures[subject] else {
        return .unknown(reason: Self.noFigure(among: figures.keys.sorted()))
      }
      return .found(Self.address(page, subject))
    case "run":
      let wanted = LinkDestination.percentDecoded(subject)
      guard let run = study.runs.first(where: { $0.name == wanted }) else {
        return .unknown(
          reason: "no run has this name; the runs are \(Self.list(study.runs.map(\.name)))")
      }
      return .found(Self.address(map.run(run), nil))
    case "claim":
      guard study.claimIDs.contains(subject) else {
        return .unknown(reason: "no claim has this id; there are \(Self.list(study.claimIDs))")
      }
      return .found(Self.address(map.claim(subject), nil))
    case "page":
      guard let page = map.named[subject] else {
        return .unknown(
          reason: "the report has no such page; it has \(Self.list(map.named.keys.sorted()))")
      }
      return .found(Self.address(page, nil))
    default: return Self.safe(destination)
    }
  }

  static func noFigure(among known: [String]) -> String {
    "no figure has this id; this study has \(list(known))"
  }

  private static func safe(_ destination: String) -> MarkdownResolver.Answer<String> {
    LinkDestination.safe(destination).map { .found($0) } ?? .dropped
  }

  private static func address(_ path: SitePath, _ fragment: String?) -> String {
    path.link(fragment).placeholder
  }

  /// The name of a Markdown file beside this one, decoded; nil for anything else.
  private static func fileName(_ text: String) -> String? {
    let name = LinkDestination.percentDecoded(
      text.hasPrefix("./") ? String(text.dropFirst(2)) : text)
    return name.hasSuffix(".md") && !name.contains("/") ? name : nil
  }

  /// The first dozen of `names`.
  private static func list(_ names: [String]) -> String {
    names.isEmpty
      ? "none" : names.prefix(12).joined(separator: ", ") + (names.count > 12 ? " …" : "")
  }
}
