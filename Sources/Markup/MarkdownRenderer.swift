/// Markdown as HTML that is safe whatever the text holds: raw HTML is shown as text, links have
/// harmless schemes, headings have ids, maths is MathML.
package struct MarkdownRenderer: Sendable {
  package struct Output: Sendable, Hashable {
    package var html: HTML
    /// The headings below the title, in order.
    package var outline: [OutlineEntry]
    /// The text of a first heading of level 1, which is not part of ``html``.
    package var title: String?
    /// The ids that the page has used so far.
    package var ids: HeadingIDs
    /// Addresses that the text leads to, with the first line of the file that does.
    package var links: [String: Int]
  }

  package var resolver: MarkdownResolver
  /// The level that a section's heading gets; the highest of the text is raised or lowered to it.
  package var ids: HeadingIDs

  package init(resolver: MarkdownResolver = .plain, ids: HeadingIDs = HeadingIDs()) {
    self.resolver = resolver
    self.ids = ids
  }

  /// The HTML of `source`. Throws ``MarkupError`` with all mistakes of the text.
  package func render(_ source: MarkdownSource) throws -> Output {
    let maths = MathSpans(source.body)
    let parser = MarkdownParser()
    var document = try parser.parse(maths.text, file: source.file, line: source.bodyLine)
    var title: String?
    if case .heading(1, let content, _)? = document.blocks.first {
      title = content.plainText
      document.blocks.removeFirst()
    }
    var writer = MarkdownWriter(
      file: source.file, lineOffset: source.bodyLine - 1, resolver: resolver, ids: ids,
      maths: maths.spans)
    writer.write(document)
    guard writer.findings.isEmpty else { throw MarkupError(findings: writer.findings) }
    return Output(
      html: HTML(trusted: writer.output), outline: writer.outline, title: title, ids: writer.ids,
      links: writer.links)
  }
}
