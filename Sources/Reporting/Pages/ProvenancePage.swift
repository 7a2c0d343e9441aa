import Dynamics
import Markup
import Publishing

/// How this report came about: the one page, with those below it, that may differ between two runs on
/// the same table.
struct ProvenancePage {
  /// Files that the page names; the rest stand in provenance.json.
  static let longestInputs = 200

  let context: PageContext

  /// The page, and those of single runs where their units have no room on it.
  func pages() throws -> [SitePage] {
    let input = context.study.input
    var unitPages: [SitePage] = []
    var body = PageBody()
    body.lede(
      "How this report came about. Times, hosts and versions stand here and nowhere else: every other page is a function of the tables."
    )
    if let provenance = input.provenance {
      body.facts(
        [
          ("Date", provenance.date), ("Host", provenance.host), ("CPU", provenance.cpu),
          ("Threads", String(provenance.threads)), ("BLAS kernel", provenance.blasKernel),
        ].filter { !$0.1.isEmpty }.map { Fact($0.0, HTML(escaping: $0.1)) })
      if !provenance.command.isEmpty { body.code(provenance.command, label: "Command") }
      put(provenance, &body)
      let units = ProvenanceUnits(context: context, provenance: provenance)
      unitPages = try units.put(into: &body)
    } else {
      body.paragraph("Nothing was recorded for this report.")
    }
    probes(&body)
    body.section("Measurements", id: "measurements")
    body.paragraph(
      "\(Words.count(input.table.rows.count)) values of \(Words.counted(input.table.runs.count, "run"))."
    )
    let page = SitePage(
      path: context.map.provenance, title: "Provenance",
      description: "Versions, inputs with their digests, command, time.", section: "Reference",
      parents: [context.map.overview], body: body)
    return [page] + unitPages
  }

  private func put(_ provenance: Provenance, _ body: inout PageBody) {
    if !provenance.versions.isEmpty {
      body.section("Versions", id: "versions")
      body.table(
        TableBlock(
          columns: [Column("Software", .text), Column("Version", .text)],
          rows: provenance.versions.map { [.text($0.name), .text($0.version)] },
          label: "Versions", sortable: false))
    }
    if !provenance.inputs.isEmpty {
      body.section("Inputs", id: "inputs")
      let shown = provenance.inputs.prefix(Self.longestInputs)
      let hasCommits = shown.contains { $0.commit != nil }
      body.table(
        TableBlock(
          caption: HTML(
            escaping: shown.count < provenance.inputs.count
              ? "The first \(shown.count) of \(Words.count(provenance.inputs.count)) files; all stand in results/provenance.json"
              : Words.counted(provenance.inputs.count, "file")),
          columns: [Column("File", .text), Column("Size"), Column("SHA-256", .text)]
            + (hasCommits ? [Column("Commit", .text)] : []),
          rows: shown.map { file in
            [
              .text(file.path),
              file.bytes.map { .html(HTML(escaping: Format.bytes($0)), sort: Double($0)) } ?? .none,
              .code(file.sha256),
            ] + (hasCommits ? [file.commit.map { .code($0) } ?? .none] : [])
          }, label: "Inputs"))
    }
    if !provenance.seconds.isEmpty {
      body.section("Time", id: "time")
      body.table(
        TableBlock(
          columns: [Column("Stage", .text), Column("Seconds")],
          rows: provenance.seconds.map {
            [.text(AuditFigure.words($0.name)), .number($0.seconds, decimals: 2)]
          }, label: "Time by stage", sortable: false))
    }
  }

  private func probes(_ body: inout PageBody) {
    let probes = context.study.input.probes
    guard !probes.isEmpty else { return }
    body.section("Probes", id: "probes")
    body.table(
      TableBlock(
        columns: [
          Column("Probe", .text), Column("Sequences"), Column("Tokens each"),
          Column("SHA-256", .text),
        ],
        rows: probes.map { probe in
          [
            .text(probe.name), probe.sequences.map { .integer($0) } ?? .none,
            probe.length.map { .integer($0) } ?? .none, probe.sha256.map { .code($0) } ?? .none,
          ]
        }, label: "Probes", sortable: false))
  }
}
