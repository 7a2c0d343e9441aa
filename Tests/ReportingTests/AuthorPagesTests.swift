import Foundation
import Markup
import Publishing
import Reporting
import Testing

@Suite struct AuthorPagesTests {
  private func write(_ pages: [String: String], runs: [String]? = nil) throws -> [String: Data] {
    let folder = try TemporaryFolder()
    let own = folder.path + "/own"
    try FileManager.default.createDirectory(atPath: own, withIntermediateDirectories: true)
    for (name, text) in pages {
      try Data(text.utf8).write(to: URL(fileURLWithPath: own + "/" + name))
    }
    var study = SyntheticStudy()
    study.layers = 2
    study.steps = [0, 1000, 2000, 4000]
    if let runs { study.runs = runs }
    _ = try folder.write(study.report(authorPages: own))
    return try folder.files("site")
  }

  private func page(_ name: String, of site: [String: Data]) throws -> String {
    String(decoding: try #require(site["pages/\(name)/index.html"]), as: UTF8.self)
  }

  @Test func figuresAreNumberedInTheOrderOfTheText() throws {
    let site = try write([
      "two.md": "# Two\n\n![](figure:cka-median)\n\nThen:\n\n![](figure:cka-layer-step)\n"
    ])
    let html = try page("two", of: site)
    let first = try #require(html.range(of: "<b>Figure 1.</b>"))
    let second = try #require(html.range(of: "<b>Figure 2.</b>"))
    #expect(html.range(of: "id=\"cka-median\"").map { $0.lowerBound < first.lowerBound } == true)
    #expect(first.lowerBound < second.lowerBound)
    #expect(html.contains("Numbers of figure 2"))
    let index = String(decoding: try #require(site["search-index.js"]), as: UTF8.self)
    #expect(index.contains("pages/two/index.html"))
  }

  @Test func linksLeadToPagesAndToWhatTheReportIsAbout() throws {
    let site = try write(
      [
        "a.md": """
        # A

        [next](b.md#part) [also](./%C3%A9t%C3%A9.md) [run](run:two%20words) [claim](claim:C1)
        [figure](figure:cka-median) [methods](page:methods) [out](https://example.org)
        [tables](page:data#tables) [answers](#part-of-this) [run part](run:two%20words#layers)

        ## Part of this

        [bad](javascript:alert(1)) [worse](data:text/html,x)
        """, "b.md": "# B\n\n## Part\n\nText.\n", "été.md": "# Summer\n",
      ], runs: ["small", "two words", "large", "huge"])
    let html = try page("a", of: site)
    for address in [
      "href=\"../../pages/b/index.html#part\"", "href=\"../../claims/c1/index.html\"",
      "href=\"../../methods/index.html\"", "#cka-median\"", "href=\"https://example.org\"",
      "href=\"../../data/index.html#tables\"", "href=\"#part-of-this\"", "index.html#layers\"",
    ] { #expect(html.contains(address), "\(address)") }
    #expect(!html.contains("javascript:") && !html.contains("data:text"))
    #expect(html.contains("bad worse"))
    #expect(site.keys.contains { $0.hasPrefix("pages/t") && $0.hasSuffix("index.html") })
  }

  @Test func numbersComeFromTheData() throws {
    let html = try page(
      "n", of: try write(["n.md": "# N\n\nAt {{at_0.2 small mlp}}, {{runs}} runs, `{{runs}}`.\n"]))
    #expect(html.firstMatch(of: /At 0\.\d+, 4 runs, <code>\{\{runs\}\}<\/code>/) != nil)
  }

  @Test func mistakesAreNamedWithFileAndLine() throws {
    let error = #expect(throws: MarkupError.self) {
      _ = try write([
        "a.md": "---\ntitle: A\ncolour: red\n---\n\nText.\n",
        "b.md":
          "# B\n\n{{at_0.2 nobody mlp}}\n\n![](figure:none)\n\n[x](absent.md) [y](run:none)\n",
        "c.md": "# C\n\n![](figure:cka-median)\n\n![](figure:cka-median)\n",
        "d.md": "# D\n\n$\\fraq{a}{b}$\n",
      ])
    }
    let places = error?.findings.map { "\($0.file):\($0.line)" }
    #expect(
      places == [
        "pages/a.md:3", "pages/b.md:3", "pages/b.md:5", "pages/b.md:7", "pages/b.md:7",
        "pages/c.md:5", "pages/d.md:3",
      ])
  }

  @Test func namesAndTextsOfPagesAreInert() throws {
    let site = try write([
      "<img src=x onerror=alert(1)>.md": "# <script>alert(2)</script>\n\n<b onclick=x>bold</b>\n",
      "..md": "# Dots \u{1B}[31m\n", "a b.md": "---\ntitle: \"><u>\n---\n\nText.\n",
    ])
    for (name, bytes) in site {
      #expect(!name.contains(".."))
      guard name.hasSuffix(".html") else { continue }
      let html = String(decoding: bytes, as: UTF8.self)
      for text in ["<script>alert", "<img src=x", "<b onclick", "<u>", "\u{1B}"] {
        #expect(!html.contains(text), "\(name): \(text)")
      }
    }
    #expect(site.keys.count { $0.hasPrefix("pages/") } == 2)
  }

  @Test func aLinkToAPartThatIsNotThereIsNamedWithItsLine() {
    let error = #expect(throws: SiteError.self) {
      try write([
        "a.md": "---\ntitle: A\n---\n\n[b](b.md#prat) and\n[data](page:data#nope), [here](#no)\n",
        "b.md": "# B\n\n## Part\n",
      ])
    }
    #expect(
      error?.findings.map(\.page).sorted() == ["pages/a.md:5", "pages/a.md:6", "pages/a.md:6"])
    #expect(error?.description.contains("nearest is #part") == true)
  }

  @Test func aPageOfTheAuthorBeyondItsBudgetIsAMistake() {
    let error = #expect(throws: SiteError.self) {
      try write(["a.md": "# A\n\n" + String(repeating: "word ", count: 40_000)])
    }
    #expect(error?.findings.map(\.page) == ["pages/a.md"])
  }

  @Test func orderAndHeadingsAreTheAuthors() throws {
    let html = try page(
      "z",
      of: try write([
        "0.md": "---\nsection: Guide\n---\n\n# Unordered\n",
        "a.md": "---\norder: 2\nsection: Guide\n---\n\n# Later\n",
        "z.md": "---\norder: 1\nsection: Guide\n---\n\n# Sooner\n",
      ]))
    let guide = try #require(html.range(of: "<h2>Guide</h2>"))
    let last = try #require(html.range(of: ">Unordered</a>"))
    let later = try #require(html.range(of: ">Later</a>"))
    #expect(later.upperBound < last.lowerBound)
    let sooner = try #require(
      html.range(of: ">Sooner</a>", range: guide.upperBound..<html.endIndex))
    #expect(html.range(of: ">Later</a>", range: sooner.upperBound..<html.endIndex) != nil)
  }
}
