import Dynamics
import Foundation
import Markup
import Publishing

/// The author's own Markdown pages, with figures and numbers by name so that prose cannot drift
/// from the data.
struct AuthorPages {
  let context: PageContext

  /// The pages in the order that their front matter asks for, then by name.
  func pages() throws -> [SitePage] {
    guard let folder = context.study.input.authorPages else { return [] }
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue
    else { return [] }
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: folder)
    } catch {
      throw ReportError.file(path: folder, doing: "list", reason: error.localizedDescription)
    }
    var findings: [MarkupError.Finding] = []
    var pages: [(order: Int, page: SitePage)] = []
    let sources = names.filter { $0.hasSuffix(".md") && !$0.hasPrefix(".") }
      .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    let slugs = Slugs.unique(sources.map { String($0.dropLast(3)) }, by: Slugs.slug)
    for (name, slug) in zip(sources, slugs) {
      do {
        pages.append(try page(folder + "/" + name, name: name, slug: slug))
      } catch let error as MarkupError {
        findings += error.findings
      }
    }
    guard findings.isEmpty else { throw MarkupError(findings: findings) }
    return pages.enumerated().sorted {
      ($0.element.order, $0.offset) < ($1.element.order, $1.offset)
    }
    .map(\.element.page)
  }

  private func page(
    _ path: String, name: String, slug: String
  ) throws -> (order: Int, page: SitePage) {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw ReportError.file(path: path, doing: "read", reason: "it cannot be opened")
    }
    guard let text = String(validating: data, as: UTF8.self) else {
      throw ReportError.file(path: path, doing: "read", reason: "it is not UTF-8")
    }
    let file = "pages/" + name
    let source = try MarkdownSource(contents: text, file: file)
    let front = try AuthorFrontMatter(source)
    let own = try SitePath("pages/\(slug)/index.html")
    let rendered = try MarkdownRenderer(resolver: resolver()).render(source)
    var body = PageBody()
    body.append(rendered)
    return (
      front.order,
      SitePage(
        path: own, title: front.title ?? rendered.title ?? String(name.dropLast(3)),
        shortTitle: front.short ?? front.title ?? rendered.title ?? String(name.dropLast(3)),
        description: front.description ?? "", section: "Pages",
        parents: [context.map.overview], body: body)
    )
  }

  private func resolver() -> MarkdownResolver {
    let context = context
    var resolver = MarkdownResolver.plain
    resolver.block = { destination, _ in
      guard destination.hasPrefix("figure:") else {
        return .unknown(reason: "write ![](figure:ID) for a figure of the report")
      }
      let id = String(destination.dropFirst("figure:".count))
      do {
        guard let block = try context.block(id) else {
          let known = context.catalogue.drawn.map(\.id)
          return .unknown(
            reason:
              "no figure has this id; this study has \(known.prefix(12).joined(separator: ", "))\(known.count > 12 ? " …" : "")"
          )
        }
        var body = PageBody()
        body.figure(block)
        return .found(body.html)
      } catch {
        return .unknown(reason: "\(error)")
      }
    }
    resolver.value = { name in InlineValue(context: context).answer(name) }
    return resolver
  }
}

/// The few settings at the top of an author's page: `key: value` lines.
struct AuthorFrontMatter {
  private(set) var title: String?
  private(set) var short: String?
  private(set) var description: String?
  private(set) var order = 0

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
      case "order":
        guard let number = Int(value) else {
          mistake("order is a whole number")
          continue
        }
        order = number
      default: mistake("unknown key; known are title, short, description, order")
      }
    }
    guard findings.isEmpty else { throw MarkupError(findings: findings) }
  }
}

/// A number by name inside a text: `{{at_0.2 nano mlp}}`.
struct InlineValue {
  let context: PageContext

  private static let usage =
    "write {{MEASURE RUN COMPONENT}} with a measure such as at_0.2, settled, area or monotonicity, {{claim C1}}, {{runs}}, {{layers}} or {{measurements}}"

  func answer(_ name: String) -> MarkdownResolver.Answer<HTML> {
    let study = context.study
    let words = name.split(separator: " ").map(String.init)
    switch (words.first, words.count) {
    case ("runs", 1): return .found("\(study.runs.count)")
    case ("layers", 1): return .found("\(study.runs.map(\.layers).reduce(0, +))")
    case ("measurements", 1):
      return .found(HTML(escaping: Words.count(study.input.table.rows.count)))
    case ("claim", 2):
      guard let claim = study.claim(words[1]) else {
        return .unknown(
          reason: "no claim \(words[1]); this study has \(study.claimIDs.joined(separator: ", "))")
      }
      return .found(HTML(escaping: claim.sentence))
    case (let measure?, 3...): return measured(measure, words)
    default: return .unknown(reason: Self.usage)
    }
  }

  private func measured(
    _ measure: String, _ words: [String]
  ) -> MarkdownResolver.Answer<HTML> {
    let study = context.study
    // A run's name may hold spaces: it is what stands between the measure and the component.
    let runName = words.dropFirst().dropLast().joined(separator: " ")
    let component = words.last ?? ""
    guard let run = study.runs.first(where: { $0.name == runName }) else {
      return .unknown(
        reason:
          "no run is called \"\(runName)\"; the runs are \(study.runs.map(\.name).joined(separator: ", "))"
      )
    }
    guard study.components.contains(component) else {
      return .unknown(
        reason:
          "no component \"\(component)\"; there are \(study.components.joined(separator: ", "))"
      )
    }
    let quantity = study.similarityQuantity(component)
    if measure == "settled" {
      guard let share = study.convergence.settledShare(run, quantity) else {
        return .unknown(reason: "no settling is defined for \(runName) and \(component)")
      }
      return .found(HTML(escaping: Words.percent(share.share)))
    }
    guard !study.convergence.layers(run, quantity, measure).isEmpty else {
      return .unknown(reason: Self.usage)
    }
    let median = study.convergence.median(run, quantity, measure)
    return .found(HTML(escaping: median.map { Words.number($0) } ?? "never"))
  }
}
