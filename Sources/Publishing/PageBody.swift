package import Markup

/// The contents of a page, put together from top to bottom.
///
/// Alongside the HTML it keeps what the page's surroundings need: the outline, the words for the
/// search, what is wrong with the figures.
package struct PageBody: Sendable, Hashable {
  package private(set) var html = HTML()
  package private(set) var outline: [OutlineEntry] = []
  /// Shorter names of sections, for the sidebar, by id.
  package private(set) var shortTitles: [String: String] = [:]
  private(set) var searchEntries: [SearchEntry] = []
  private(set) var findings: [SiteError.Problem] = []
  /// The ids of the figures on the page, in their order.
  package private(set) var figures: [String] = []
  private var ids = HeadingIDs()
  private var regions: Set<String> = []

  package init() {}

  package mutating func append(_ html: HTML) { self.html += html }

  /// Rendered Markdown with its outline. Ids that the page already has are a mistake that the
  /// build reports: render it with the ids that are taken, or first.
  package mutating func append(_ rendered: MarkdownRenderer.Output) {
    html += rendered.html
    outline += rendered.outline
    for entry in rendered.outline {
      _ = ids.reserve(entry.id)
      searchEntries.append(SearchEntry(kind: .heading, text: entry.title, id: entry.id))
    }
  }

  package mutating func lede(_ text: HTML) { html += "<p class=\"lede\">\(text)</p>\n" }

  package mutating func paragraph(_ text: HTML) { html += "<p>\(text)</p>\n" }

  /// Small print.
  package mutating func note(_ text: HTML) { html += "<p class=\"note\">\(text)</p>\n" }

  /// A section with an `<h2>`. `id` is made from the title if it is not given; `short` stands in
  /// the sidebar. Returns the id.
  @discardableResult
  package mutating func section(_ title: String, id: String? = nil, short: String? = nil) -> String
  {
    heading(2, title, id: id, short: short)
  }

  /// A part of a section with an `<h3>`.
  @discardableResult
  package mutating func subsection(_ title: String, id: String? = nil, short: String? = nil)
    -> String
  {
    heading(outline.isEmpty ? 2 : 3, title, id: id, short: short)
  }

  private mutating func heading(_ level: Int, _ title: String, id: String?, short: String?)
    -> String
  {
    let title = singleLine(title)
    let id = id.map { ids.unique(base: $0) } ?? ids.unique(for: title)
    outline.append(OutlineEntry(level: level, id: id, title: title))
    if let short { shortTitles[id] = singleLine(short) }
    searchEntries.append(SearchEntry(kind: .heading, text: title, id: id))
    let anchor = sectionAnchor(id: id, title: title)
    html +=
      level == 2
      ? "<h2 id=\"\(id)\">\(title)\(anchor)</h2>\n" : "<h3 id=\"\(id)\">\(title)\(anchor)</h3>\n"
    return id
  }

  package mutating func list(_ items: [HTML]) {
    let items = items.map { "<li>\($0)</li>" as HTML }.joined()
    html += "<div class=\"prose\"><ul>\(items)</ul></div>\n"
  }

  /// Terms and what they mean.
  package mutating func definitions(_ entries: [(term: HTML, meaning: HTML)]) {
    html += "<dl class=\"terms\">"
    for entry in entries { html += "<div><dt>\(entry.term)</dt><dd>\(entry.meaning)</dd></div>" }
    html += "</dl>\n"
  }

  /// One line of labels and numbers below the lede.
  package mutating func facts(_ facts: [Fact]) {
    html += "<dl class=\"facts\">"
    for fact in facts { html += "<div><dt>\(fact.label)</dt><dd>\(fact.value)</dd></div>" }
    html += "</dl>\n"
  }

  package enum Tone: Sendable, Hashable {
    case plain
    /// Something the reader must know before reading on.
    case alarm
  }

  package mutating func notice(_ name: String, _ text: HTML, tone: Tone = .plain) {
    let kind: HTML = tone == .alarm ? "notice alarm" : "notice"
    html += "<p class=\"\(kind)\"><b>\(name)</b> \(text)</p>\n"
  }

  /// A notice about several things: a line for each.
  package mutating func notice(_ name: String, _ items: [HTML], tone: Tone = .plain) {
    guard items.count > 1 else {
      if let item = items.first { notice(name, item, tone: tone) }
      return
    }
    let kind: HTML = tone == .alarm ? "notice alarm" : "notice"
    let lines = items.map { "<li>\($0)</li>" as HTML }.joined()
    html += "<div class=\"\(kind)\"><p><b>\(name)</b></p><ul>\(lines)</ul></div>\n"
  }

  /// The answer of a page that asks one question.
  package mutating func verdict(_ state: Verdict.State, statement: HTML) {
    html += """
      <div class="verdict \(state.styleClass)">\(Verdict.mark(state))<p>\(statement)</p></div>\n
      """
  }

  /// Questions with their answers, and the key of the symbols. `effectHeading` names the column of
  /// effects ("Effect", or the variant whose provisional verdicts stand there).
  package mutating func answers(_ answers: [Answer], effectHeading: String) {
    html += Answer.list(answers, effectHeading: effectHeading)
    html += Verdict.key
  }

  package mutating func figure(_ figure: FigureBlock) { html += placed(figure) }

  /// Counts `figure` among those of the page and returns it with its number, for a text that it
  /// stands in the middle of.
  package mutating func placed(_ figure: FigureBlock) -> HTML {
    if let mistake = figure.mistake { findings.append(.figure(figure.id, reason: mistake)) }
    figures.append(figure.id)
    searchEntries.append(SearchEntry(kind: .figure, text: figure.title, id: figure.id))
    if let table = figure.table { addColumns(of: table, id: figure.id) }
    return figure.html(number: figures.count)
  }

  package mutating func table(_ table: TableBlock) {
    var name = singleLine(table.label.isEmpty ? table.caption.plainText : table.label)
    if name.isEmpty { name = "Table" }
    var unique = name
    var count = 1
    while !regions.insert(unique).inserted {
      count += 1
      unique = "\(name) (\(count))"
    }
    html += table.html(name: unique)
    addColumns(of: table, id: table.id ?? outline.last?.id ?? "")
    if !table.caption.isEmpty {
      let text = singleLine(table.caption.plainText)
      searchEntries.append(
        SearchEntry(kind: .table, text: text, id: table.id ?? outline.last?.id ?? ""))
    }
  }

  private mutating func addColumns(of table: TableBlock, id: String) {
    var names: [String] = []
    for title in table.columns.map(\.title) where !title.isEmpty && !names.contains(title) {
      names.append(title)
    }
    searchEntries.append(SearchEntry(kind: .columns, text: names.joined(separator: ", "), id: id))
  }

  /// A formula with its plain form, and a remark behind that.
  package mutating func formula(_ formula: HTML, plain: String, note: HTML = HTML()) {
    let remark: HTML = note.isEmpty ? HTML() : ". \(note)"
    html += """
      <div class="eq" tabindex="0">\(formula)</div>\n\
      <p class="plain">Plain: <code>\(plain)</code>\(remark)</p>\n
      """
  }

  package mutating func downloads(_ items: [Download]) {
    html += "<ul class=\"files\">"
    for item in items {
      let detail: HTML = item.detail.isEmpty ? HTML() : " <span class=\"d\">\(item.detail)</span>"
      html += "<li><a href=\"\(item.path)\" download>\(item.title)</a>\(detail)</li>"
    }
    html += "</ul>\n"
  }

  /// Text to copy, as it stands.
  package mutating func code(_ text: String, label: String = "") {
    let head: HTML = label.isEmpty ? HTML() : "<p class=\"codehead\">\(label)</p>"
    html += "<div class=\"code\">\(head)<pre tabindex=\"0\"><code>\(text)</code></pre></div>\n"
  }
}

/// A label and its number, below a page's lede.
package struct Fact: Sendable, Hashable {
  package var label: String
  package var value: HTML

  package init(_ label: String, _ value: HTML) {
    self.label = label
    self.value = value
  }
}

extension HTML {
  /// What a reader sees: the text between the tags, entities resolved.
  package var plainText: String {
    var text = ""
    var inside = false
    for character in source {
      if character == "<" {
        inside = true
      } else if character == ">", inside {
        inside = false
      } else if !inside {
        text.append(character)
      }
    }
    return
      text
      .replacing("&lt;", with: "<").replacing("&gt;", with: ">").replacing("&quot;", with: "\"")
      .replacing("&#39;", with: "'").replacing("&amp;", with: "&")
  }
}
