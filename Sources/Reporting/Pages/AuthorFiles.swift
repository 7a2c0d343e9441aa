import Files
import Markup
import Publishing

/// The Markdown files in `pages/`, with their places in the site.
struct AuthorFiles: Sendable {
  /// `NAME.md`, sorted.
  let names: [String]
  let paths: [SitePath]
  let images: AuthorImages

  init(folder: String) throws {
    names = try Folder.names(in: folder).filter { $0.hasSuffix(".md") && !$0.hasPrefix(".") }
    paths = try Slugs.unique(names.map { String($0.dropLast(3)) }, by: Slugs.slug)
      .map { try SitePath("pages/\($0)/index.html") }
    images = AuthorImages(folder: folder)
  }

  /// The pages' places by the names of their files.
  var pages: [String: SitePath] {
    Dictionary(zip(names, paths), uniquingKeysWith: { first, _ in first })
  }

  /// The page `name`, parted into front matter and text.
  static func source(_ bytes: [UInt8], name: String) throws -> MarkdownSource {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw ReportError.file(path: "pages/" + name, doing: "read", reason: "it is not UTF-8")
    }
    return try MarkdownSource(contents: text, file: "pages/" + name)
  }
}
