/// A parsed Markdown text as a value: what cmark-gfm found, with line numbers of the source file.
package struct MarkdownDocument: Sendable, Hashable {
  package var file: String
  package var blocks: [MarkdownBlock]
  /// Footnote n, counted from 1 in order of first reference, is `footnotes[n - 1]`.
  package var footnotes: [[MarkdownBlock]]
}

package indirect enum MarkdownBlock: Sendable, Hashable {
  case paragraph([MarkdownInline], line: Int)
  case heading(level: Int, [MarkdownInline], line: Int)
  case quote([MarkdownBlock])
  case list(MarkdownList)
  /// `language` is the first word of the fence's info string, empty where there is none.
  case code(language: String, text: String, line: Int)
  case table(MarkdownTable)
  case rule
  /// Raw HTML as written; it is shown, never passed on.
  case rawHTML(String, line: Int)
}

package struct MarkdownList: Sendable, Hashable {
  package enum Marker: Sendable, Hashable {
    case bullet
    case ordered(start: Int)
  }

  package struct Item: Sendable, Hashable {
    /// nil for an ordinary item, else whether the box of a task is ticked.
    package var task: Bool?
    package var blocks: [MarkdownBlock]
  }

  package var marker: Marker
  /// Items without blank lines between them: their paragraphs carry no `<p>`.
  package var tight: Bool
  package var items: [Item]
}

package struct MarkdownTable: Sendable, Hashable {
  package enum Alignment: Sendable, Hashable {
    case none
    case left
    case center
    case right
  }

  package var alignments: [Alignment]
  package var header: [[MarkdownInline]]
  package var rows: [[[MarkdownInline]]]
  package var line: Int
}

package indirect enum MarkdownInline: Sendable, Hashable {
  case text(String, line: Int)
  case code(String)
  case emphasis([MarkdownInline])
  case strong([MarkdownInline])
  case strikethrough([MarkdownInline])
  case link(destination: String, title: String, [MarkdownInline], line: Int)
  case image(destination: String, title: String, text: String, line: Int)
  case softBreak
  case lineBreak
  case rawHTML(String)
  /// A reference to footnote `number`, from 1.
  case footnote(number: Int)
}

extension Sequence where Element == MarkdownInline {
  /// What a reader sees, without any marks: for outlines, ids and alternative texts.
  package var plainText: String {
    var text = ""
    for inline in self {
      switch inline {
      case .text(let string, _), .code(let string): text += string
      case .emphasis(let children), .strong(let children), .strikethrough(let children),
        .link(_, _, let children, _):
        text += children.plainText
      case .image(_, _, let alternative, _): text += alternative
      case .softBreak, .lineBreak: text += " "
      case .rawHTML, .footnote: break
      }
    }
    return text
  }
}
