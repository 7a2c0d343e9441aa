/// Everything that is wrong in a Markdown file, each with its place.
package struct MarkupError: Error, Hashable, CustomStringConvertible {
  package let findings: [Finding]

  package init(findings: [Finding]) { self.findings = findings }

  package var description: String { findings.map(\.description).joined(separator: "\n") }

  /// One mistake. The description reads `pages/a.md:12: …`.
  package struct Finding: Hashable, Sendable, CustomStringConvertible {
    package let file: String
    /// From 1, counted in the whole file with its front matter.
    package let line: Int
    package let problem: Problem

    package init(file: String, line: Int, problem: Problem) {
      self.file = file
      self.line = line
      self.problem = problem
    }

    package var description: String { "\(file):\(line): \(problem)" }
  }

  package enum Problem: Hashable, Sendable, CustomStringConvertible {
    /// `---` on the first line without a second one.
    case frontMatterNotClosed
    /// Quotes or lists nested more than ``MarkdownParser/deepestNesting`` deep.
    case nestedTooDeeply(limit: Int)
    /// A link, an image or a placeholder whose target the caller does not know.
    case unresolved(String, reason: String)
    /// An image without a description.
    case imageWithoutText(String)
    /// Something that makes a block (a figure) in the middle of a sentence.
    case notAlone(String)

    package var description: String {
      switch self {
      case .frontMatterNotClosed:
        "the front matter opened by --- is never closed: add a line --- after it"
      case .nestedTooDeeply(let limit):
        "quotes and lists are nested more than \(limit) deep: flatten them"
      case .unresolved(let target, let reason):
        "\(singleLine(target)): \(reason)"
      case .imageWithoutText(let target):
        "the image \(singleLine(target)) has no text: write ![what it shows](\(singleLine(target)))"
      case .notAlone(let target):
        "\(singleLine(target)) makes a block: put it into a paragraph of its own"
      }
    }
  }
}
