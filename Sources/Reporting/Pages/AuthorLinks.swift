import Markup
import Publishing

/// Where links on an author's page lead: to other pages by the name of their file, to pages of the
/// report by what they are about.
struct AuthorLinks: Sendable {
  /// On which page of the report each subject stands: runs by name, claims and figures by id, pages
  /// by what ``SiteMap/named`` calls them.
  let runs: [String: SitePath]
  /// Nil where it is not known yet which there are.
  let claims: [String: SitePath]?
  let figures: [String: SitePath]?
  let named: [String: SitePath]
  /// The author's pages by the name of their file.
  let pages: [String: SitePath]

  /// `other.md`, `run:NAME`, `claim:ID`, `page:methods`, each with or without `#part`, `figure:ID` and
  /// what is safe in any text.
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
      return Self.find(subject, in: figures, fragment: subject) { Self.noFigure(among: $0) }
    case "run":
      return Self.find(LinkDestination.percentDecoded(subject), in: runs) {
        "no run has this name; the runs are \(Self.list($0))"
      }
    case "claim":
      return Self.find(subject, in: claims) {
        "no claim has this id; there are \(Self.list($0))"
      }
    case "page":
      return Self.find(subject, in: named) {
        "the report has no such page; it has \(Self.list($0))"
      }
    default: return Self.safe(destination)
    }
  }

  /// Where `name` stands, or with `#part` behind it a part of that page; what there is instead goes
  /// into `reason`, sorted. Anything may be there where `places` are not known.
  private static func find(
    _ name: String, in places: [String: SitePath]?, fragment: String? = nil,
    reason: ([String]) -> String
  ) -> MarkdownResolver.Answer<String> {
    guard let places else { return .found("") }
    if let page = places[name] { return .found(address(page, fragment)) }
    let parts = name.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
    if parts.count > 1, let page = places[String(parts[0])] {
      return .found(address(page, String(parts[1])))
    }
    return .unknown(reason: reason(places.keys.sorted()))
  }

  /// The id of the figure that `destination` asks for.
  static func figure(_ destination: String) -> String? {
    destination.hasPrefix("figure:") ? String(destination.dropFirst("figure:".count)) : nil
  }

  static let figureUsage = "write ![](figure:ID) for a figure of the report"

  static func placedAlready(_ id: String) -> String {
    "stands on this page already: link to it with [text](figure:\(id))"
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

extension AuthorLinks {
  /// Links into the report of `study`.
  init(map: SiteMap, study: StudyView, figures: [String: SitePath], pages: [String: SitePath]) {
    self.init(
      runs: Dictionary(
        study.runs.map { ($0.name, map.run($0)) }, uniquingKeysWith: { first, _ in first }),
      claims: Dictionary(
        study.claimIDs.map { ($0, map.claim($0)) }, uniquingKeysWith: { first, _ in first }),
      figures: figures, named: map.named, pages: pages)
  }
}
