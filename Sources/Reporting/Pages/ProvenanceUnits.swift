import Markup
import Publishing

/// Where every number comes from: the units of work, on the provenance page while they are few, on
/// pages of their runs otherwise.
///
/// Every unit of every study stands on the site, and no page passes the size that a page may have.
struct ProvenanceUnits {
  /// Units that one page lists: about 80 kB.
  static let perPage = 200
  /// Environments that the page lists; a study on a cluster may have one a node and more.
  static let longestEnvironments = 100

  let context: PageContext
  let provenance: Provenance

  /// Puts the units into the provenance page; the pages that they go to beyond it.
  func put(into body: inout PageBody) throws -> [SitePage] {
    let units = provenance.units
    analysis(&body)
    guard !units.isEmpty else {
      if !provenance.analysis.isEmpty { environments(&body) }
      return []
    }
    body.section("Units of work", id: "units")
    body.paragraph(
      "A row of measurements.csv comes from the unit of its run, step and probe that lists its object, metric and rows in results/provenance.json; there each unit also names all inputs with their SHA-256."
    )
    environments(&body)
    guard units.count > Self.perPage else {
      body.table(table(units[...], caption: Words.counted(units.count, "unit"), label: "Units"))
      return []
    }
    let runs = try runs()
    let pages = runs.flatMap(pages)
    body.table(byRun(runs))
    body.table(byStage())
    return pages
  }

  /// What convergence, associations and claims came from.
  private func analysis(_ body: inout PageBody) {
    guard !provenance.analysis.isEmpty else { return }
    body.section("Analysis", id: "analysis")
    body.paragraph(
      "All rows of convergence.csv and associations.csv and all claims come from one analysis of the tables whose SHA-256 it names; results/provenance.json names the rows, words and drawing behind each figure too."
    )
    body.table(table(provenance.analysis[...], caption: "The analysis", label: "Analysis"))
  }

  // MARK: A run

  private struct Run {
    let name: String
    let units: [Provenance.Unit]
    /// Of its pages, in their order.
    let paths: [SitePath]
  }

  /// The runs in the order of their first units.
  private func runs() throws -> [Run] {
    var order: [String] = []
    var members: [String: [Provenance.Unit]] = [:]
    for unit in provenance.units {
      if members[unit.run] == nil { order.append(unit.run) }
      members[unit.run, default: []].append(unit)
    }
    let folders = Slugs.unique(order, by: Slugs.folder)
    return try zip(order, folders).map { name, folder in
      let units = members[name] ?? []
      let count = (units.count + Self.perPage - 1) / Self.perPage
      let paths = try (1...max(1, count)).map { number in
        try SitePath("provenance/\(folder)/" + (number == 1 ? "" : "\(number)/") + "index.html")
      }
      return Run(name: name, units: units, paths: paths)
    }
  }

  private func pages(_ run: Run) -> [SitePage] {
    run.paths.enumerated().map { index, path in
      let start = index * Self.perPage
      let shown = run.units[start..<min(start + Self.perPage, run.units.count)]
      let part = run.paths.count > 1 ? ", part \(index + 1) of \(run.paths.count)" : ""
      var body = PageBody()
      body.lede(
        HTML(
          escaping:
            "Units \(Words.count(start + 1)) to \(Words.count(start + shown.count)) of \(Words.count(run.units.count)) that the numbers of \(run.name) come from."
        ))
      if run.paths.count > 1 {
        body.paragraph(
          ("Parts: " as HTML)
            + run.paths.enumerated().map { number, other in
              number == index
                ? HTML(escaping: "\(number + 1)") : Link(to: other, "\(number + 1)")
            }.joined(separator: " "))
      }
      body.paragraph(
        "The column Where counts the \(Link(to: context.map.provenance.link("units"), "environments"))."
      )
      body.table(table(shown, caption: "", label: "Units of \(run.name)"))
      return SitePage(
        path: path, title: "Provenance of \(run.name)\(part)",
        description: "The units of work behind the numbers of \(run.name).", section: "Reference",
        parents: [context.map.overview, context.map.provenance], body: body, listed: false)
    }
  }

  // MARK: Tables

  private func environments(_ body: inout PageBody) {
    let shown = provenance.environments.prefix(Self.longestEnvironments)
    body.table(
      TableBlock(
        caption: "Where it was computed",
        columns: [
          Column("No."), Column("tend", .text), Column("CPU", .text), Column("BLAS", .text),
          Column("Kernel", .text), Column("Threads"), Column("Seed", .text), Column("Host", .text),
        ],
        rows: shown.enumerated().map { index, place in
          [
            .integer(index + 1), .text(place.version), .text(place.cpu), .text(place.blas),
            .text(place.kernel), .integer(place.threads), .text(place.seed), .text(place.host),
          ]
        }, label: "Where it was computed", sortable: false))
    let rest = provenance.environments.count - shown.count
    if rest > 0 {
      body.note(HTML(escaping: "\(Words.count(rest)) more stand in results/provenance.json."))
    }
  }

  private func byRun(_ runs: [Run]) -> TableBlock {
    TableBlock(
      caption: HTML(escaping: "\(Words.counted(provenance.units.count, "unit")) by run"),
      columns: [
        Column("Run", .text), Column("Units"), Column("Values"), Column("Seconds"),
        Column("First", .text), Column("Last", .text),
      ],
      rows: runs.map { run in
        let dates = run.units.map(\.date).filter { !$0.isEmpty }
        return [
          run.paths.first.map { .link($0, run.name) } ?? .text(run.name)
        ] + sums(run.units) + [.text(dates.min() ?? ""), .text(dates.max() ?? "")]
      }, label: "Units by run")
  }

  private func byStage() -> TableBlock {
    var order: [String] = []
    var members: [String: [Provenance.Unit]] = [:]
    for unit in provenance.units {
      if members[unit.stage] == nil { order.append(unit.stage) }
      members[unit.stage, default: []].append(unit)
    }
    return TableBlock(
      caption: HTML(escaping: "\(Words.counted(provenance.units.count, "unit")) by stage"),
      columns: [
        Column("Stage", .text), Column("Units"), Column("Values"), Column("Seconds"),
        Column("Methods", .text),
      ],
      rows: order.map { stage in
        let units = members[stage] ?? []
        let methods = Set(units.map(\.method)).filter { !$0.isEmpty }.sorted()
        return [.text(AuditFigure.words(stage))] + sums(units)
          + [.text(methods.joined(separator: ", "))]
      }, label: "Units by stage")
  }

  /// Number, values and seconds.
  private func sums(_ units: [Provenance.Unit]) -> [Cell] {
    let seconds = units.compactMap(\.seconds)
    return [
      .integer(units.count), .integer(units.reduce(0) { $0 + $1.values }),
      seconds.isEmpty ? .none : .number(seconds.reduce(0, +), decimals: 1),
    ]
  }

  private func table(
    _ units: ArraySlice<Provenance.Unit>, caption: String, label: String
  ) -> TableBlock {
    TableBlock(
      caption: HTML(escaping: caption),
      columns: [
        Column("Unit", .text), Column("Stage", .text), Column("Values"), Column("Method"),
        Column("Measured", .text), Column("Where"), Column("Seconds"), Column("Key", .text),
        Column("Inputs", .wide),
      ],
      rows: units.map { unit in
        [
          .text(unit.name), .text(AuditFigure.words(unit.stage)), .integer(unit.values),
          .text(unit.method), .text(unit.date), unit.environment.map { .integer($0) } ?? .none,
          unit.seconds.map { .number($0, decimals: 3) } ?? .none, .code(Self.short(unit.key)),
          .text(unit.inputs.map { "\($0.name) \(Self.short($0.value))" }.joined(separator: "; ")),
        ]
      }, label: label)
  }

  /// A digest's first digits, after its kind; other words as they are.
  private static func short(_ text: String) -> String {
    let parts = text.split(separator: "/", maxSplits: 1)
    guard let digest = parts.last, digest.utf8.count == 64, digest.allSatisfy(\.isHexDigit) else {
      return text
    }
    return (parts.count > 1 ? "\(parts[0])/" : "") + digest.prefix(12) + "…"
  }
}
