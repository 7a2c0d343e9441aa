import Files
import Markup
import Publishing
import Synchronization

/// The author's own Markdown pages, with figures and numbers by name so that prose cannot drift
/// from the data.
struct AuthorPages {
  let context: PageContext
  /// On which page of the report a figure stands.
  let places: [String: SitePath]

  /// Pages as they were made, with the text that they were made from.
  struct Cache: Sendable {
    struct Entry: Sendable {
      let text: [UInt8]
      let order: Int
      let page: SitePage
    }

    /// The names of all pages: links between pages depend on them.
    var names: [String] = []
    var entries: [String: Entry] = [:]
  }

  /// The pages in the order that their front matter asks for, then by name. Those whose text is that
  /// of an earlier call are taken from `cache`. Throws ``MarkupError`` with all mistakes of all pages.
  func pages(reusing cache: inout Cache) throws -> [SitePage] {
    guard let folder = context.study.input.authorPages, Folder.kind(of: folder) == .folder else {
      return []
    }
    let names = try Folder.names(in: folder).filter { $0.hasSuffix(".md") && !$0.hasPrefix(".") }
    let slugs = Slugs.unique(names.map { String($0.dropLast(3)) }, by: Slugs.slug)
    let paths = try slugs.map { try SitePath("pages/\($0)/index.html") }
    let links = AuthorLinks(
      map: context.map, study: context.study, figures: places,
      pages: Dictionary(zip(names, paths), uniquingKeysWith: { first, _ in first }))
    let known = cache.names == names ? cache.entries : [:]
    var findings: [MarkupError.Finding] = []
    var entries: [String: Cache.Entry] = [:]
    var made: [Cache.Entry] = []
    for (name, path) in zip(names, paths) {
      let text = try FileReader(folder + "/" + name).readAll()
      do {
        let entry =
          if let before = known[name], before.text == text {
            before
          } else {
            try self.entry(text, of: folder + "/" + name, name: name, at: path, links: links)
          }
        entries[name] = entry
        made.append(entry)
      } catch let error as MarkupError {
        findings += error.findings
      }
    }
    cache = Cache(names: names, entries: entries)
    guard findings.isEmpty else { throw MarkupError(findings: findings) }
    return made.enumerated().sorted {
      ($0.element.order, $0.offset) < ($1.element.order, $1.offset)
    }
    .map(\.element.page)
  }

  private func entry(
    _ bytes: [UInt8], of file: String, name: String, at path: SitePath, links: AuthorLinks
  ) throws -> Cache.Entry {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw ReportError.file(path: file, doing: "read", reason: "it is not UTF-8")
    }
    let source = try MarkdownSource(contents: text, file: "pages/" + name)
    let front = try AuthorFrontMatter(source)
    let figures = PlacedFigures()
    let rendered = try MarkdownRenderer(resolver: resolver(figures, links)).render(source)
    var body = figures.body
    body.append(rendered)
    let title = front.title ?? rendered.title ?? String(name.dropLast(3))
    return Cache.Entry(
      text: bytes, order: front.order,
      page: SitePage(
        path: path, title: title, shortTitle: front.short ?? title,
        description: front.description ?? "", section: front.section ?? "Pages",
        parents: [context.map.overview], body: body))
  }

  private func resolver(_ figures: PlacedFigures, _ links: AuthorLinks) -> MarkdownResolver {
    let context = context
    var resolver = MarkdownResolver.plain
    resolver.block = { destination, _ in
      guard destination.hasPrefix("figure:") else {
        return .unknown(reason: "write ![](figure:ID) for a figure of the report")
      }
      let id = String(destination.dropFirst("figure:".count))
      do {
        guard let block = try context.block(id) else {
          return .unknown(reason: AuthorLinks.noFigure(among: context.catalogue.drawn.map(\.id)))
        }
        guard let html = figures.place(block) else {
          return .unknown(
            reason: "stands on this page already: link to it with [text](figure:\(id))")
        }
        return .found(html)
      } catch {
        return .unknown(reason: "\(error)")
      }
    }
    resolver.link = links.answer
    resolver.value = { name in InlineValue(context: context).answer(name) }
    return resolver
  }
}

/// The figures of one page, numbered in the order in which its text comes to them.
private final class PlacedFigures: Sendable {
  private let state = Mutex(PageBody())

  /// The page so far: no text, but what search and checks know of its figures.
  var body: PageBody { state.withLock { $0 } }

  /// The figure with its number; nil where the page has it already.
  func place(_ figure: FigureBlock) -> HTML? {
    state.withLock { $0.figures.contains(figure.id) ? nil : $0.placed(figure) }
  }
}
