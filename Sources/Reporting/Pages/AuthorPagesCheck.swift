import Dynamics
import Files
import Markup
import Publishing
import Synchronization

/// Reads the author's pages before anything is measured.
///
/// Everything is looked at that does not depend on a measurement: front matter, text, formulas,
/// pictures, links between pages, names of runs, components and measures. Which figures a study has,
/// and where links to parts of pages lead, shows when the site is built.
package struct AuthorPagesCheck: Sendable {
  private let folder: String
  private let runs: [String]
  private let components: [String]

  /// `folder` is `pages/`, which need not be there.
  package init(folder: String, runs: [String], components: [String]) {
    self.folder = folder
    self.runs = runs
    self.components = components
  }

  /// One line for each mistake, with file and line: `pages/a.md:3: …`.
  package func mistakes() throws -> [String] {
    guard Folder.kind(of: folder) == .folder else { return [] }
    let files = try AuthorFiles(folder: folder)
    var mistakes: [String] = []
    for name in files.names {
      do {
        let bytes = try FileReader(folder + "/" + name).readAll()
        let source = try AuthorFiles.source(bytes, name: name)
        _ = try AuthorFrontMatter(source)
        let rendered = try MarkdownRenderer(resolver: resolver(files)).render(source)
        let size = rendered.html.source.utf8.count
        if size > SiteBuilder.pageBudget {
          let problem = SiteError.Problem.overBudget(
            kilobytes: (size + 999) / 1000, limit: SiteBuilder.pageBudget / 1000)
          mistakes.append("\(source.file): \(problem)")
        }
      } catch let error as MarkupError {
        mistakes += error.findings.map(\.description)
      } catch let error as ReportError {
        mistakes.append(error.description)
      }
    }
    return mistakes
  }

  private func resolver(_ files: AuthorFiles) throws -> MarkdownResolver {
    let placed = PlacedNames()
    let links = AuthorLinks(
      runs: Dictionary(
        runs.map { ($0, SitePath.index) }, uniquingKeysWith: { first, _ in first }),
      claims: Dictionary(
        ClaimID.allCases.map { ($0.rawValue, SitePath.index) },
        uniquingKeysWith: { first, _ in first }),
      figures: nil, named: try SiteMap.pages(), pages: files.pages)
    return MarkdownResolver(
      link: links.answer,
      image: { destination, text in
        switch files.images.image(destination) {
        case .found(let image): .found(image.html(text))
        case .dropped: .dropped
        case .unknown(let reason): .unknown(reason: reason)
        }
      },
      block: { destination, _ in
        guard let id = AuthorLinks.figure(destination) else {
          return .unknown(reason: AuthorLinks.figureUsage)
        }
        guard placed.insert(id) else {
          return .unknown(reason: AuthorLinks.placedAlready(id))
        }
        return .found("")
      },
      value: { [runs, components] name in
        InlineValue.Names(
          runs: runs, components: components, claims: ClaimID.allCases.map(\.rawValue)
        ).answer(name)
      })
  }
}

/// The figures that a page has so far.
private final class PlacedNames: Sendable {
  private let names = Mutex<Set<String>>([])

  /// Whether `name` is a new one.
  func insert(_ name: String) -> Bool { names.withLock { $0.insert(name).inserted } }
}
