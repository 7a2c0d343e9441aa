import Markup
import Mustache

/// Makes a checked site from pages, templates and assets; writes nothing.
package struct SiteBuilder: Sendable {
  package let theme: SiteTheme

  /// What the HTML of a page may have, in bytes.
  package static let pageBudget = 150_000

  /// How many pages are made at once.
  package var lanes = 1

  /// Whether a page beyond its budget is a mistake though its contents were not written by hand; else
  /// it is a warning: a report must not fail in the end because its study is large. An author's page,
  /// and one that its template made large, is a mistake in any case.
  package var isBudgetBinding = true

  package init(theme: SiteTheme) { self.theme = theme }

  /// The site's files, or ``SiteError`` with everything that is wrong.
  package func build(_ site: Site) throws -> BuiltSite {
    var cache = PageCache()
    return try build(site, reusing: &cache)
  }

  /// As ``build(_:)``; pages whose inputs are those of an earlier build are taken from `cache`.
  package func build(_ site: Site, reusing cache: inout PageCache) throws -> BuiltSite {
    var findings = identityFindings(of: site)
    var warnings: [String] = []
    var files: [SitePath: SiteFile] = site.files
    for (path, bytes) in theme.files { files[path] = .bytes(bytes) }
    files[SearchIndex.path] = .text(SearchIndex.script(of: site.pages))
    HostFiles.add(to: &files, site: site, theme: theme)

    let navigation = Navigation(site: site, theme: theme)
    let inputs = site.pages.map { self.inputs(of: $0, in: site, navigation: navigation) }
    let known = cache.entries
    let scans = Workers(width: lanes).map(site.pages.count) { index in
      let page = site.pages[index]
      if let known = known[page.path], known.inputs == inputs[index] { return known.scan }
      return PageScanner(
        render(inputs[index], site: site, navigation: navigation), page: page.path)
    }
    var next = PageCache()
    for (index, page) in site.pages.enumerated() {
      let scan = scans[index]
      findings += page.body.findings.map { .init(page: page.path.string, problem: $0) }
      findings += scan.problems.map { .init(page: page.path.string, problem: $0) }
      if scan.output.count > Self.pageBudget {
        let finding = SiteError.Finding(
          page: page.origin?.file ?? page.path.string,
          problem: .overBudget(
            kilobytes: (scan.output.count + 999) / 1000, limit: Self.pageBudget / 1000))
        let isLargeItself = page.body.html.source.utf8.count > Self.pageBudget / 3 * 2
        if isBudgetBinding || page.origin != nil || !isLargeItself {
          findings.append(finding)
        } else {
          warnings.append("\(finding)")
        }
      }
      files[page.path] = .bytes(scan.output)
      next.entries[page.path] = (inputs[index], scan)
    }
    cache = next
    findings += linkFindings(pages: site.pages, scans: next.entries.mapValues(\.scan), files: files)
    guard findings.isEmpty else { throw SiteError(findings) }
    return BuiltSite(
      files: files, warnings: warnings + searchWarnings(files), dated: site.dated)
  }

  private func inputs(
    of page: SitePage, in site: Site, navigation: Navigation
  ) -> PageCache.Inputs {
    PageCache.Inputs(
      page: page, surroundings: navigation.surroundings(of: page), language: site.language,
      siteTitle: site.title, siteDescription: site.description, footer: site.footer,
      shortcuts: navigation.entries(site.shortcuts), url: site.url,
      previewImage: site.preview?.image, previewAlt: site.preview?.alt, theme: theme.digest)
  }

  private func render(
    _ inputs: PageCache.Inputs, site: Site, navigation: Navigation
  ) -> String {
    let page = inputs.page
    let isFront = page.path == .index
    var values: [String: Any] = [
      "language": site.language,
      "siteTitle": site.title,
      "title": page.title,
      "documentTitle": isFront ? site.title : "\(page.title) · \(site.title)",
      "description": page.description.isEmpty ? site.description : page.description,
      "root": page.path.root,
      "front": SitePath.index.link().placeholder,
      "searchIndex": SearchIndex.path.link().placeholder,
      "sidebar": navigation.sidebar(inputs.surroundings),
      "body": page.body.html.source,
      "footer": site.footer.source,
      "style": address("style.css"),
      "themeScript": address("theme.js"),
      "script": address("tend.js"),
      "favicon": address("favicon.svg"),
    ]
    if let logo = theme.logo { values["logo"] = logo.link().placeholder }
    values["shortcuts"] = inputs.shortcuts.map { entry in
      var values = entry.values
      if entry.path == page.path { values["current"] = true }
      return values
    }
    values["hasShortcuts"] = !inputs.shortcuts.isEmpty
    let surroundings = inputs.surroundings
    if let previous = surroundings.previous { values["previous"] = previous.values }
    if let next = surroundings.next { values["next"] = next.values }
    values["crumbs"] = surroundings.crumbs.map(\.values)
    values["hasCrumbs"] = !surroundings.crumbs.isEmpty
    values["hasNeighbours"] = surroundings.previous != nil || surroundings.next != nil
    if let url = site.url {
      values["canonical"] = HostFiles.absolute(page.path, url: url)
      if let preview = site.preview {
        values["preview"] = [
          "image": HostFiles.absolute(preview.image, url: url),
          "alt": visibleControls(preview.alt),
        ]
      }
    }
    return theme.library.render(EscapedValues(values), withTemplate: "page") ?? ""
  }

  private func address(_ asset: String) -> String {
    theme.assets[asset]?.link().placeholder ?? ""
  }

  /// Paths and titles that must differ.
  private func identityFindings(of site: Site) -> [SiteError.Finding] {
    var findings: [SiteError.Finding] = []
    var titles: [String: SitePath] = [:]
    var paths: [String: SitePath] = [:]
    for page in site.pages {
      if let other = titles.updateValue(page.path, forKey: page.title) {
        findings.append(
          .init(page: page.path.string, problem: .twoPages(title: page.title, other: other.string)))
      }
    }
    for path in site.pages.map(\.path) + site.files.keys.sorted() {
      if let other = paths.updateValue(path, forKey: path.string.lowercased()) {
        findings.append(.init(page: path.string, problem: .samePath(other.string)))
      }
    }
    if !site.pages.contains(where: { $0.path == .index }) {
      findings.append(.init(page: "", problem: .badStructure("the site has no index.html")))
    }
    return findings
  }

  private func linkFindings(
    pages: [SitePage], scans: [SitePath: PageScanner], files: [SitePath: SiteFile]
  ) -> [SiteError.Finding] {
    let known = Set(files.keys.map(\.string))
    var ids: [String: Set<String>] = [:]
    for (path, scan) in scans { ids[path.string] = scan.ids }
    var findings: [SiteError.Finding] = []
    for page in pages {
      guard let scan = scans[page.path] else { continue }
      for target in scan.targets.sorted(by: { $0.shown < $1.shown }) {
        let place = page.origin?.place(ofLink: target.shown) ?? page.path.string
        if !known.contains(target.path) {
          findings.append(.init(page: place, problem: .brokenLink(target.shown)))
        } else if let fragment = target.fragment, !fragment.isEmpty, let there = ids[target.path],
          !there.contains(fragment), !there.contains(LinkDestination.percentDecoded(fragment))
        {
          let nearest = there.filter { !$0.hasPrefix("_") }.min {
            (Fragment.difference($0, fragment), $0) < (Fragment.difference($1, fragment), $1)
          }
          findings.append(
            .init(page: place, problem: .brokenFragment(target.shown, nearest: nearest)))
        }
      }
    }
    return findings
  }

  private func searchWarnings(_ files: [SitePath: SiteFile]) -> [String] {
    var warnings: [String] = []
    if case .text(let index)? = files[SearchIndex.path], index.utf8.count > SearchIndex.budget {
      warnings.append(
        "the search index has \(Format.bytes(index.utf8.count)), more than "
          + "\(Format.bytes(SearchIndex.budget)): searching starts late on slow lines")
    }
    return warnings
  }
}

/// Text for templates: control characters made visible before Mustache escapes the rest.
private struct EscapedValues: MustacheParent {
  let values: [String: Any]

  init(_ values: [String: Any]) { self.values = values }

  func child(named name: String) -> Any? {
    guard let value = values[name] else { return nil }
    guard let text = value as? String, !TemplateLint.markup.contains(name) else { return value }
    return visibleControls(text)
  }
}

/// Fragments as they stand in addresses.
private enum Fragment {
  /// How unlike two ids are: characters outside the common beginning and end.
  static func difference(_ left: String, _ right: String) -> Int {
    let left = Array(left.utf8)
    let right = Array(right.utf8)
    let head = zip(left, right).prefix { $0 == $1 }.count
    let tail = zip(left.dropFirst(head).reversed(), right.dropFirst(head).reversed())
      .prefix { $0 == $1 }.count
    return left.count + right.count - 2 * (head + tail)
  }
}
