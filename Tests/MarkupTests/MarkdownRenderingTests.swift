import Markup
import Testing

@Suite struct MarkdownRenderingTests {
  func html(_ text: String, resolver: MarkdownResolver = .plain) throws -> String {
    try MarkdownRenderer(resolver: resolver).render(MarkdownSource(body: text, file: "a.md")).html
      .source
  }

  @Test("A long formula in a line may scroll by itself")
  func longFormula() throws {
    let long = "a + b + c + d + e + f + g + h"
    #expect(try html("It is $\(long)$.\n").contains("<span class=\"longmath\"><math>"))
    #expect(try !html("It is $a + b$.\n").contains("longmath"))
    #expect(try !html("$$\n\(long)\n$$\n").contains("longmath"))
  }

  @Test(
    "Marks come out as elements",
    arguments: [
      (
        "a *b* **c** ~~d~~ `e`",
        "<p>a <em>b</em> <strong>c</strong> <del>d</del> <code>e</code></p>\n"
      ),
      ("- a\n- b", "<ul><li>a</li><li>b</li></ul>\n"),
      ("3. a\n4. b", "<ol start=\"3\"><li>a</li><li>b</li></ol>\n"),
      ("> a", "<blockquote><p>a</p>\n</blockquote>\n"),
      ("[a](https://b.org \"c\")", "<p><a href=\"https://b.org\" title=\"c\">a</a></p>\n"),
      ("www.b.org", "<p><a href=\"http://www.b.org\">www.b.org</a></p>\n"),
      ("a\\\nb", "<p>a<br>\nb</p>\n"),
      (
        "```swift\nlet a = \"<\"\n```",
        "<pre tabindex=\"0\"><code class=\"language-swift\">let a = &quot;&lt;&quot;\n</code></pre>\n"
      ),
      ("---", "<hr>\n"),
      (
        "$x_1$ costs $5 and \\$6",
        "<p><math><mrow><msub><mi>x</mi><mn>1</mn></msub></mrow></math> costs $5 and $6</p>\n"
      ),
      ("`$x$` and $5 to $10", "<p><code>$x$</code> and $5 to $10</p>\n"),
      (
        "$$\nx\n$$",
        "<div class=\"eq\" tabindex=\"0\"><math display=\"block\"><mrow><mi>x</mi></mrow></math></div>\n"
      ),
      (
        "```math\nx\n```",
        "<div class=\"eq\" tabindex=\"0\"><math display=\"block\"><mrow><mi>x</mi></mrow></math></div>\n"
      ),
      ("{{a}}", "<p>{{a}}</p>\n"),
    ])
  func renders(text: String, expected: String) throws { #expect(try html(text) == expected) }

  @Test("Tables keep their alignment; tasks have a name for those who do not see the box")
  func tables() throws {
    let table = try html("| a | b |\n|---|--:|\n| x | *1* |")
    #expect(table.contains("<th scope=\"col\" class=\"l w\">a</th><th scope=\"col\">b</th>"))
    #expect(table.contains("<td class=\"l w\">x</td><td><em>1</em></td>"))
    let tasks = try html("- [x] a\n- [ ] b")
    #expect(tasks.contains("aria-label=\"done\">☑</span> a"))
    #expect(tasks.contains("aria-label=\"open\">☐</span> b"))
  }

  @Test("Footnotes are numbered by first use and lead back")
  func footnotes() throws {
    let output = try html("a[^y] b[^x] c[^y]\n\n[^x]: X\n[^y]: Y")
    #expect(output.contains("<a id=\"fnref-1\" href=\"#fn-1\" aria-label=\"Footnote 1\">1</a>"))
    #expect(output.contains("<li id=\"fn-1\">Y"))
    #expect(output.contains("<li id=\"fn-2\">X"))
    #expect(output.contains("id=\"fnref-1-2\""))
  }

  @Test("Headings get ids, an outline, and no level is left out")
  func headings() throws {
    let output = try MarkdownRenderer().render(
      MarkdownSource(body: "# T\n\n## A *b*\n\n#### C\n\n## A b\n\n# D", file: "a.md"))
    #expect(output.title == "T")
    #expect(
      output.outline == [
        OutlineEntry(level: 2, id: "a-b", title: "A b"),
        OutlineEntry(level: 3, id: "c", title: "C"),
        OutlineEntry(level: 2, id: "a-b-2", title: "A b"),
        OutlineEntry(level: 2, id: "d", title: "D"),
      ])
    #expect(output.html.source.hasPrefix("<h2 id=\"a-b\">A <em>b</em><a class=\"anchor\""))
  }

  @Test(
    "What could do harm comes out inert",
    arguments: [
      "<script>alert(1)</script>", "a <img src=x onerror=alert(1)> b", "<div onclick=\"x\">\n\nb",
      "[a](javascript:alert(1))", "[a](JaVa\u{1}Script:alert(1))", "[a](data:text/html,<script>)",
      "[a](vbscript:x)", "<javascript:alert(1)>", "![a](x \"y\")", "[a](<x\" onclick=\"y>)",
      "[a]: javascript:x\n\n[a]", "`<b>`", "# <b onmouseover=x>",
      "| <i onclick=x> |\n|---|\n| <u> |",
      "~~~\"><script>\nx\n~~~", "[^1]\n\n[^1]: <script>x</script>", "&lt;script&gt;",
      "\u{E000}0\u{E001}",
      "&#x1b;[31m", "\u{1B}[31mred", "{{<b>}}",
    ])
  func hostile(text: String) throws {
    let output = (try? html(text)) ?? ""
    // What is left of tags, in order, is from this module's own list, with its own attributes.
    for tag in output.split(separator: "<").dropFirst() {
      let inside = tag.prefix { $0 != ">" }
      let name = inside.drop { $0 == "/" }.prefix { $0.isLetter || $0.isNumber }
      #expect(
        [
          "p", "a", "h2", "code", "pre", "div", "table", "thead", "tbody", "tr", "th", "td", "sup",
          "section", "ol", "ul", "li",
        ].contains(String(name)), "<\(inside)>")
      #expect(
        !inside.contains("onclick=") && !inside.contains("onerror=") || inside.contains("%22"))
    }
    #expect(!output.lowercased().contains("href=\"javascript"))
    #expect(!output.lowercased().contains("href=\"data:"))
    #expect(!output.contains("\u{1B}"))
  }

  @Test("Mistakes are all named, with the line of the file")
  func mistakes() throws {
    let resolver = MarkdownResolver(
      link: { $0 == "ok" ? .found("ok.html") : .unknown(reason: "no such page") },
      image: { _, _ in .dropped }, block: { _, _ in .unknown(reason: "no such figure") },
      value: { _ in .unknown(reason: "no such value") })
    let source = try MarkdownSource(
      contents:
        "---\ntitle: x\n---\n[a](b)\n\nc {{d}}\n![](figure:e) f\n\n![g](figure:h)\n\n$\\fooo$",
      file: "pages/a.md")
    let error = #expect(throws: MarkupError.self) {
      try MarkdownRenderer(resolver: resolver).render(source)
    }
    let lines = error?.findings.map { "\($0.line)" } ?? []
    #expect(lines == ["4", "6", "7", "9", "11"])
    #expect(error?.findings.first?.description == "pages/a.md:4: b: no such page")
  }

  @Test("Figures, values and links come from the resolver, escaped")
  func resolved() throws {
    let resolver = MarkdownResolver(
      link: { .found($0 + "?\"") }, image: { _, text in .found("<img alt=\"\(text)\">") },
      block: { id, text in .found("<figure>\(id) \(text)</figure>") },
      value: { .found("<b>\($0)</b>") })
    #expect(try html("[a](b)", resolver: resolver) == "<p><a href=\"b?&quot;\">a</a></p>\n")
    #expect(
      try html("![c \"d\"](figure:e)", resolver: resolver)
        == "<figure>figure:e c &quot;d&quot;</figure>")
    #expect(try html("is {{x y}}.", resolver: resolver) == "<p>is <b>x y</b>.</p>\n")
    #expect(
      try html("a ![b](c.png)", resolver: resolver) == "<p>a <img alt=\"b\"></p>\n")
  }

  @Test("Deep nesting is a mistake, not a crash")
  func deep() {
    let quotes = String(repeating: "> ", count: 500) + "x"
    #expect(throws: MarkupError.self) { try html(quotes) }
    let marks = String(repeating: "*a **b ", count: 3000)
    _ = try? html(marks)
    #expect(throws: Never.self) { try html(String(repeating: "[", count: 50_000)) }
  }

  @Test("Names from files stay themselves inside Markdown")
  func escaping() throws {
    let name = "*a* [b](c) <i> `d` {{e}} $f$ \\ # ~g~ | 1. https://x.org"
    let output = try html(escapeMarkdown(name))
    #expect(
      HTML(trusted: output).source.contains("*a* [b](c) &lt;i&gt; `d` {{e}} $f$ \\ # ~g~ | 1."))
  }
}
