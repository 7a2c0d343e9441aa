import Foundation
import Markup

/// The few settings at the top of an author's page: `key: value` lines.
struct AuthorFrontMatter {
  private(set) var title: String?
  private(set) var short: String?
  private(set) var description: String?
  /// The place among the author's pages; those without one come last.
  private(set) var order = Int.max
  /// The heading in the sidebar that the page stands under; nil for "Pages".
  private(set) var section: String?

  init(_ source: MarkdownSource) throws {
    var findings: [MarkupError.Finding] = []
    let lines = (source.frontMatter ?? "").split(separator: "\n", omittingEmptySubsequences: false)
    for (offset, line) in lines.enumerated() {
      let text = line.trimmingCharacters(in: .whitespaces)
      guard !text.isEmpty, !text.hasPrefix("#") else { continue }
      func mistake(_ reason: String) {
        findings.append(
          .init(
            file: source.file, line: source.frontMatterLine + offset,
            problem: .unresolved(text, reason: reason)))
      }
      guard let colon = text.firstIndex(of: ":") else {
        mistake("expected key: value")
        continue
      }
      let key = text[..<colon].trimmingCharacters(in: .whitespaces)
      var value = text[text.index(after: colon)...].trimmingCharacters(in: .whitespaces)
      if value.count >= 2, let quote = value.first, quote == "\"" || quote == "'",
        value.last == quote
      {
        value = String(value.dropFirst().dropLast())
      }
      switch key {
      case "title": title = value
      case "short": short = value
      case "description": description = value
      case "section": section = value
      case "order":
        guard let number = Int(value) else {
          mistake("order is a whole number")
          continue
        }
        order = number
      default: mistake("unknown key; known are title, short, description, section, order")
      }
    }
    guard findings.isEmpty else { throw MarkupError(findings: findings) }
  }
}
