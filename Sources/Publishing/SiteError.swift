import Markup

/// Everything that keeps a site from being built or written, each with the page or file it is in.
package struct SiteError: Error, Hashable, CustomStringConvertible {
  package let findings: [Finding]

  package init(_ findings: [Finding]) { self.findings = findings }

  package var description: String { findings.map(\.description).joined(separator: "\n") }

  /// One mistake. The description reads `runs/nano/index.html: …`.
  package struct Finding: Hashable, Sendable, CustomStringConvertible {
    /// A path of the site, a template, a file; empty for the site as a whole.
    package let page: String
    package let problem: Problem

    package init(page: String, problem: Problem) {
      self.page = page
      self.problem = problem
    }

    package var description: String {
      page.isEmpty ? singleLine(problem.description) : singleLine("\(page): \(problem)")
    }
  }

  package enum Problem: Hashable, Sendable, CustomStringConvertible {
    case badPath(String, reason: String)
    case twoPages(title: String, other: String)
    case samePath(String)
    case brokenLink(String)
    case brokenFragment(String, nearest: String?)
    case missingAlt(String)
    case forbidden(String, fix: String)
    case duplicateID(String)
    case badStructure(String)
    case overBudget(kilobytes: Int, limit: Int)
    case missingResource(String)
    case template(String)
    case file(String, doing: String, reason: String)
    case figure(String, reason: String)

    package var description: String {
      switch self {
      case .badPath(let path, let reason): "the path \"\(path)\" \(reason)"
      case .twoPages(let title, let other):
        "has the title \"\(title)\" of \(other): give each page a title of its own"
      case .samePath(let other): "differs from \(other) in nothing that every file system can tell"
      case .brokenLink(let target): "links to \(target), which the site does not have"
      case .brokenFragment(let target, let nearest):
        "links to \(target), but that page has no such id"
          + (nearest.map { "; nearest is #\($0)" } ?? "")
      case .missingAlt(let image): "the image \(image) has no alternative text"
      case .forbidden(let what, let fix): "holds \(what): \(fix)"
      case .duplicateID(let id): "has the id \"\(id)\" twice"
      case .badStructure(let what): what
      case .overBudget(let size, let limit):
        "is \(size) kB, more than the \(limit) kB that a page may have: split it or shorten its tables"
      case .missingResource(let name): "the resource \(name) is not there: build tend again"
      case .template(let what): what
      case .file(let path, let doing, let reason): "\(doing) \(path): \(reason)"
      case .figure(let id, let reason): "figure \(id): \(reason)"
      }
    }
  }
}
