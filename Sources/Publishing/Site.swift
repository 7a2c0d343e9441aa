package import Markup

/// A page: its words, its place, its contents.
package struct SitePage: Sendable, Hashable {
  package var path: SitePath
  /// The h1; unique in the site.
  package var title: String
  /// In the sidebar, in breadcrumbs and in links to the neighbours.
  package var shortTitle: String
  /// One sentence, for search engines and previews of links.
  package var description: String
  /// The heading in the sidebar that the page stands under; empty for none.
  package var section: String
  /// Pages above this one, outermost first.
  package var parents: [SitePath]
  package var body: PageBody
  /// Whether the page is in the sidebar and in the order of reading.
  package var listed: Bool
  /// The text that the page was made from, where an author wrote it.
  package var origin: Origin?

  /// An author's file.
  package struct Origin: Sendable, Hashable {
    /// As messages name it: `pages/a.md`.
    package let file: String
    /// The lines that its links stand on, by address.
    private let lines: [String: Int]

    package init(file: String, lines: [String: Int] = [:]) {
      self.file = file
      self.lines = lines
    }

    /// `pages/a.md:3`, where the link to `address` is the author's.
    func place(ofLink address: String) -> String? {
      (lines[SiteLink.scheme + address] ?? lines[address]).map { "\(file):\($0)" }
    }
  }

  package init(
    path: SitePath, title: String, shortTitle: String? = nil, description: String = "",
    section: String = "", parents: [SitePath] = [], body: PageBody, listed: Bool = true,
    origin: Origin? = nil
  ) {
    self.path = path
    self.title = singleLine(title)
    self.shortTitle = singleLine(shortTitle ?? title)
    self.description = singleLine(description)
    self.section = singleLine(section)
    self.parents = parents
    self.body = body
    self.listed = listed
    self.origin = origin
  }
}

/// A file that a site carries as it is.
package enum SiteFile: Sendable, Hashable {
  case bytes([UInt8])
  case text(String)
  /// Read from this absolute path when the site is written.
  case file(String)
}

/// Everything that a site is made of.
package struct Site: Sendable {
  package var title: String
  package var description: String
  /// A language tag: `en`.
  package var language = "en"
  /// Where the site will stand, for what has to be absolute: canonical links, previews, sitemap.
  package var url: String?
  package var footer: HTML
  /// Pages that the head of every page leads to.
  package var shortcuts: [SitePath] = []
  /// Headings of the sidebar in their order. Sections that pages name beyond these follow.
  package var sections: [String] = [""]
  /// In the order of reading.
  package var pages: [SitePage] = []
  package var files: [SitePath: SiteFile] = [:]
  /// Pages that tell dates and hosts, and so differ between two builds of the same.
  package var dated: Set<SitePath> = []
  /// A picture for previews of links, with its alternative text.
  package var preview: (image: SitePath, alt: String)?

  package init(title: String, description: String = "", footer: HTML = HTML()) {
    self.title = singleLine(title)
    self.description = singleLine(description)
    self.footer = footer
  }
}
