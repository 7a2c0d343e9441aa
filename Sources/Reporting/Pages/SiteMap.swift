import Dynamics
import Publishing

/// Where every page of the report is.
struct SiteMap: Sendable {
  let overview = SitePath.index
  let sensitivity: SitePath
  let runsCompared: SitePath
  let differences: SitePath
  let methods: SitePath
  let glossary: SitePath
  let data: SitePath
  let provenance: SitePath
  let cite: SitePath
  /// As ``pages()``.
  let named: [String: SitePath]
  private let claims: [String: SitePath]
  private let runs: [String: SitePath]
  private let components: [String: SitePath]
  private let measures: [String: SitePath]

  init(_ study: StudyView) throws {
    named = try Self.pages()
    sensitivity = named["sensitivity", default: .index]
    runsCompared = named["runs", default: .index]
    differences = named["differences", default: .index]
    methods = named["methods", default: .index]
    glossary = named["glossary", default: .index]
    data = named["data", default: .index]
    provenance = named["provenance", default: .index]
    cite = named["cite", default: .index]
    claims = try Dictionary(
      study.claimIDs.map { ($0, try SitePath("claims/\(Slugs.slug($0))/index.html")) },
      uniquingKeysWith: { a, _ in a })
    runs = try Dictionary(
      study.runs.map { ($0.name, try SitePath("runs/\($0.folder)/index.html")) },
      uniquingKeysWith: { a, _ in a })
    components = try Dictionary(
      study.components.map { ($0, try SitePath("components/\(Slugs.slug($0))/index.html")) },
      uniquingKeysWith: { a, _ in a })
    measures = try Dictionary(
      FigureCatalogue.measures(study).map {
        ($0, try SitePath("measures/\(Slugs.slug($0))/index.html"))
      }, uniquingKeysWith: { a, _ in a })
  }

  /// The pages that every report has, by the name that an author's link uses.
  static func pages() throws -> [String: SitePath] {
    [
      "overview": .index, "sensitivity": try SitePath("claims/index.html"),
      "runs": try SitePath("runs/index.html"),
      "differences": try SitePath("differences/index.html"),
      "methods": try SitePath("methods/index.html"),
      "glossary": try SitePath("glossary/index.html"), "data": try SitePath("data/index.html"),
      "provenance": try SitePath("provenance/index.html"), "cite": try SitePath("cite/index.html"),
    ]
  }

  func claim(_ id: String) -> SitePath { claims[id] ?? sensitivity }
  func run(_ run: RunView) -> SitePath { runs[run.name] ?? runsCompared }
  func component(_ component: String) -> SitePath { components[component] ?? overview }
  func measure(_ metric: String) -> SitePath { measures[metric] ?? methods }
}
