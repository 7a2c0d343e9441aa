import Markup
import Mustache

/// Sidebar, breadcrumbs and neighbours of every page.
///
/// What is the same on all pages is rendered once: a page adds its own entry and its outline.
struct Navigation {
  /// A section of more pages shows only those around the current one.
  static let longestSection = 40

  private let site: Site
  private let theme: SiteTheme
  private let sections: [(title: String, pages: [Int])]
  private let plain: [String]
  private let order: [Int]
  private let place: [SitePath: Int]
  private let byPath: [SitePath: SitePage]

  init(site: Site, theme: SiteTheme) {
    self.site = site
    self.theme = theme
    var titles = site.sections
    for page in site.pages where !titles.contains(page.section) { titles.append(page.section) }
    let listed = site.pages.indices.filter { site.pages[$0].listed }
    var members: [String: [Int]] = [:]
    for index in listed { members[site.pages[index].section, default: []].append(index) }
    sections = titles.compactMap { title in members[title].map { (title, $0) } }
    order = sections.flatMap(\.pages)
    var place: [SitePath: Int] = [:]
    for (index, page) in order.enumerated() { place[site.pages[page].path] = index }
    self.place = place
    byPath = Dictionary(site.pages.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
    plain = site.pages.map { Self.item($0, current: false) }
  }

  /// One entry of a sidebar. With the outline of the page when it is the current one.
  private static func item(_ page: SitePage, current: Bool) -> String {
    guard current else {
      return ("<li><a href=\"\(page.path)\">\(page.shortTitle)</a></li>" as HTML).source
    }
    var item: HTML = "<li><a href=\"\(page.path)\" aria-current=\"page\">\(page.shortTitle)</a>"
    let entries = page.body.outline.filter { $0.level == 2 }
    if !entries.isEmpty {
      item += "<ul>"
      for entry in entries {
        let title = page.body.shortTitles[entry.id] ?? entry.title
        item += "<li><a href=\"#\(entry.id)\">\(title)</a></li>"
      }
      item += "</ul>"
    }
    item += "</li>"
    return item.source
  }

  /// What stands around a page, as values: two pages with the same ones need rendering once.
  struct Surroundings: Sendable, Hashable {
    struct Group: Sendable, Hashable {
      let title: String
      let items: String
      /// Entries that are not shown.
      let hidden: Int
    }

    /// A link to another page; nil for the page itself.
    struct Entry: Sendable, Hashable {
      let path: SitePath?
      let title: String

      /// As the templates read it.
      var values: [String: Any] {
        let title = visibleControls(title)
        guard let path else { return ["title": title, "current": true] }
        return ["path": path.link().placeholder, "title": title]
      }
    }

    let groups: [Group]
    let crumbs: [Entry]
    let previous: Entry?
    let next: Entry?
  }

  func surroundings(of page: SitePage) -> Surroundings {
    Surroundings(
      groups: groups(for: page), crumbs: crumbs(for: page),
      previous: neighbour(of: page, distance: -1), next: neighbour(of: page, distance: 1))
  }

  func sidebar(_ surroundings: Surroundings) -> String {
    let groups: [[String: Any]] = surroundings.groups.map { group in
      var values: [String: Any] = ["items": group.items]
      if !group.title.isEmpty { values["title"] = visibleControls(group.title) }
      if group.hidden > 0 {
        values["more"] = "and \(Format.integer(group.hidden)) more: use the search"
      }
      return values
    }
    return theme.library.render(["groups": groups], withTemplate: "sidebar") ?? ""
  }

  private func groups(for page: SitePage) -> [Surroundings.Group] {
    var start = 0
    return sections.map { section in
      // Sections follow each other in the order of reading.
      let here = place[page.path].map { $0 - start }.flatMap {
        section.pages.indices.contains($0) ? $0 : nil
      }
      start += section.pages.count
      let shown = Self.window(count: section.pages.count, around: here)
      var items = ""
      for position in section.pages.indices[shown] {
        let index = section.pages[position]
        items += position == here ? Self.item(site.pages[index], current: true) : plain[index]
      }
      return .init(title: section.title, items: items, hidden: section.pages.count - shown.count)
    }
  }

  /// The entries of a long section that are shown: around the current one, else the first.
  private static func window(count: Int, around here: Int?) -> Range<Int> {
    guard count > longestSection else { return 0..<count }
    let half = longestSection / 2
    let start = min(max(0, (here ?? 0) - half), count - longestSection)
    return start..<(start + longestSection)
  }

  private func crumbs(for page: SitePage) -> [Surroundings.Entry] {
    guard page.path != .index else { return [] }
    let parents = page.parents.isEmpty ? [SitePath.index] : page.parents
    return parents.compactMap { path in
      byPath[path].map { Surroundings.Entry(path: path, title: $0.shortTitle) }
    } + [Surroundings.Entry(path: nil, title: page.shortTitle)]
  }

  /// Links to pages by the names that they have in the sidebar.
  func entries(_ paths: [SitePath]) -> [Surroundings.Entry] {
    paths.compactMap { path in
      byPath[path].map { Surroundings.Entry(path: path, title: $0.shortTitle) }
    }
  }

  private func neighbour(of page: SitePage, distance: Int) -> Surroundings.Entry? {
    guard let here = place[page.path], order.indices.contains(here + distance) else { return nil }
    let other = site.pages[order[here + distance]]
    return Surroundings.Entry(path: other.path, title: other.shortTitle)
  }
}
