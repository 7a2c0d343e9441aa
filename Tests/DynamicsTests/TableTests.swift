import Testing

@testable import Dynamics

@Suite struct TableTests {
  private func row(_ step: Int, _ value: Double, run: String = "a", layer: Int? = 0) -> Measurement
  {
    Measurement(
      run: run, step: step, layer: layer, component: "mlp", object: "activations", metric: "cka",
      rows: "last", probe: "p", value: value, n: 128)
  }

  @Test func writtenTablesReadBackTheSame() throws {
    let values = [0.1 + 0.2, 1e-300, -0, 0.91, 1.0 / 3, 5e22]
    var rows = values.enumerated().map { row($0.offset, $0.element) }
    rows.append(row(7, .nan))
    rows.append(row(8, 0.5, run: "=cmd|' /C calc'!A0, \"b\"\n"))
    rows.append(row(9, 0.5, run: "'quoted"))
    let table = try MeasurementTable(rows.reversed())
    let text = table.csv()
    let back = try MeasurementTable(csv: Array(text.utf8), file: "m.csv")
    #expect(back.csv() == text)
    #expect(back.rows.count == table.rows.count)
    #expect(
      Array(back.rows.filter { $0.value.isFinite }) == table.rows.filter { $0.value.isFinite })
    #expect(back.missing.map(\.step) == [7])
    #expect(!text.split(separator: "\n").contains { $0.hasPrefix("=") })
  }

  @Test func whatATerminalObeysIsVisibleInNames() throws {
    let line =
      "\u{1B}[31mred\u{9B}0m\u{7F},5,0,,mlp,activations,cka,default,last,\u{7}p,0.5,,,128\n"
    let text = Measurement.columns.joined(separator: ",") + "\n" + line
    let table = try MeasurementTable(csv: Array(text.utf8), file: "m.csv")
    #expect(table.rows.map(\.run) == ["␛[31mred\u{FFFD}0m␡"])
    #expect(table.rows.map(\.probe) == ["␇p"])
    let again = try MeasurementTable(csv: Array(table.csv().utf8), file: "m.csv")
    #expect(again.csv() == table.csv())
    #expect(!table.csv().unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" })
  }

  @Test func rowsAreSortedByAllKeysWithNumbersBySize() throws {
    let table = try MeasurementTable([row(10, 1), row(9, 1), row(9, 1, layer: nil), row(2, 1)])
    #expect(table.rows.map(\.step) == [2, 9, 9, 10])
    #expect(table.rows.map(\.layer) == [0, nil, 0, 0])
  }

  @Test func aKeyTwiceIsNamedWithBothLines() {
    let line = "a,5,0,,mlp,activations,cka,default,last,p,0.5,,,128\n"
    let text = Measurement.columns.joined(separator: ",") + "\n" + line + line
    #expect(
      throws: DynamicsError.malformedTable(
        file: "m.csv",
        findings: [
          TableFinding(
            line: 3, expected: "each key once",
            found: "run a, step 5, layer 0, mlp activations cka (default, last, p) as in line 2")
        ], more: 0)
    ) { try MeasurementTable(csv: Array(text.utf8), file: "m.csv") }
    #expect(throws: DynamicsError.self) { try MeasurementTable([row(1, 1), row(1, 2)]) }
  }

  @Test(arguments: [
    ("a,x,0,,mlp,activations,cka,default,last,p,0.5,,,1", "step"),
    ("a,,0,,mlp,activations,cka,default,last,p,0.5,,,1", "step"),
    ("a,-1,0,,mlp,activations,cka,default,last,p,0.5,,,1", "step"),
    ("a,9999999999999999999,0,,mlp,activations,cka,default,last,p,0.5,,,1", "step"),
    (",1,0,,mlp,activations,cka,default,last,p,0.5,,,1", "run"),
    ("a,1,0,,nlp,activations,cka,default,last,p,0.5,,,1", "component"),
    ("a,1,0,,mlp,activation,cka,default,last,p,0.5,,,1", "object"),
    ("a,1,0,,mlp,activations,kca,default,last,p,0.5,,,1", "metric"),
    ("a,1,0,,mlp,activations,cka,defualt,last,p,0.5,,,1", "variant"),
    ("a,1,0,,mlp,activations,cka,default,first,p,0.5,,,1", "rows"),
    ("a,1,,2,mlp,activations,cka,default,last,p,0.5,,,1", "layer"),
    ("a,1,0,,mlp,activations,cka,default,last,p,0x1p3,,,1", "value"),
    ("a,1,0,,mlp,activations,cka,default,last,p, 0.5,,,1", "value"),
    ("a,1,0,,mlp,activations,cka,default,last,p,0.5,,,1.5", "n"),
  ])
  func brokenFieldsAreNamedByLineAndColumn(record: String, column: String) {
    let text = Measurement.columns.joined(separator: ",") + "\n" + record + "\n"
    do {
      _ = try MeasurementTable(csv: Array(text.utf8), file: "m.csv")
      Issue.record("accepted \(record)")
    } catch {
      guard case .malformedTable(let file, let findings, let more) = error else {
        Issue.record("another error: \(error)")
        return
      }
      #expect(file == "m.csv")
      #expect(more == 0)
      #expect(findings.map(\.line) == [2])
      #expect(findings.map(\.column) == [column])
    }
  }

  @Test func allFindingsAreCountedAndTwentyListed() {
    let bad = String(repeating: "a,x,0,,mlp,activations,cka,default,last,p,0.5,,,1\n", count: 30)
    let text = Measurement.columns.joined(separator: ",") + "\n" + bad
    do {
      _ = try MeasurementTable(csv: Array(text.utf8), file: "m.csv")
      Issue.record("accepted")
    } catch {
      guard case .malformedTable(_, let findings, let more) = error else {
        Issue.record("another error: \(error)")
        return
      }
      #expect(findings.count == 20)
      #expect(more == 10)
    }
  }

  @Test(arguments: ["run,step\n", "", "\u{FEFF}run,step,layer\n"])
  func aForeignHeaderIsRefused(text: String) {
    #expect(throws: DynamicsError.self) {
      try MeasurementTable(csv: Array(text.utf8), file: "m.csv")
    }
  }

  @Test func hostileBytesAreFindingsNotCrashes() {
    let header = Array((Measurement.columns.joined(separator: ",") + "\n").utf8)
    for tail: [UInt8] in [[0xFF, 0xFE], Array("\"open".utf8), Array("a\"b,1".utf8), [0], [0x0D]] {
      #expect(throws: DynamicsError.self) {
        try MeasurementTable(csv: header + tail, file: "m.csv")
      }
    }
  }

  @Test func runsAndAuditReadBackTheSame() throws {
    let runs = [
      RunDescription(run: "a", parameters: 10, layers: 2, finalStep: 7, group: "g"),
      RunDescription(run: "b-seed3", arm: "-raise"),
    ]
    let text = TableWriter.csv(runs)
    #expect(try RunDescription.read(csv: Array(text.utf8), file: "runs.csv") == runs)
    #expect(runs[1].seed == 3)
    let audit = [
      AuditFinding(
        run: "a", step: 4, check: "content", finding: "identical_final", otherStep: 7,
        excluded: true, detail: "shard, 1")
    ]
    let list = TableWriter.csv(audit)
    #expect(try AuditFinding.read(csv: Array(list.utf8), file: "audit.csv") == audit)
  }

  @Test func jsonHoldsTheSameRowsWithNullsAndEscapes() throws {
    let table = try MeasurementTable([row(1, .nan, run: "</script>\u{2028}")])
    #expect(
      table.json() == """
        [
        {"run":"\\u003c/script>\\u2028","step":1,"layer":0,"head":null,"component":"mlp",\
        "object":"activations","metric":"cka","variant":"default","rows":"last","probe":"p",\
        "value":null,"lower":null,"upper":null,"n":128}
        ]

        """)
  }
}
