package import Markup

/// A column of a table: what its head says and how its cells stand.
package struct Column: Sendable, Hashable {
  package enum Kind: Sendable, Hashable {
    /// Right-aligned, tabular figures.
    case number
    /// Left-aligned, on one line.
    case text
    /// Left-aligned, wraps.
    case wide
  }

  package var title: String
  package var kind: Kind
  /// Neighbouring columns of one group share a head above theirs; empty for none.
  package var group: String

  package init(_ title: String, _ kind: Kind = .number, group: String = "") {
    self.title = title
    self.kind = kind
    self.group = group
  }
}

/// A cell of a table: what it shows, and by what it is sorted where that differs.
package struct Cell: Sendable, Hashable {
  let content: HTML
  /// Sorted by this number if there is one, else by what is shown.
  let key: Double?
  let isNone: Bool

  private init(_ content: HTML, key: Double? = nil, isNone: Bool = false) {
    self.content = content
    self.key = key
    self.isNone = isNone
  }

  /// Nothing to say: `–`.
  package static let none = Cell("–", isNone: true)

  package static func text(_ text: String) -> Cell { Cell(HTML(escaping: text)) }

  package static func code(_ text: String) -> Cell { Cell("<code>\(text)</code>") }

  package static func html(_ html: HTML, sort key: Double? = nil) -> Cell { Cell(html, key: key) }

  /// `text` in place of a number, sorted as `key`: "never" after all others.
  package static func shown(_ text: String, sort key: Double) -> Cell {
    Cell(HTML(escaping: text), key: key)
  }

  package static func number(_ value: Double, decimals: Int) -> Cell {
    value.isFinite
      ? Cell(HTML(escaping: Format.number(value, decimals: decimals)), key: value) : .none
  }

  package static func number(_ value: Double?, decimals: Int) -> Cell {
    value.map { number($0, decimals: decimals) } ?? .none
  }

  package static func number(_ value: Int) -> Cell { integer(value) }

  package static func integer(_ value: Int) -> Cell {
    Cell(HTML(escaping: Format.integer(value)), key: Double(value))
  }

  package static func percent(_ share: Double?, decimals: Int = 0) -> Cell {
    guard let share, share.isFinite else { return .none }
    return Cell(HTML(escaping: Format.percent(share, decimals: decimals)), key: share)
  }

  package static func link(_ path: SitePath, _ text: String) -> Cell { Cell(Link(to: path, text)) }

  package static func link(_ link: SiteLink, _ text: String) -> Cell { Cell(Link(to: link, text)) }

  package static func verdict(
    _ state: Verdict.State, provisional: Bool = false, short: Bool = false
  ) -> Cell {
    Cell(Verdict.mark(state, provisional: provisional, short: short))
  }
}

/// A table with its caption. The first cell of each row heads it.
package struct TableBlock: Sendable, Hashable {
  package var caption: HTML
  package var columns: [Column]
  package var rows: [[Cell]]
  package var id: String?
  /// The name of the region that scrolls where the page is too narrow; by default the caption's text.
  package var label: String
  package var sortable: Bool
  /// Columns stand closer than in other tables.
  package var isTight: Bool

  package init(
    caption: HTML = HTML(), columns: [Column], rows: [[Cell]], id: String? = nil,
    label: String = "", sortable: Bool = true, isTight: Bool = false
  ) {
    self.caption = caption
    self.columns = columns
    self.rows = rows
    self.id = id
    self.label = label
    self.sortable = sortable
    self.isTight = isTight
  }

  /// The table in a region that scrolls sideways, called `name` (unique on its page).
  func html(name: String) -> HTML {
    var output = ""
    let anchor = id.map { " id=\"\(escapeHTML($0))\"" } ?? ""
    // A script takes the tab stop away where nothing scrolls.
    output +=
      "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"\(escapeHTML(name))\">"
    // On paper nothing scrolls: a table wider than the page would make a browser shrink all of it.
    let many = columns.count > 12 ? " class=\"many\"" : isTight ? " class=\"tight\"" : ""
    output += "<table\(anchor)\(many)\(sortable && rows.count > 1 ? " data-sortable" : "")>"
    if !caption.isEmpty { output += "<caption>\(caption.source)</caption>" }
    output += "<thead>"
    writeGroups(to: &output)
    output += "<tr>"
    for (index, column) in columns.enumerated() {
      if column.title.isEmpty {
        output += "<td\(attribute(for: index))></td>"
      } else {
        output += "<th scope=\"col\"\(attribute(for: index))>\(escapeHTML(column.title))</th>"
      }
    }
    output += "</tr></thead><tbody>"
    for row in rows { write(row, to: &output) }
    output += "</tbody></table></div>\n"
    return HTML(trusted: output)
  }

  private func write(_ row: [Cell], to output: inout String) {
    output += "<tr>"
    for (index, cell) in row.prefix(columns.count).enumerated() {
      let key = cell.key.map { keyAttribute($0, shown: cell.content) } ?? ""
      if index == 0 {
        output += "<th scope=\"row\"\(attribute(for: 0))\(key)>\(cell.content.source)</th>"
      } else {
        output += "<td\(attribute(for: index, none: cell.isNone))\(key)>\(cell.content.source)</td>"
      }
    }
    // A short row still fills its line.
    for index in row.count..<max(row.count, columns.count) {
      output += "<td\(attribute(for: index))></td>"
    }
    output += "</tr>"
  }

  /// Plain numbers sort as they are read; the rest carry their key.
  private func keyAttribute(_ key: Double, shown: HTML) -> String {
    let plain = shown.source.replacing("−", with: "-").replacing(",", with: "")
    return Double(plain) == nil ? " data-v=\"\(key)\"" : ""
  }

  private func writeGroups(to output: inout String) {
    guard columns.contains(where: { !$0.group.isEmpty }) else { return }
    output += "<tr>"
    var index = 0
    while index < columns.count {
      let group = columns[index].group
      var end = index + 1
      while end < columns.count, columns[end].group == group { end += 1 }
      if group.isEmpty {
        output += String(repeating: "<td></td>", count: end - index)
      } else {
        output +=
          "<th scope=\"colgroup\" colspan=\"\(end - index)\" class=\"l g\">\(escapeHTML(group))</th>"
      }
      index = end
    }
    output += "</tr>"
  }

  private func startsGroup(_ index: Int) -> Bool {
    index > 0 && columns[index].group != columns[index - 1].group
  }

  private func attribute(for index: Int, none: Bool = false) -> String {
    var names: [String] = []
    switch columns[index].kind {
    case .number: break
    case .text: names.append("l")
    case .wide: names += ["l", "w"]
    }
    if startsGroup(index) { names.append("g") }
    if none { names.append("none") }
    return names.isEmpty ? "" : " class=\"\(names.joined(separator: " "))\""
  }
}
