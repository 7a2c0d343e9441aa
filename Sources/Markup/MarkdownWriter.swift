/// Writes a Markdown tree as HTML. Everything from the text goes through `escapeHTML`.
struct MarkdownWriter {
  let file: String
  let lineOffset: Int
  let resolver: MarkdownResolver
  var ids: HeadingIDs
  let maths: [MathSpans.Span]

  var output = ""
  var outline: [OutlineEntry] = []
  var findings: [MarkupError.Finding] = []
  /// The first line of the file that leads to an address.
  var links: [String: Int] = [:]
  private var level = 1
  private var references: [Int: Int] = [:]

  init(
    file: String, lineOffset: Int, resolver: MarkdownResolver, ids: HeadingIDs,
    maths: [MathSpans.Span]
  ) {
    self.file = file
    self.lineOffset = lineOffset
    self.resolver = resolver
    self.ids = ids
    self.maths = maths
  }

  mutating func write(_ document: MarkdownDocument) {
    write(document.blocks, tight: false)
    guard !document.footnotes.isEmpty else { return }
    output += "<section class=\"footnotes\" aria-label=\"Footnotes\"><ol>"
    for (index, blocks) in document.footnotes.enumerated() {
      let number = index + 1
      output += "<li id=\"fn-\(number)\">"
      write(blocks, tight: true)
      output +=
        " <a href=\"#fnref-\(number)\" aria-label=\"Back to reference \(number)\">↩</a></li>"
    }
    output += "</ol></section>\n"
  }

  private mutating func write(_ blocks: [MarkdownBlock], tight: Bool) {
    for block in blocks { write(block, tight: tight) }
  }

  private mutating func write(_ block: MarkdownBlock, tight: Bool) {
    switch block {
    case .paragraph(let content, let line): paragraph(content, line: line, tight: tight)
    case .heading(let level, let content, let line): heading(level, content, line: line)
    case .quote(let blocks):
      output += "<blockquote>"
      write(blocks, tight: false)
      output += "</blockquote>\n"
    case .list(let list): write(list)
    case .code(let language, let text, let line): code(text, language: language, line: line)
    case .table(let table): write(table)
    case .rule: output += "<hr>\n"
    case .rawHTML(let text, _):
      output += "<pre tabindex=\"0\"><code>\(escapeHTML(text))</code></pre>\n"
    }
  }

  private mutating func paragraph(_ content: [MarkdownInline], line: Int, tight: Bool) {
    if content.count == 1, case .image(let destination, _, let text, let line) = content[0],
      let scheme = LinkDestination.scheme(of: destination),
      MarkdownResolver.blockSchemes.contains(scheme)
    {
      switch resolver.block(destination, text) {
      case .found(let html): output += html.source
      case .dropped: break
      case .unknown(let reason): report(line, .unresolved(destination, reason: reason))
      }
      return
    }
    if content.count == 1, case .text(let text, _) = content[0] {
      let parts = MathSpans.parts(of: text)
      if parts.count == 1, let span = parts[0].span, maths.indices.contains(span),
        maths[span].display
      {
        output += "<div class=\"eq\" tabindex=\"0\">"
        math(span)
        output += "</div>\n"
        return
      }
    }
    output += tight ? "" : "<p>"
    write(content)
    output += tight ? "" : "</p>\n"
  }

  private mutating func heading(_ written: Int, _ content: [MarkdownInline], line: Int) {
    // One h1 a page, which the title is; no level is left out on the way down.
    level = min(max(written, 2), level + 1)
    let title = content.plainText
    let shown = MathSpans.parts(of: title).map { $0.span == nil ? $0.text : "" }.joined()
    let id = ids.unique(for: shown)
    outline.append(OutlineEntry(level: level, id: id, title: singleLine(shown)))
    output += "<h\(level) id=\"\(escapeHTML(id))\">"
    write(content)
    output += sectionAnchor(id: id, title: singleLine(shown)).source
    output += "</h\(level)>\n"
  }

  private mutating func write(_ list: MarkdownList) {
    let tasks = list.items.contains { $0.task != nil }
    let attribute = tasks ? " class=\"tasks\"" : ""
    switch list.marker {
    case .bullet: output += "<ul\(attribute)>"
    case .ordered(1): output += "<ol\(attribute)>"
    case .ordered(let start): output += "<ol start=\"\(start)\"\(attribute)>"
    }
    for item in list.items {
      output += "<li>"
      if let done = item.task {
        output +=
          done
          ? "<span class=\"box\" role=\"img\" aria-label=\"done\">☑</span> "
          : "<span class=\"box\" role=\"img\" aria-label=\"open\">☐</span> "
      }
      write(item.blocks, tight: list.tight)
      output += "</li>"
    }
    output += list.marker == .bullet ? "</ul>\n" : "</ol>\n"
  }

  private mutating func code(_ text: String, language: String, line: Int) {
    if language == "math" {
      output += "<div class=\"eq\" tabindex=\"0\">"
      math(text, display: true, line: line + 1)
      output += "</div>\n"
      return
    }
    let attribute = language.isEmpty ? "" : " class=\"language-\(escapeHTML(language))\""
    output += "<pre tabindex=\"0\"><code\(attribute)>\(escapeHTML(text))</code></pre>\n"
  }

  private mutating func write(_ table: MarkdownTable) {
    output += "<div class=\"scroll\" tabindex=\"0\"><table><thead><tr>"
    for (column, cell) in table.header.enumerated() {
      output += cell.isEmpty ? "<td></td>" : "<th scope=\"col\"\(alignment(table, column))>"
      write(cell)
      output += cell.isEmpty ? "" : "</th>"
    }
    output += "</tr></thead><tbody>"
    for row in table.rows {
      output += "<tr>"
      for (column, cell) in row.enumerated() {
        output += "<td\(alignment(table, column))>"
        write(cell)
        output += "</td>"
      }
      output += "</tr>"
    }
    output += "</tbody></table></div>\n"
  }

  private func alignment(_ table: MarkdownTable, _ column: Int) -> String {
    switch table.alignments.indices.contains(column) ? table.alignments[column] : .none {
    case .none, .left: " class=\"l w\""
    case .center: " class=\"c\""
    case .right: ""
    }
  }

  private mutating func write(_ content: [MarkdownInline]) {
    for inline in content { write(inline) }
  }

  private mutating func write(_ inline: MarkdownInline) {
    switch inline {
    case .text(let text, let line): write(text, line: line)
    case .code(let text): output += "<code>\(escapeHTML(text))</code>"
    case .emphasis(let content): element("em", content)
    case .strong(let content): element("strong", content)
    case .strikethrough(let content): element("del", content)
    case .softBreak: output += "\n"
    case .lineBreak: output += "<br>\n"
    case .rawHTML(let text): output += escapeHTML(text)
    case .footnote(let number):
      let count = references[number, default: 0] + 1
      references[number] = count
      let suffix = count == 1 ? "" : "-\(count)"
      output += "<sup class=\"fn\"><a id=\"fnref-\(number)\(suffix)\" href=\"#fn-\(number)\""
      output += " aria-label=\"Footnote \(number)\">\(number)</a></sup>"
    case .link(let destination, let title, let content, let line):
      link(destination, title: title, content, line: line)
    case .image(let destination, _, let text, let line):
      image(destination, text: text, line: line)
    }
  }

  private mutating func element(_ name: String, _ content: [MarkdownInline]) {
    output += "<\(name)>"
    write(content)
    output += "</\(name)>"
  }

  private mutating func link(
    _ destination: String, title: String, _ content: [MarkdownInline], line: Int
  ) {
    switch resolver.link(destination) {
    case .found(let address):
      links[address] = links[address] ?? line
      let hint = title.isEmpty ? "" : " title=\"\(escapeHTML(title))\""
      output += "<a href=\"\(escapeHTML(address))\"\(hint)>"
      write(content)
      output += "</a>"
    case .dropped: write(content)
    case .unknown(let reason): report(line, .unresolved(destination, reason: reason))
    }
  }

  private mutating func image(_ destination: String, text: String, line: Int) {
    if let scheme = LinkDestination.scheme(of: destination),
      MarkdownResolver.blockSchemes.contains(scheme)
    {
      report(line, .notAlone(destination))
    } else if text.allSatisfy(\.isWhitespace) {
      report(line, .imageWithoutText(destination))
    } else {
      switch resolver.image(destination, text) {
      case .found(let html): output += html.source
      case .dropped: output += escapeHTML(text)
      case .unknown(let reason): report(line, .unresolved(destination, reason: reason))
      }
    }
  }

  /// Text with its maths and its `{{values}}`.
  private mutating func write(_ text: String, line: Int) {
    for part in MathSpans.parts(of: text) {
      if let span = part.span {
        math(span)
      } else {
        values(in: part.text, line: line)
      }
    }
  }

  private mutating func values(in text: String, line: Int) {
    var rest = Substring(text)
    while let open = rest.firstRange(of: "{{"),
      let close = rest[open.upperBound...].firstRange(of: "}}")
    {
      output += escapeHTML(String(rest[..<open.lowerBound]))
      let name = singleLine(String(rest[open.upperBound..<close.lowerBound]))
      switch resolver.value(name) {
      case .found(let html): output += html.source
      case .dropped: output += escapeHTML(String(rest[open.lowerBound..<close.upperBound]))
      case .unknown(let reason): report(line, .unresolved("{{\(name)}}", reason: reason))
      }
      rest = rest[close.upperBound...]
    }
    output += escapeHTML(String(rest))
  }

  private mutating func math(_ index: Int) {
    guard maths.indices.contains(index) else { return }
    let span = maths[index]
    math(span.tex, display: span.display, line: span.line + lineOffset)
  }

  private mutating func math(_ tex: String, display: Bool, line: Int) {
    do {
      guard !display else {
        output += try MathML.display(tex).source
        return
      }
      let formula = try MathML.inline(tex).source
      // A browser does not break one: where it is wider than the page, it scrolls by itself.
      output +=
        tex.utf8.count > Self.longFormula ? "<span class=\"longmath\">\(formula)</span>" : formula
    } catch {
      report(line, .unresolved(tex, reason: error.description))
    }
  }

  /// Formulas of more bytes may be wider than a phone.
  private static let longFormula = 24

  private mutating func report(_ line: Int, _ problem: MarkupError.Problem) {
    findings.append(.init(file: file, line: line, problem: problem))
  }
}

/// The link behind a heading that copies the address of its section.
package func sectionAnchor(id: String, title: String) -> HTML {
  "<a class=\"anchor\" href=\"#\(id)\" aria-label=\"Link to section: \(title)\">#</a>"
}
