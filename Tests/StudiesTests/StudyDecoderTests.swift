import Capture
import Testing

@testable import Studies

@Suite struct StudyDecoderTests {
  private func findings(_ text: String) -> [StudyFinding] {
    do {
      _ = try StudyDecoder.decode(text, file: "/studies/study.yaml")
      return []
    } catch StudyError.invalid(_, let findings) {
      return findings
    } catch {
      Issue.record("\(error)")
      return []
    }
  }

  @Test func labelsOfRunsDifferFromOneAnotherAndFromOtherNames() throws {
    let start = "name: s\nprobes: [{name: p, tokens: p.npy}]\nruns:\n"
    func run(_ name: String, _ label: String) -> String {
      "  - {name: \(name), checkpoints: \(name), label: \(label)}\n"
    }
    let good = try StudyDecoder.decode(
      start + run("層", "layer") + run("b", "b") + "  - {name: c, checkpoints: c}\n",
      file: "/s/study.yaml")
    #expect(good.labels == ["層": "layer", "b": "b"])
    let same = findings(start + run("a", "x") + run("b", "x"))
    #expect(same.count == 1 && same[0].line == 5 && same[0].message.contains("runs[1].label"))
    // Names may be exchanged, but a label that is the name of a run without one may not.
    #expect(findings(start + run("a", "b") + run("b", "a")).isEmpty)
    #expect(findings(start + run("a", "b") + "  - {name: b, checkpoints: b}\n").count == 1)
    #expect(findings(start + run("a", "\"a\\tb\"")).count == 1)
    #expect(findings(start + run("a", "\" \"")).count == 1)
  }

  @Test func theSmallestStudyHasTheDocumentedDefaults() throws {
    let study = try StudyDecoder.decode(
      """
      name: mini-pythia
      runs:
        - name: nano
          checkpoints: data/nano-seed0
      probes:
        - name: a
          tokens: data/probe_a.npy
      """, file: "/studies/study.yaml")
    #expect(study.runs[0].checkpoints == "/studies/data/nano-seed0")
    #expect(study.probes[0].source == .tokens(path: "/studies/data/probe_a.npy"))
    #expect(study.measure.objects == [.activations, .weights, .gradients])
    #expect(study.measure.components == [.mlp, .ov, .attention, .residual])
    #expect(study.measure.rows == [.last])
    #expect(study.measure.similarity == ["cka_debiased", "cka"])
    #expect(study.measure.spectra == ["per", "effective_rank", "stable_rank"])
    #expect(study.measure.heads && study.measure.published && !study.measure.pico)
    #expect(study.measure.gradients == .probe)
    #expect(!study.namesObjects)
  }

  @Test func gradientsHaveOneSource() throws {
    func study(_ gradients: String) -> String {
      "name: a\nruns: [{name: r, checkpoints: r}]\nmeasure:\n  gradients: \(gradients)\n"
    }
    func source(_ gradients: String) throws -> MeasureSettings.GradientBatches {
      try StudyDecoder.decode(study(gradients), file: "/s/study.yaml").measure.gradients
    }
    #expect(try source("{batches: b.npy}") == .file("/s/b.npy"))
    var data = IndexedSource(path: "/s/pile", step: 0)
    #expect(try source("{indexed: pile}") == .indexed(data, window: 5))
    (data.batch, data.sequences, data.length) = (512, 8, 128)
    #expect(
      try source("{indexed: pile, window: 0, batch: 512, sequences: 8, length: 128}")
        == .indexed(data, window: 0))
    for (wrong, word) in [
      ("{batches: probe, indexed: pile}", "one source"), ("{window: 5}", "goes with"),
      ("{indexed: pile, window: -1}", "window"), ("{indexed: pile, batch: 0}", "batch"),
      ("{indexed: pile, step: 4}", "step"), ("{indexed: [pile]}", "indexed"),
    ] {
      let found = findings(study(wrong))
      #expect(found.count == 1 && found[0].line == 4, "\(wrong): \(found)")
      #expect(found.first?.message.contains(word) == true, "\(found)")
    }
  }

  @Test func theAxisOfTrainingIsASetting() throws {
    let text = "name: a\nmeasurements: t.csv\n"
    #expect(try StudyDecoder.decode(text, file: "/s/study.yaml").figures == Study.Figures())
    let study = try StudyDecoder.decode(
      text + "figures: {axis: tokens, tokens_per_step: 2097152}\n", file: "/s/study.yaml")
    #expect(study.figures == Study.Figures(axis: .tokens, tokensPerStep: 2_097_152))
    for (wrong, place) in [
      ("{axis: epochs}", "axis"), ("{axis: tokens, tokens_per_step: 0}", "tokens_per_step"),
      ("{tokens_per_step: 5}", "tokens_per_step"), ("{colour: red}", "colour"),
    ] {
      let found = findings(text + "figures: \(wrong)\n")
      #expect(found.count == 1 && found[0].line == 3, "\(wrong): \(found)")
      #expect(found.first?.message.contains(place) == true, "\(found)")
    }
  }

  @Test func tenMistakesGiveTenFindingsWithTheirLines() {
    let found = findings(
      """
      name: my/study
      titel: A study
      runs:
        - name: a
          checkpoints: x
        - name: a
          checkpoint: y
        - name: b
          checkpoints: z
          steps: [0, 0, 5]
          final: 7
      probes:
        - name: p
      measure:
        similarity: [cka, ckaa]
        heads: perhaps
        rows: [first]
      """)
    #expect(found.map(\.line) == [1, 2, 6, 6, 7, 10, 11, 13, 15, 16, 17])
    #expect(found.allSatisfy { $0.column != nil })
    #expect(found[1].message == "titel: unknown key; did you mean title?")
    #expect(found[4].message.hasSuffix("did you mean checkpoints?"))
    #expect(found[8].message.contains("did you mean cka?"))
  }

  @Test func aMegabyteOfAliasesIsRefusedAtOnce() {
    var text = "name: x\na: &a [x, x]\n"
    for index in 0..<2000 { text += "b\(index): [*a, *a, *a]\n" }
    #expect(findings(text).contains { $0.message.contains("aliases") })
  }

  @Test(arguments: ["[", "{a: ", "- ", "a:\n "])
  func nestingWithoutEndIsRefused(opening: String) {
    let text =
      opening.hasSuffix("\n ")
      ? (0..<400).map { String(repeating: " ", count: $0) + "a:" }.joined(separator: "\n")
      : String(repeating: opening, count: 100_000)
    #expect(!findings(text).isEmpty)
  }

  @Test(arguments: ["", "- a", "name", "name: x\nname: y", "name: [", "name: \u{1B}[2J"])
  func whatIsNoStudyGivesAFinding(text: String) {
    #expect(!findings(text).isEmpty)
  }

  @Test(arguments: ["a/b", "..", "a\\b", "a\u{7}b", String(repeating: "x", count: 200)])
  func aRunNameThatCannotBeAFileNameIsRefused(name: String) {
    let escaped = name.replacing("\\", with: "\\\\").replacing("\u{7}", with: "\\a")
    let found = findings("name: s\nruns: [{name: \"\(escaped)\", checkpoints: x}]\nprobes: []")
    #expect(found.contains { $0.message.hasPrefix("runs[0].name:") })
  }

  @Test func anUnknownMeasureNamesTheKnownOnes() {
    let found = findings(
      "name: s\nruns: [{name: a, checkpoints: x}]\nmeasure: {objects: [activation]}")
    #expect(
      found.map(\.message) == [
        "measure.objects[0]: \"activation\" is not one of activations, weights, gradients; did you mean activations?"
      ])
  }

  @Test func messagesCannotSteerATerminal() {
    #expect(Spelling.inert("a\u{1B}[31mb\n\u{202E}c") == "a\\u{1b}[31mb\\u{a}\\u{202e}c")
  }
}
