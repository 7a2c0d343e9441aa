import Foundation
import Markup
import Publishing
import Testing

@Suite struct SiteCheckTests {
  /// What the build says about a site whose front page has `html` in it.
  func problems(_ html: HTML, prepare: (inout Site) -> Void = { _ in }) throws -> [SiteError
    .Problem]
  {
    var site = try DemoSite.make()
    site.pages[0].body.append(html)
    prepare(&site)
    do {
      _ = try DemoSite.built(site)
      return []
    } catch let error as SiteError {
      return error.findings.map(\.problem)
    }
  }

  @Test("Whatever is wrong with a page fails the build and is named")
  func findings() throws {
    let missing = try SitePath("no/such.html")
    #expect(try problems("<a href=\"\(missing)\">x</a>") == [.brokenLink("no/such.html")])
    #expect(
      try problems("<a href=\"\(SitePath.index.link("answer"))\">x</a>")
        == [.brokenFragment("index.html#answer", nearest: "answers")])
    #expect(
      try problems("<a href=\"\(try SitePath("methods/index.html").link("nope"))\">x</a>").count
        == 1)
    #expect(try problems("<a href=\"other.html\">x</a>") == [.brokenLink("other.html")])
    #expect(try problems("<a href=\"../up.html\">x</a>") == [.brokenLink("../up.html")])
    #expect(
      try problems("<img src=\"figures/cka-by-size.svg\">") == [
        .missingAlt("figures/cka-by-size.svg")
      ])
    #expect(
      try problems("<img src=\"figures/cka-by-size.svg\" alt=\" \">")
        == [.missingAlt("figures/cka-by-size.svg")])
    #expect(try problems("<p id=\"answers\">x</p>") == [.duplicateID("answers")])
    #expect(try problems("<h1>x</h1>") == [.badStructure("has 2 headings of level 1, not one")])
    #expect(try problems("<p><b>x</p></b>").count == 2)
    #expect(try problems("a < b") == [.badStructure("holds a < that is not escaped")])
    for html: HTML in [
      "<script>alert(1)</script>", "<p style=\"x\">a</p>", "<p onclick=\"x\">a</p>",
      "<a href=\"javascript:alert(1)\">a</a>", "<a href=\"data:text/html,x\">a</a>",
      "<img src=\"https://example.org/x.png\" alt=\"x\">", "<a href=\"/root.html\">a</a>",
      "<script src=\"http://example.org/x.js\"></script>", "<iframe src=\"index.html\"></iframe>",
      "<style>p{}</style>", "<a href=\"file:///etc/passwd\">a</a>",
    ] {
      let found = try problems(html)
      #expect(
        found.contains { if case .forbidden = $0 { true } else { false } },
        "\(html.source): \(found)")
    }
    #expect(try problems("<a href=\"https://example.org/?a=1&amp;b=2\">x</a>").isEmpty)
    #expect(try problems("<a href=\"mailto:a@example.org\">x</a>").isEmpty)
  }

  @Test("Pages over budget, titles and paths that clash, figures without words")
  func pages() throws {
    let long = HTML(escaping: String(repeating: "x ", count: 80_000))
    let over = try problems("<p>\(long)</p>")
    #expect(over.contains { if case .overBudget(_, 150) = $0 { true } else { false } })
    var site = try DemoSite.make()
    site.pages[4].body.paragraph(long)
    var builder = SiteBuilder(theme: try SiteTheme.bundled())
    builder.isBudgetBinding = false
    #expect(try builder.build(site).warnings.count { $0.contains("more than the 150 kB") } == 1)
    // What an author wrote, and what a template brings, is a mistake whatever the study's size.
    site.pages[4].origin = .init(file: "pages/long.md")
    let error = #expect(throws: SiteError.self) { try builder.build(site) }
    #expect(error?.findings.map(\.page) == ["pages/long.md"])
    #expect(
      try problems("") { $0.pages[4].title = "Methods" }
        == [.twoPages(title: "Methods", other: "methods/index.html")])
    #expect(
      try problems("") { site in
        if let path = try? SitePath("DATA/index.html") { site.files[path] = .text("x") }
      } == [.samePath("data/index.html")])
    var body = PageBody()
    let path = try SitePath("figures/cka-by-size.svg")
    body.figure(
      FigureBlock(
        id: "f", caption: "c", alt: " ", title: "t",
        images: [FigureImage(light: path, dark: path, width: 960, height: 300)]))
    let figures = try problems("") { $0.pages[4].body = body }
    #expect(figures.contains(.figure("f", reason: "has no alternative text")))
  }

  @Test("A broken link of an author's page is named with the line that it stands on")
  func lines() throws {
    var site = try DemoSite.make()
    let methods = try SitePath("methods/index.html")
    let target = methods.link("nope")
    site.pages[4].body.append("<p><a href=\"\(target)\">x</a> <a href=\"#none\">y</a></p>")
    site.pages[4].origin = .init(
      file: "pages/a.md", lines: [target.placeholder: 7, "#none": 9])
    let error = #expect(throws: SiteError.self) { try DemoSite.built(site) }
    #expect(Set(error?.findings.map(\.page) ?? []) == ["pages/a.md:7", "pages/a.md:9"])
  }

  @Test("Every page leads to the pages that the site names for its head")
  func shortcuts() throws {
    var site = try DemoSite.make()
    site.shortcuts = [try SitePath("methods/index.html"), try SitePath("data/index.html")]
    let built = try DemoSite.built(site)
    let page = String(
      decoding: try built.bytes(of: try SitePath("data/index.html")), as: UTF8.self)
    #expect(
      page.contains(
        "<nav class=\"direct\" aria-label=\"Shortcuts\"><a href=\"../methods/index.html\">"))
    #expect(page.contains("<a href=\"../data/index.html\" aria-current=\"page\">"))
    site.shortcuts = []
    let plain = String(
      decoding: try DemoSite.built(site).bytes(of: .index), as: UTF8.self)
    #expect(!plain.contains("class=\"direct\""))
  }

  static let hostile = [
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "javascript:alert(1)",
    "../../etc/passwd", "=cmd|' /C calc'!A0", "\u{1B}[31mred\u{1B}[0m", "{{{title}}}", "{{title}}",
    "a\u{202E}b", "\u{0}", "CON", "-->", "]]>", "</title>", "&lt;b&gt;", "𝒳 é 日本", ".", "..", "_x",
  ]

  @Test("Hostile names come out inert and inside the site", arguments: hostile)
  func inert(name: String) throws {
    var site = try DemoSite.make(title: name + " study", run: name)
    site.url = "https://example.org/"
    site.preview = (image: try SitePath("figures/cka-by-size.svg"), alt: "Lines of \(name).")
    let built = try DemoSite.built(site)
    #expect(built.paths.allSatisfy { !$0.string.contains("..") && !$0.string.hasPrefix("/") })
    for path in built.paths where path.string.hasSuffix(".html") || path.string.hasSuffix(".js") {
      let text = String(decoding: try built.bytes(of: path), as: UTF8.self)
      #expect(!text.contains("<script>alert"), "\(path)")
      #expect(!text.contains("<img src=x"), "\(path)")
      #expect(!text.contains("\u{1B}"), "\(path)")
      #expect(!text.contains("href=\"javascript"), "\(path)")
    }
    let folder = try TemporaryFolder()
    try built.write(to: folder.path + "/inner/site")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["inner"])
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/inner") == ["site"])
  }

  @Test("Folder names for any text: clean ones stay, no two texts share one")
  func components() throws {
    #expect(SitePath.component(for: "nano-seed0") == "nano-seed0")
    #expect(SitePath.component(for: "pythia-1.4b") == "pythia-1.4b")
    #expect(SitePath.component(for: "Nano") != SitePath.component(for: "nano"))
    #expect(SitePath.component(for: "a b") != SitePath.component(for: "a-b"))
    #expect(SitePath.component(for: "a/b") != SitePath.component(for: "a\\b"))
    for name in Self.hostile + ["", " ", String(repeating: "x", count: 500)] {
      #expect(throws: Never.self) {
        try SitePath("runs/\(SitePath.component(for: name))/index.html")
      }
    }
    for bad in [
      "", "/a", "a//b", "../a", "a/../b", ".a", "_a", "a b", "a\\b", "é", "a?b", "a#b", "a%2e",
    ] {
      #expect(throws: SiteError.self, "\(bad)") { try SitePath(bad) }
    }
  }

  @Test("With an address a site has canonical links, previews and a map; without, no absolute link")
  func addresses() throws {
    var site = try DemoSite.make()
    let plain = try DemoSite.built(site)
    for path in plain.paths where path.string.hasSuffix(".html") {
      let text = String(decoding: try plain.bytes(of: path), as: UTF8.self)
      #expect(!text.contains("href=\"http") && !text.contains("src=\"http"), "\(path)")
    }
    site.url = "https://example.org/study"
    site.preview = (image: try SitePath("figures/cka-by-size.svg"), alt: "a \"line\"")
    let built = try DemoSite.built(site)
    let page = String(
      decoding: try built.bytes(of: try SitePath("methods/index.html")), as: UTF8.self)
    #expect(
      page.contains(
        "<link rel=\"canonical\" href=\"https://example.org/study/methods/index.html\">"))
    #expect(page.contains("<meta property=\"og:image:alt\" content=\"a &quot;line&quot;\">"))
    let map = String(decoding: try built.bytes(of: try SitePath("sitemap.xml")), as: UTF8.self)
    #expect(map.contains("<loc>https://example.org/study/index.html</loc>"))
    let lost = String(decoding: try built.bytes(of: try SitePath("404.html")), as: UTF8.self)
    #expect(lost.contains("href=\"https://example.org/study/index.html\""))
    #expect(!lost.contains("<script") && !lost.contains("<style") && !lost.contains("style="))
  }

  @Test("Templates and assets of a folder take the place of ours; a careless one is named")
  func overriding() throws {
    let folder = try TemporaryFolder()
    func put(_ text: String, _ name: String) throws {
      try Data(text.utf8).write(to: URL(fileURLWithPath: folder.path + "/" + name))
    }
    try put("h1 { color: red }\n", "extra.css")
    try put(
      "<nav class=\"nav\" id=\"_nav\" aria-label=\"Mine\">{{#groups}}<ul>{{{items}}}</ul>{{/groups}}</nav>\n",
      "sidebar.mustache")
    let site = try DemoSite.make()
    let built = try SiteBuilder(theme: try SiteTheme.bundled(overriding: folder.path)).build(site)
    let style = try #require(built.paths.first { $0.string.hasPrefix("assets/style.") })
    #expect(
      String(decoding: try built.bytes(of: style), as: UTF8.self).hasSuffix("h1 { color: red }\n"))
    let page = String(decoding: try built.bytes(of: .index), as: UTF8.self)
    #expect(page.contains("aria-label=\"Mine\""))
    try put("<svg xmlns=\"http://www.w3.org/2000/svg\"/>", "logo.svg")
    try put("# The sidebar\nRuns\n\nReference\n", "order.txt")
    let theme = try SiteTheme.bundled(overriding: folder.path)
    let marked = try SiteBuilder(theme: theme).build(site)
    let front = String(decoding: try marked.bytes(of: .index), as: UTF8.self)
    #expect(front.contains("<img class=\"logo\" src=\"assets/logo."))
    #expect(
      try theme.ordered(["", "Answers", "Runs", "Reference"]) == [
        "", "Runs", "Reference", "Answers",
      ])
    let unknown = #expect(throws: SiteError.self) { try theme.ordered(["", "Runs"]) }
    #expect(unknown?.findings.map(\.page) == ["templates/order.txt:4"])
    try put("h1 {}", "styles.css")
    let stray = #expect(throws: SiteError.self) { try SiteTheme.bundled(overriding: folder.path) }
    #expect(stray?.findings.map(\.page) == ["templates/styles.css"])
    try FileManager.default.removeItem(atPath: folder.path + "/styles.css")
    try put("<p>{{{title}}}</p>\n<p>{{body}}</p>", "page.mustache")
    let error = #expect(throws: SiteError.self) { try SiteTheme.bundled(overriding: folder.path) }
    #expect(error?.findings.map(\.page) == ["page.mustache:1", "page.mustache:2"])
  }

  @Test("A page is made again if and only if something that it shows has changed")
  func cache() throws {
    let builder = SiteBuilder(theme: try SiteTheme.bundled())
    var site = try DemoSite.make()
    var cache = PageCache()
    _ = try builder.build(site, reusing: &cache)
    func check(_ what: String) throws {
      let cached = try builder.build(site, reusing: &cache)
      let fresh = try builder.build(site)
      for path in fresh.paths {
        #expect(try cached.bytes(of: path) == fresh.bytes(of: path), "\(what): \(path)")
      }
    }
    try check("nothing")
    site.pages[4].body.paragraph("More.")
    try check("a page's text")
    site.pages[4].shortTitle = "Otherwise"
    try check("a title in the neighbours' sidebars")
    site.footer = "Made by hand."
    try check("the footer")
    site.url = "https://report.example/sub/"
    try check("the address")
    site.sections.reverse()
    try check("the order")
    site.pages.append(
      SitePage(
        path: try SitePath("more/index.html"), title: "More", section: "Runs", body: PageBody()))
    try check("a page more")
  }

  @Test(
    "Numbers are written as reports write them",
    arguments: [
      (Format.number(-0.004, decimals: 2), "0.00"), (Format.number(-1.5, decimals: 2), "−1.50"),
      (Format.signed(0.12, decimals: 2), "+0.12"), (Format.signed(0.001, decimals: 2), "0.00"),
      (Format.integer(143_000), "143,000"), (Format.integer(-1234), "−1,234"),
      (Format.integer(.min), "−9,223,372,036,854,775,808"), (Format.percent(0.2), "20\u{202F}%"),
      (Format.interval(-0.03, 0.28), "[−0.03, 0.28]"),
      (Format.interval(-0.004, 0.061), "[−0.004, 0.061]"),
      (Format.number(.nan, decimals: 2), "–"), (Format.bytes(999), "999 B"),
      (Format.bytes(1200), "1.2 kB"),
      (Format.bytes(999_600), "1.0 MB"), (Format.bytes(14_210_000), "14 MB"),
    ])
  func numbers(written: String, expected: String) { #expect(written == expected) }

  @Test("Drawings of numbers that nobody expects do not end the program")
  func strips() {
    #expect(Strip(effect: .nan, lower: 0, upper: 1).html.isEmpty)
    #expect(!Strip(effect: 0, lower: 0, upper: 0).html.isEmpty)
    #expect(
      !Strip(
        effect: .leastNonzeroMagnitude, lower: -.leastNonzeroMagnitude,
        upper: .greatestFiniteMagnitude
      ).html.isEmpty)
    let mirrored = Strip(effect: -1, lower: -2, upper: -0.5, claimed: .negative).html.source
    #expect(mirrored.contains("cx=\"78.3\""))
    #expect(!Sparkline(values: [nil, .nan, .infinity, 0.5], domain: 1...1).html.isEmpty)
    #expect(!Sparkline(values: [], mark: .nan).html.isEmpty)
  }
}
