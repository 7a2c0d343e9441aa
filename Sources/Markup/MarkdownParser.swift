import CCMarkGFM

/// Markdown (CommonMark 0.29 with GitHub's tables, task lists, strikethrough, autolinks and
/// footnotes) as a ``MarkdownDocument``. Nothing is resolved or escaped here.
package struct MarkdownParser: Sendable {
  /// How deep quotes, lists and inline marks may be nested: more is a mistake or an attack on the
  /// stack.
  package static let deepestNesting = 60

  private static let extensions = ["table", "strikethrough", "autolink", "tasklist"]

  /// Registered once: cmark's own guard is not made for several threads.
  private static let registered: Void = cmark_gfm_core_extensions_ensure_registered()

  package init() {}

  /// The tree of `source`'s text; its line numbers are those of the whole file. Maths spans stay
  /// in the text as `markers` (see ``MathSpans``).
  package func parse(_ source: MarkdownSource) throws -> MarkdownDocument {
    try parse(source.body, file: source.file, line: source.bodyLine)
  }

  func parse(_ text: String, file: String, line: Int) throws -> MarkdownDocument {
    _ = Self.registered
    guard let parser = cmark_parser_new(CMARK_OPT_FOOTNOTES | CMARK_OPT_VALIDATE_UTF8) else {
      preconditionFailure("cmark_parser_new: no memory")
    }
    defer { cmark_parser_free(parser) }
    for name in Self.extensions {
      guard let found = cmark_find_syntax_extension(name) else {
        preconditionFailure("cmark-gfm lacks its own extension \(name)")
      }
      cmark_parser_attach_syntax_extension(parser, found)
    }
    var text = text
    text.withUTF8 { bytes in
      // SAFETY: cmark copies what it is fed; the pointer is used inside this closure alone.
      bytes.withMemoryRebound(to: CChar.self) {
        cmark_parser_feed(parser, $0.baseAddress, $0.count)
      }
    }
    guard let root = cmark_parser_finish(parser) else {
      preconditionFailure("cmark_parser_finish: no document")
    }
    defer { cmark_node_free(root) }
    var reader = TreeReader(file: file, lineOffset: line - 1)
    let blocks = try reader.blocks(of: root, depth: 0)
    return MarkdownDocument(file: file, blocks: blocks, footnotes: reader.footnotes)
  }
}

/// Copies cmark's nodes into values.
private struct TreeReader {
  let file: String
  let lineOffset: Int
  var footnotes: [[MarkdownBlock]] = []

  init(file: String, lineOffset: Int) {
    self.file = file
    self.lineOffset = lineOffset
  }

  typealias Node = OpaquePointer

  private func line(_ node: Node) -> Int {
    max(1, Int(cmark_node_get_start_line(node))) + lineOffset
  }

  /// The name of a node's type. Extensions' nodes have no constant, footnotes no name.
  private func kind(_ node: Node) -> String {
    switch cmark_node_get_type(node) {
    case CMARK_NODE_FOOTNOTE_REFERENCE: "footnote_reference"
    case CMARK_NODE_FOOTNOTE_DEFINITION: "footnote_definition"
    default: String(cString: cmark_node_get_type_string(node))
    }
  }

  private func text(_ pointer: UnsafePointer<CChar>?) -> String {
    pointer.map { String(cString: $0) } ?? ""
  }

  private func children(_ node: Node) -> UnfoldSequence<Node, Node?> {
    sequence(state: cmark_node_first_child(node)) { (next: inout Node?) -> Node? in
      guard let node = next else { return nil }
      next = cmark_node_next(node)
      return node
    }
  }

  private func check(depth: Int, at node: Node) throws {
    guard depth > MarkdownParser.deepestNesting else { return }
    throw MarkupError(findings: [
      .init(
        file: file, line: line(node),
        problem: .nestedTooDeeply(limit: MarkdownParser.deepestNesting))
    ])
  }

  mutating func blocks(of parent: Node, depth: Int) throws -> [MarkdownBlock] {
    try check(depth: depth, at: parent)
    var result: [MarkdownBlock] = []
    for node in children(parent) {
      switch kind(node) {
      case "paragraph":
        result.append(
          .paragraph(try inlines(of: node, line: line(node), depth: 0), line: line(node)))
      case "heading":
        let level = Int(cmark_node_get_heading_level(node))
        let content = try inlines(of: node, line: line(node), depth: 0)
        result.append(.heading(level: level, content, line: line(node)))
      case "block_quote":
        result.append(.quote(try blocks(of: node, depth: depth + 1)))
      case "list":
        result.append(.list(try list(node, depth: depth + 1)))
      case "code_block":
        let info = text(cmark_node_get_fence_info(node))
        let language = info.split(whereSeparator: \.isWhitespace).first.map(String.init) ?? ""
        let code = text(cmark_node_get_literal(node))
        result.append(.code(language: language, text: code, line: line(node)))
      case "table":
        result.append(.table(try table(node)))
      case "thematic_break":
        result.append(.rule)
      case "html_block":
        result.append(.rawHTML(text(cmark_node_get_literal(node)), line: line(node)))
      case "footnote_definition":
        footnotes.append(try blocks(of: node, depth: depth + 1))
      case let other:
        preconditionFailure("cmark-gfm gave a block of unknown kind \(other)")
      }
    }
    return result
  }

  private mutating func list(_ node: Node, depth: Int) throws -> MarkdownList {
    let ordered = cmark_node_get_list_type(node) == CMARK_ORDERED_LIST
    var list = MarkdownList(
      marker: ordered ? .ordered(start: Int(cmark_node_get_list_start(node))) : .bullet,
      tight: cmark_node_get_list_tight(node) != 0, items: [])
    for item in children(node) {
      let task =
        kind(item) == "tasklist" ? cmark_gfm_extensions_get_tasklist_item_checked(item) : nil
      list.items.append(.init(task: task, blocks: try blocks(of: item, depth: depth)))
    }
    return list
  }

  private func table(_ node: Node) throws -> MarkdownTable {
    let count = Int(cmark_gfm_extensions_get_table_columns(node))
    var table = MarkdownTable(
      alignments: Array(repeating: .none, count: count), header: [], rows: [], line: line(node))
    if let alignments = cmark_gfm_extensions_get_table_alignments(node) {
      for column in 0..<count {
        switch UInt8(alignments[column]) {
        case UInt8(ascii: "l"): table.alignments[column] = .left
        case UInt8(ascii: "c"): table.alignments[column] = .center
        case UInt8(ascii: "r"): table.alignments[column] = .right
        default: break
        }
      }
    }
    for row in children(node) {
      var cells: [[MarkdownInline]] = []
      for cell in children(row) { cells.append(try inlines(of: cell, line: line(row), depth: 0)) }
      if cmark_gfm_extensions_get_table_row_is_header(row) != 0 {
        table.header = cells
      } else {
        table.rows.append(cells)
      }
    }
    return table
  }

  /// Inline nodes carry no lines of their own before 0.30: soft breaks are counted from the block's.
  private func inlines(of parent: Node, line start: Int, depth: Int) throws -> [MarkdownInline] {
    var line = start
    return try inlines(of: parent, line: &line, depth: depth)
  }

  private func inlines(of parent: Node, line: inout Int, depth: Int) throws -> [MarkdownInline] {
    try check(depth: depth, at: parent)
    var result: [MarkdownInline] = []
    for node in children(parent) {
      switch kind(node) {
      case "text":
        let string = text(cmark_node_get_literal(node))
        if case .text(let before, let first)? = result.last {
          result[result.count - 1] = .text(before + string, line: first)
        } else {
          result.append(.text(string, line: line))
        }
      case "code": result.append(.code(text(cmark_node_get_literal(node))))
      case "emph": result.append(.emphasis(try inlines(of: node, line: &line, depth: depth + 1)))
      case "strong": result.append(.strong(try inlines(of: node, line: &line, depth: depth + 1)))
      case "strikethrough":
        result.append(.strikethrough(try inlines(of: node, line: &line, depth: depth + 1)))
      case "link":
        let place = line
        result.append(
          .link(
            destination: text(cmark_node_get_url(node)), title: text(cmark_node_get_title(node)),
            try inlines(of: node, line: &line, depth: depth + 1), line: place))
      case "image":
        let place = line
        let alternative = try inlines(of: node, line: &line, depth: depth + 1).plainText
        result.append(
          .image(
            destination: text(cmark_node_get_url(node)), title: text(cmark_node_get_title(node)),
            text: alternative, line: place))
      case "softbreak":
        line += 1
        result.append(.softBreak)
      case "linebreak":
        line += 1
        result.append(.lineBreak)
      case "html_inline": result.append(.rawHTML(text(cmark_node_get_literal(node))))
      case "footnote_reference":
        // cmark writes the number of the footnote here once all references are known.
        let number = Int(text(cmark_node_get_literal(node)))
        result.append(.footnote(number: number ?? 0))
      case let other:
        preconditionFailure("cmark-gfm gave an inline of unknown kind \(other)")
      }
    }
    return result
  }
}
