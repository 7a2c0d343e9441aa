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

  func sidebar(for page: SitePage) -> String {
    let groups: [[String: Any]] = sections.map { section in
      let here = section.pages.firstIndex { site.pages[$0].path == page.path }
      let shown = Self.window(count: section.pages.count, around: here)
      var items = ""
      for index in section.pages[shown] {
        let isCurrent = site.pages[index].path == page.path
        items += isCurrent ? Self.item(site.pages[index], current: true) : plain[index]
      }
      var group: [String: Any] = ["items": items]
      if !section.title.isEmpty { group["title"] = visibleControls(section.title) }
      let hidden = section.pages.count - shown.count
      if hidden > 0 { group["more"] = "and \(Format.integer(hidden)) more: use the search" }
      return group
    }
    return theme.library.render(["groups": groups], withTemplate: "sidebar") ?? ""
  }

  /// The entries of a long section that are shown: around the current one, else the first.
  private static func window(count: Int, around here: Int?) -> Range<Int> {
    guard count > longestSection else { return 0..<count }
    let half = longestSection / 2
    let start = min(max(0, (here ?? 0) - half), count - longestSection)
    return start..<(start + longestSection)
  }

  func crumbs(for page: SitePage) -> [[String: Any]] {
    guard page.path != .index else { return [] }
    let parents = page.parents.isEmpty ? [SitePath.index] : page.parents
    var crumbs: [[String: Any]] = parents.compactMap { path in
      byPath[path].map {
        ["path": path.link().placeholder, "title": visibleControls($0.shortTitle)]
      }
    }
    crumbs.append(["title": visibleControls(page.shortTitle), "current": true])
    return crumbs
  }

  func previous(of page: SitePage) -> [String: Any]? { neighbour(of: page, distance: -1) }

  func next(of page: SitePage) -> [String: Any]? { neighbour(of: page, distance: 1) }

  private func neighbour(of page: SitePage, distance: Int) -> [String: Any]? {
    guard let here = place[page.path], order.indices.contains(here + distance) else { return nil }
    let other = site.pages[order[here + distance]]
    return ["path": other.path.link().placeholder, "title": visibleControls(other.shortTitle)]
  }
}
