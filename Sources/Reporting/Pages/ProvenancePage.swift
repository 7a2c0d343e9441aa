import Dynamics
import Markup
import Publishing

/// How this report came about: the one page that may differ between two runs on the same table.
struct ProvenancePage {
  let context: PageContext

  func page() -> SitePage {
    let input = context.study.input
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
      units(provenance, &body)
    } else {
      body.paragraph("Nothing was recorded for this report.")
    }
    probes(&body)
    body.section("Measurements", id: "measurements")
    body.paragraph(
      "\(Words.count(input.table.rows.count)) values of \(Words.counted(input.table.runs.count, "run"))."
    )
    return SitePage(
      path: context.map.provenance, title: "Provenance",
      description: "Versions, inputs with their digests, command, time.", section: "Reference",
      parents: [context.map.overview], body: body)
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
      let shown = provenance.inputs.prefix(400)
      body.table(
        TableBlock(
          caption: HTML(
            escaping: shown.count < provenance.inputs.count
              ? "The first \(shown.count) of \(Words.count(provenance.inputs.count)) files; all stand in results/provenance.json"
              : Words.counted(provenance.inputs.count, "file")),
          columns: [Column("File", .text), Column("Size"), Column("SHA-256", .text)],
          rows: shown.map { file in
            [
              .text(file.path),
              file.bytes.map { .html(HTML(escaping: Format.bytes($0)), sort: Double($0)) } ?? .none,
              .code(file.sha256),
            ]
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

  /// Where every number comes from.
  private func units(_ provenance: Provenance, _ body: inout PageBody) {
    guard !provenance.units.isEmpty else { return }
    body.section("Units of work", id: "units")
    body.paragraph(
      "A row of measurements.csv comes from the unit of its run, step and probe that lists its object, metric and rows in results/provenance.json; there each unit also names all inputs with their SHA-256."
    )
    body.table(
      TableBlock(
        caption: HTML(escaping: "Where units were measured"),
        columns: [
          Column("No."), Column("tend", .text), Column("CPU", .text), Column("BLAS", .text),
          Column("Kernel", .text), Column("Threads"), Column("Seed", .text), Column("Host", .text),
        ],
        rows: provenance.environments.enumerated().map { index, place in
          [
            .integer(index + 1), .text(place.version), .text(place.cpu), .text(place.blas),
            .text(place.kernel), .integer(place.threads), .text(place.seed), .text(place.host),
          ]
        }, label: "Where units were measured", sortable: false))
    let shown = provenance.units.prefix(2000)
    body.table(
      TableBlock(
        caption: HTML(
          escaping: shown.count < provenance.units.count
            ? "The first \(shown.count) of \(Words.count(provenance.units.count)) units; all stand in results/provenance.json"
            : Words.counted(provenance.units.count, "unit")),
        columns: [
          Column("Unit", .text), Column("Stage", .text), Column("Values"), Column("Method"),
          Column("Measured", .text), Column("Where"), Column("Seconds"), Column("Key", .text),
          Column("Inputs", .text),
        ],
        rows: shown.map { unit in
          [
            .text(unit.name), .text(AuditFigure.words(unit.stage)), .integer(unit.values),
            .text(unit.method), .text(unit.date), unit.environment.map { .integer($0) } ?? .none,
            unit.seconds.map { .number($0, decimals: 3) } ?? .none, .code(Self.short(unit.key)),
            .text(
              unit.inputs.map { "\($0.name) \(Self.short($0.value))" }.joined(separator: "; ")),
          ]
        }, label: "Units"))
  }

  /// A digest's first digits, after its kind; other words as they are.
  private static func short(_ text: String) -> String {
    let parts = text.split(separator: "/", maxSplits: 1)
    guard let digest = parts.last, digest.utf8.count == 64, digest.allSatisfy(\.isHexDigit) else {
      return text
    }
    return (parts.count > 1 ? "\(parts[0])/" : "") + digest.prefix(12) + "…"
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
