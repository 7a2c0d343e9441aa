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

  /// Pages as they were made, with all that they were made from.
  struct Cache: Sendable {
    struct Entry: Sendable {
      let text: [UInt8]
      let order: Int
      let page: SitePage
      let images: [AuthorImages.Image]
    }

    /// The names of all pages: links between pages depend on them.
    var names: [String] = []
    var entries: [String: Entry] = [:]
  }

  /// The pages in the order that their front matter asks for, then by name, and the pictures on them.
  /// Those whose text and pictures are those of an earlier call are taken from `cache`; `lanes` are
  /// made at once. Throws ``MarkupError`` with all mistakes of all pages.
  func pages(
    reusing cache: inout Cache, lanes: Int
  ) throws -> (pages: [SitePage], images: [SitePath: [UInt8]]) {
    guard let folder = context.study.input.authorPages, Folder.kind(of: folder) == .folder else {
      return ([], [:])
    }
    let files = try AuthorFiles(folder: folder)
    let links = AuthorLinks(
      map: context.map, study: context.study, figures: places, pages: files.pages)
    let known = cache.names == files.names ? cache.entries : [:]
    let outcomes = try Workers(width: lanes).map(files.names.count) {
      (index) throws -> Result<Cache.Entry, MarkupError> in
      let name = files.names[index]
      let text = try FileReader(folder + "/" + name).readAll()
      if let before = known[name], before.text == text,
        try before.images.allSatisfy(files.images.isUnchanged)
      {
        return .success(before)
      }
      do {
        return .success(
          try entry(text, of: name, at: files.paths[index], links: links, images: files.images))
      } catch let error as MarkupError {
        return .failure(error)
      }
    }
    var findings: [MarkupError.Finding] = []
    var entries: [String: Cache.Entry] = [:]
    var made: [Cache.Entry] = []
    var images: [SitePath: [UInt8]] = [:]
    for (name, outcome) in zip(files.names, outcomes) {
      switch outcome {
      case .success(let entry):
        entries[name] = entry
        made.append(entry)
        for image in entry.images { images[image.path] = image.bytes }
      case .failure(let error): findings += error.findings
      }
    }
    cache = Cache(names: files.names, entries: entries)
    guard findings.isEmpty else { throw MarkupError(findings: findings) }
    let pages = made.enumerated().sorted {
      ($0.element.order, $0.offset) < ($1.element.order, $1.offset)
    }
    .map(\.element.page)
    return (pages, images)
  }

  private func entry(
    _ bytes: [UInt8], of name: String, at path: SitePath, links: AuthorLinks, images: AuthorImages
  ) throws -> Cache.Entry {
    let source = try AuthorFiles.source(bytes, name: name)
    let front = try AuthorFrontMatter(source)
    let placed = PlacedParts()
    let rendered = try MarkdownRenderer(resolver: resolver(placed, links, images)).render(source)
    var body = placed.body
    body.append(rendered)
    let title = front.title ?? rendered.title ?? String(name.dropLast(3))
    return Cache.Entry(
      text: bytes, order: front.order,
      page: SitePage(
        path: path, title: title, shortTitle: front.short ?? title,
        description: front.description ?? "", section: front.section ?? "Pages",
        parents: [context.map.overview], body: body,
        origin: .init(file: source.file, lines: rendered.links)), images: placed.images)
  }

  private func resolver(
    _ placed: PlacedParts, _ links: AuthorLinks, _ images: AuthorImages
  ) -> MarkdownResolver {
    let context = context
    return MarkdownResolver(
      link: links.answer,
      image: { destination, text in placed.place(images.image(destination), text) },
      block: { destination, _ in
        guard let id = AuthorLinks.figure(destination) else {
          return .unknown(reason: AuthorLinks.figureUsage)
        }
        do {
          guard let block = try context.block(id) else {
            return .unknown(reason: AuthorLinks.noFigure(among: context.catalogue.drawn.map(\.id)))
          }
          guard let html = placed.place(block) else {
            return .unknown(reason: AuthorLinks.placedAlready(id))
          }
          return .found(html)
        } catch {
          return .unknown(reason: "\(error)")
        }
      },
      value: { name in InlineValue(context: context).answer(name) })
  }
}

/// Figures, numbered in the order in which the text of a page comes to them, and its pictures.
private final class PlacedParts: Sendable {
  private let state = Mutex((body: PageBody(), images: [AuthorImages.Image]()))

  /// The page so far: no text, but what search and checks know of its figures.
  var body: PageBody { state.withLock { $0.body } }
  var images: [AuthorImages.Image] { state.withLock { $0.images } }

  /// The figure with its number; nil where the page has it already.
  func place(_ figure: FigureBlock) -> HTML? {
    state.withLock { $0.body.figures.contains(figure.id) ? nil : $0.body.placed(figure) }
  }

  func place(
    _ answer: MarkdownResolver.Answer<AuthorImages.Image>, _ text: String
  ) -> MarkdownResolver.Answer<HTML> {
    switch answer {
    case .found(let image):
      state.withLock { $0.images.append(image) }
      return .found(image.html(text))
    case .dropped: return .dropped
    case .unknown(let reason): return .unknown(reason: reason)
    }
  }
}
